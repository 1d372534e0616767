//! Dataset: samples with labels and weights that `fit` cuts into batches. They are checked and
//! aligned with the model; what is not in memory is so when it is read.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use ceratops_core::{Arrays, Error, Inputs, Result, Samples, Shape, Tensor};

use super::{
    Examples,
    doors::Doors,
    examples::Labels,
    target::{Measure, Target},
};

/// The weights that labels have by their classes.
pub(crate) type ClassWeights = Arc<BTreeMap<usize, f32>>;

/// Samples for each input of a model, with labels for each output that is measured, and maybe weights.
#[derive(Debug, Clone)]
pub(crate) struct Dataset {
    x: Vec<Samples>,
    targets: Vec<Option<Target>>,
}

impl Dataset {
    /// The samples `x` with labels `y`, by the names that `doors` tells: as many of one as of the
    /// other, and at least one.
    pub(crate) fn new(
        doors: &Doors,
        x: Arrays,
        y: Arrays,
        weights: Option<Inputs>,
    ) -> Result<Self> {
        let x = doors.inputs_of(x)?;
        let labels = doors.labels_of(y)?;
        let weights = doors.weights_of(weights)?;
        let names = doors.which_output();
        let targets = labels
            .into_iter()
            .zip(weights)
            .zip(names)
            .map(|((y, weights), name)| y.map(|y| Target::new(name, y, weights)));
        let data = Self { x, targets: targets.collect() };
        data.check_lengths(doors)?;
        Ok(data)
    }

    /// Refuses data whose samples do not go one with another.
    fn check_lengths(&self, doors: &Doors) -> Result<()> {
        let x = doors.sample_names().into_iter().zip(&self.x);
        let targets = || self.targets.iter().flatten();
        let arrays: Vec<(String, &Samples)> =
            x.chain(targets().map(|target| (target.called("y"), &target.y))).collect();
        if let Some((name, _)) = arrays.iter().find(|(_, samples)| samples.shape().is_empty()) {
            return Err(Error::Data(format!(
                "{name} is a single number; the first axis of x and y must count the samples"
            )));
        }
        let weights = targets().filter_map(|target| Some((target, target.weights.as_ref()?)));
        let weights =
            weights.map(|(target, weights)| (target.called("sample_weight"), weights.batch()));
        let lengths: Vec<(String, usize)> = arrays
            .iter()
            .map(|(name, samples)| (name.clone(), samples.len()))
            .chain(weights)
            .collect();
        if lengths.iter().any(|(_, len)| *len != self.len()) {
            let each = lengths.iter().enumerate().map(|(i, (name, len))| match i {
                0 => format!("{name} has {len} samples"),
                _ => format!("{name} has {len}"),
            });
            return Err(Error::Data(format!(
                "data cardinality is ambiguous: {}; each sample needs one label, and the first axis \
                 must count the samples",
                each.collect::<Vec<_>>().join(", ")
            )));
        }
        if self.len() == 0 {
            return Err(Error::Data(
                "there are no samples: x and y are empty; check how the data was read".into(),
            ));
        }
        Ok(())
    }

    /// The number of samples.
    pub(crate) fn len(&self) -> usize {
        self.x.first().map_or(0, Samples::len)
    }

    /// The shapes of the samples of each input.
    pub(crate) fn x_shapes(&self) -> impl Iterator<Item = Vec<usize>> {
        self.x.iter().map(Samples::shape)
    }

    /// The shape of the labels of each output; none where it is not measured.
    pub(crate) fn y_shapes(&self) -> Vec<Option<Vec<usize>>> {
        self.targets.iter().map(|target| target.as_ref().map(|target| target.y.shape())).collect()
    }

    /// Whether a part of it is read from a file, say.
    pub(crate) fn is_read(&self) -> bool {
        let y = self.targets.iter().flatten().map(|target| &target.y);
        self.x.iter().chain(y).any(|samples| samples.in_memory().is_none())
    }

    /// The same data with labels of shapes that go with the model's outputs, fit for their losses.
    pub(crate) fn aligned(self, measures: &[Measure]) -> Result<Self> {
        let len = self.len();
        let align = |(target, measure): (Option<Target>, &Measure)| {
            target.map(|target| target.aligned(measure, len)).transpose()
        };
        let targets = self.targets.into_iter().zip(measures).map(align).collect::<Result<_>>()?;
        Ok(Self { x: self.x, targets })
    }

    /// The data whose labels weigh as much as their classes; 1 where a class has no weight.
    pub(crate) fn class_weighted(mut self, class_weight: &ClassWeights) -> Result<Self> {
        let [Some(target)] = &mut self.targets[..] else {
            let found = format!("a model of {} outputs", self.targets.len());
            return Err(Error::argument("class_weight", "a model of one output", found)
                .with_help("give sample_weight for each output instead"));
        };
        if target.weights.is_some() {
            let expected = "class_weight or weights of samples";
            return Err(Error::argument("class_weight", expected, "both of them")
                .with_help("multiply the weights of the classes into those of the samples"));
        }
        target.class_weight = Some(class_weight.clone());
        Ok(self)
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
        let slice = |target: &Option<Target>| {
            target.as_ref().map(|target| target.slice(range.clone())).transpose()
        };
        Ok(Self {
            x: self.x.iter().map(|x| x.slice(range.clone())).collect::<Result<_>>()?,
            targets: self.targets.iter().map(slice).collect::<Result<_>>()?,
        })
    }

    /// The samples of `range`.
    pub(crate) fn read(&self, range: Range<usize>) -> Result<Examples> {
        let labels = |target: &Option<Target>| {
            target.as_ref().map(|target| target.read(range.clone())).transpose()
        };
        Ok(Examples {
            x: self.x.iter().map(|x| x.read(range.clone())).collect::<Result<_>>()?,
            labels: self.targets.iter().map(labels).collect::<Result<_>>()?,
        })
    }

    /// The samples at `indices`, in that order.
    pub(crate) fn gather(&self, indices: &[usize]) -> Result<Examples> {
        let labels = |target: &Option<Target>| {
            target.as_ref().map(|target| target.gather(indices)).transpose()
        };
        Ok(Examples {
            x: self.x.iter().map(|x| x.gather(indices)).collect::<Result<_>>()?,
            labels: self.targets.iter().map(labels).collect::<Result<_>>()?,
        })
    }

    /// A number that other data seldom have: of the first sample, the last, and the one between.
    pub(crate) fn fingerprint(&self) -> Result<u64> {
        let n = self.len();
        let Examples { x, labels } = self.gather(&[0, n / 2, n - 1])?;
        let labels = labels.iter().flatten();
        let labels = labels.flat_map(|Labels { y, weights }| std::iter::once(y).chain(weights));
        let all = x.iter().chain(labels).flat_map(Tensor::as_slice);
        // Fowler, Noll and Vo's hash, 1a.
        let mix =
            |hash: u64, x: &f32| (hash ^ u64::from(x.to_bits())).wrapping_mul(0x100_0000_01b3);
        Ok(all.fold(0xcbf2_9ce4_8422_2325, mix))
    }
}

/// The shape of a model's input that the samples `x` speak of; as in Keras, a vector stands for a
/// column.
pub(crate) fn input_shape(x: &[usize]) -> Shape {
    match x {
        [_] => Shape::batched([1]),
        shape => Shape::of(shape).with_axis(0, None),
    }
}
