//! Samples with their labels and weights: checked, aligned with the model, cut and shuffled.

use std::{collections::BTreeMap, ops::Range};

use ceratops_core::{Error, Purpose, Result, Shape, Tensor};
use rand::RngCore;

use crate::Loss;

/// Samples with a label each, and maybe a weight each.
#[derive(Debug, Clone)]
pub(crate) struct Data {
    pub(crate) x: Tensor,
    pub(crate) y: Tensor,
    pub(crate) weights: Option<Tensor>,
}

impl Data {
    /// The samples `x` with labels `y`: as many of one as of the other, and at least one.
    pub(crate) fn new(x: Tensor, y: Tensor, weights: Option<Tensor>) -> Result<Self> {
        if x.ndim() == 0 || y.ndim() == 0 {
            let name = if x.ndim() == 0 { "x" } else { "y" };
            return Err(Error::Data(format!(
                "{name} is a single number; the first axis of x and y must count the samples"
            )));
        }
        if x.batch() != y.batch() || weights.as_ref().is_some_and(|w| w.batch() != x.batch()) {
            let weights =
                weights.map(|w| format!(", sample_weight has {}", w.batch())).unwrap_or_default();
            return Err(Error::Data(format!(
                "data cardinality is ambiguous: x has {} samples, y has {}{weights}; each sample \
                 needs one label, and the first axis must count the samples",
                x.batch(),
                y.batch()
            )));
        }
        if x.batch() == 0 {
            return Err(Error::Data(
                "there are no samples: x and y are empty; check how the data was read".into(),
            ));
        }
        Ok(Self { x, y, weights })
    }

    /// The number of samples.
    pub(crate) fn len(&self) -> usize {
        self.x.batch()
    }

    /// The same data with labels of a shape that goes with the model's `output`, both fit for
    /// `loss`.
    pub(crate) fn aligned(mut self, output: &Shape, loss: &dyn Loss) -> Result<Self> {
        self.y = align(self.y, output, loss)?;
        loss.check_labels(&self.y, output.last().unwrap_or(1))?;
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

    /// The data with a weight for each sample, that of its class; 1 where a class has none.
    pub(crate) fn class_weighted(mut self, class_weight: &BTreeMap<usize, f32>) -> Result<Self> {
        let width = self.y.sample_len();
        let weight = |(sample, label): (usize, &[f32])| {
            let class = match label {
                [class] if class.fract() == 0.0 && *class >= 0.0 => *class as usize,
                [other] => {
                    return Err(Error::Data(format!(
                        "class_weight needs classes for labels, but label {other} of sample \
                         {sample} is none; use sample_weight instead"
                    )));
                }
                row => crate::metrics::argmax(row),
            };
            Ok(class_weight.get(&class).copied().unwrap_or(1.0))
        };
        if self.y.ndim() > 2 {
            return Err(Error::shape(
                "y",
                "one class for each sample",
                self.y.shape(),
                "class_weight works on these only; use sample_weight instead",
            ));
        }
        let labels = self.y.as_slice().chunks_exact(width.max(1)).enumerate();
        let weights: Vec<f32> = labels.map(weight).collect::<Result<_>>()?;
        self.weights = Some(weights.into());
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

    /// The samples of `range`.
    pub(crate) fn slice(&self, range: Range<usize>) -> Result<Self> {
        if range == (0..self.len()) {
            return Ok(self.clone());
        }
        self.part(|tensor| tensor.batch_slice(range.clone()))
    }

    /// The samples at `indices`, in that order.
    pub(crate) fn gather(&self, indices: &[usize]) -> Result<Self> {
        self.part(|tensor| tensor.batch_gather(indices))
    }

    fn part(&self, take: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        let weights = self.weights.as_ref().map(&take).transpose()?;
        Ok(Self { x: take(&self.x)?, y: take(&self.y)?, weights })
    }
}

/// The labels `y` in a shape that goes with the model's `output`.
fn align(y: Tensor, output: &Shape, loss: &dyn Loss) -> Result<Tensor> {
    let output = output.with_axis(0, None);
    let rows = Shape::from(output.axes().split_last().map_or(Vec::new(), |(_, a)| a.to_vec()));
    if rows.ndim() == 0 {
        return Err(Error::Model(format!(
            "the model's output has shape {output}; to be trained it needs an axis behind the \
             batch axis"
        )));
    }
    if loss.is_sparse() {
        let column = Shape::from([rows.axes(), &[Some(1)]].concat());
        if rows.admits(y.shape()) || column.admits(y.shape()) {
            return Ok(y);
        }
    } else if output.admits(y.shape()) {
        return Ok(y);
    } else if output.last() == Some(1) && rows.admits(y.shape()) {
        // As in Keras, a vector stands for a column.
        let shape = [y.shape(), &[1]].concat();
        return y.reshape(&shape);
    }
    let expected = if loss.is_sparse() { rows } else { output.clone() };
    Err(Error::shape("y", expected, y.shape(), help(&y, &output, loss)))
}

/// What to do about labels `y` that do not go with the model's `output`.
fn help(y: &Tensor, output: &Shape, loss: &dyn Loss) -> String {
    let name = loss.name();
    if loss.is_sparse() && output.admits(y.shape()) {
        return format!(
            "these look like one-hot labels; use loss=\"categorical_crossentropy\" for them, \
             {name} takes the index of the class"
        );
    }
    let indices = y.ndim() < output.ndim() || y.shape().last() == Some(&1);
    if name == "categorical_crossentropy" && indices {
        return "these look like indices of classes; use \
                loss=\"sparse_categorical_crossentropy\" for them, or one-hot labels"
            .into();
    }
    if output.ndim() > 2 && y.ndim() + usize::from(loss.is_sparse()) == 2 {
        return "there is one label for each sample, but the output has more axes; add a Flatten \
                layer before the last Dense"
            .into();
    }
    let units = if y.ndim() == 1 { 1 } else { y.shape().last().copied().unwrap_or(1) };
    if output.ndim() == 2 && y.ndim() <= 2 && !loss.is_sparse() {
        let word = if units == 1 { "unit" } else { "units" };
        return format!("give the last layer {units} {word}, or reshape y");
    }
    "the labels must go with the model's output, whose shape its summary() shows".into()
}

/// The order in which the samples are seen in an epoch: shuffled from `seed`, or as they are.
pub(crate) fn order(len: usize, seed: Option<u64>, epoch: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    let Some(seed) = seed else { return order };
    let mut rng = Purpose::Shuffle { epoch: epoch as u64 }.rng(seed);
    // Fisher and Yates, with an index drawn by multiplication, so that the order depends on the
    // generator alone and stays the same whatever else changes.
    for i in (1..len).rev() {
        let j = (u128::from(rng.next_u64()) * (i as u128 + 1)) >> 64;
        order.swap(i, j as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::order;

    #[test]
    fn every_order_is_as_likely() {
        let mut counts = BTreeMap::new();
        for epoch in 0..6000 {
            *counts.entry(order(3, Some(7), epoch)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6, "{counts:?}");
        // 1000 of each are expected, with a standard deviation of 29.
        assert!(counts.values().all(|count| (850..1150).contains(count)), "{counts:?}");
        assert_eq!(order(4, None, 1), [0, 1, 2, 3]);
    }
}
