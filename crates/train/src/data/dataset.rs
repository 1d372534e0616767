//! Dataset: samples with labels and weights that `fit` cuts into batches. They are checked and
//! aligned with the model; what is not in memory is so when it is read.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use ceratops_core::{Error, Result, Samples, Shape, Tensor};

use super::{Batch, class_weights::class_weights, labels::align};
use crate::Loss;

/// Samples with a label each, and maybe a weight each.
#[derive(Debug, Clone)]
pub(crate) struct Dataset {
    x: Samples,
    y: Samples,
    weights: Option<Tensor>,
    /// Weights that labels have by their classes, which are known once the labels are aligned.
    class_weight: Option<Arc<BTreeMap<usize, f32>>>,
    /// What labels are aligned with as they are read, where they are not in memory.
    later: Option<(Shape, Arc<dyn Loss>)>,
}

impl Dataset {
    /// The samples `x` with labels `y`: as many of one as of the other, and at least one.
    pub(crate) fn new(x: Samples, y: Samples, weights: Option<Tensor>) -> Result<Self> {
        if let Some((name, _)) = [("x", &x), ("y", &y)].iter().find(|(_, s)| s.shape().is_empty()) {
            return Err(Error::Data(format!(
                "{name} is a single number; the first axis of x and y must count the samples"
            )));
        }
        if x.len() != y.len() || weights.as_ref().is_some_and(|w| w.batch() != x.len()) {
            let weights =
                weights.map(|w| format!(", sample_weight has {}", w.batch())).unwrap_or_default();
            return Err(Error::Data(format!(
                "data cardinality is ambiguous: x has {} samples, y has {}{weights}; each sample \
                 needs one label, and the first axis must count the samples",
                x.len(),
                y.len()
            )));
        }
        if x.is_empty() {
            return Err(Error::Data(
                "there are no samples: x and y are empty; check how the data was read".into(),
            ));
        }
        Ok(Self { x, y, weights, class_weight: None, later: None })
    }

    /// The samples of a batch.
    pub(crate) fn of_batch(batch: Batch) -> Result<Self> {
        let Batch { x, y, sample_weight } = batch;
        Self::new(x.into(), y.into(), sample_weight)
    }

    /// The number of samples.
    pub(crate) fn len(&self) -> usize {
        self.x.len()
    }

    pub(crate) fn x_shape(&self) -> Vec<usize> {
        self.x.shape()
    }

    pub(crate) fn y_shape(&self) -> Vec<usize> {
        self.y.shape()
    }

    /// Whether a part of it is read from a file, say.
    pub(crate) fn is_read(&self) -> bool {
        self.x.in_memory().is_none() || self.y.in_memory().is_none()
    }

    /// The same data with labels of a shape that goes with the model's `output`, both fit for
    /// `loss`.
    pub(crate) fn aligned(mut self, output: &Shape, loss: Arc<dyn Loss>) -> Result<Self> {
        match self.y.in_memory() {
            Some(y) => {
                let y = align(y.clone(), output, &*loss)?;
                loss.check_labels(&y, output.last().unwrap_or(1))?;
                if let Some(class_weight) = self.class_weight.take() {
                    self.weights = Some(by_class(&y, output, &*loss, &class_weight)?);
                }
                self.y = y.into();
            }
            None => {
                align(self.y.read(0..1)?, output, &*loss)?;
                self.later = Some((output.clone(), loss));
            }
        }
        if let Some(weights) = &self.weights {
            let rows = output.axes().get(..output.ndim().saturating_sub(1)).unwrap_or_default();
            let rows = Shape::from(rows.to_vec()).with_axis(0, Some(self.len()));
            if weights.len() != self.len() && !rows.admits(weights.shape()) {
                let help = "give one weight for each sample";
                let expected = Shape::of(&[self.len()]);
                return Err(Error::shape("sample_weight", expected, weights.shape(), help));
            }
        }
        Ok(self)
    }

    /// The data whose labels weigh as much as their classes; 1 where a class has no weight.
    pub(crate) fn class_weighted(self, class_weight: &Arc<BTreeMap<usize, f32>>) -> Result<Self> {
        if self.weights.is_some() {
            let expected = "class_weight or weights of samples";
            return Err(Error::argument("class_weight", expected, "both of them")
                .with_help("multiply the weights of the classes into those of the samples"));
        }
        Ok(Self { class_weight: Some(class_weight.clone()), ..self })
    }

    /// The samples before and after the last `fraction` of them, as Keras counts.
    pub(crate) fn split(self, fraction: f64) -> Result<(Self, Self)> {
        if !(0.0..1.0).contains(&fraction) {
            let expected = "a number from 0 to below 1";
            return Err(Error::argument("validation_split", expected, fraction));
        }
        let n = self.len();
        let at = (n as f64 * (1.0 - fraction)).floor() as usize;
        if at == 0 || at == n {
            let few = if at == 0 { "train on" } else { "validate on" };
            return Err(Error::Data(format!(
                "validation_split={fraction} of {n} samples leaves none to {few}; give more data \
                 or another fraction, or use validation_data"
            )));
        }
        Ok((self.slice(0..at)?, self.slice(at..n)?))
    }

    fn slice(&self, range: Range<usize>) -> Result<Self> {
        let weights = self.weights.as_ref().map(|w| w.batch_slice(range.clone())).transpose()?;
        let (x, y) = (self.x.slice(range.clone())?, self.y.slice(range)?);
        Ok(Self {
            x,
            y,
            weights,
            class_weight: self.class_weight.clone(),
            later: self.later.clone(),
        })
    }

    /// The samples of `range`.
    pub(crate) fn read(&self, range: Range<usize>) -> Result<Batch> {
        let weights = match &self.weights {
            Some(weights) if range == (0..self.len()) => Some(weights.clone()),
            weights => weights.as_ref().map(|w| w.batch_slice(range.clone())).transpose()?,
        };
        self.ready(self.x.read(range.clone())?, self.y.read(range)?, weights)
    }

    /// The samples at `indices`, in that order.
    pub(crate) fn gather(&self, indices: &[usize]) -> Result<Batch> {
        let weights = self.weights.as_ref().map(|w| w.batch_gather(indices)).transpose()?;
        self.ready(self.x.gather(indices)?, self.y.gather(indices)?, weights)
    }

    /// A number that other data seldom have: of the first sample, the last, and the one between.
    pub(crate) fn fingerprint(&self) -> Result<u64> {
        let n = self.len();
        let Batch { x, y, sample_weight } = self.gather(&[0, n / 2, n - 1])?;
        let weights = sample_weight.as_ref().map_or(&[][..], Tensor::as_slice);
        let all = x.as_slice().iter().chain(y.as_slice()).chain(weights);
        // Fowler, Noll and Vo's hash, 1a.
        let mix =
            |hash: u64, x: &f32| (hash ^ u64::from(x.to_bits())).wrapping_mul(0x100_0000_01b3);
        Ok(all.fold(0xcbf2_9ce4_8422_2325, mix))
    }

    /// What was read, with labels that go with the model and weights of their classes.
    fn ready(&self, x: Tensor, mut y: Tensor, mut sample_weight: Option<Tensor>) -> Result<Batch> {
        if let Some((output, loss)) = &self.later {
            y = align(y, output, &**loss)?;
            loss.check_labels(&y, output.last().unwrap_or(1))?;
            if let Some(class_weight) = &self.class_weight {
                sample_weight = Some(by_class(&y, output, &**loss, class_weight)?);
            }
        }
        Ok(Batch { x, y, sample_weight })
    }
}

/// The weights of labels that are aligned with a model's `output`.
fn by_class(
    y: &Tensor,
    output: &Shape,
    loss: &dyn Loss,
    class_weight: &BTreeMap<usize, f32>,
) -> Result<Tensor> {
    class_weights(y, output.last().unwrap_or(1), loss, class_weight)
}
