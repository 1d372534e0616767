//! Labels and predictions, cut into the rows that losses and metrics work on.

use ceratops_core::{Error, Result, Shape, Tensor};

use super::Loss;

/// Labels and predictions row by row, a row being a vector of the predictions' last axis.
pub(crate) struct Rows<'a> {
    y_true: &'a [f32],
    y_pred: &'a Tensor,
    /// How long a row of labels is: one number where labels are indices of classes.
    label: usize,
    output: usize,
    count: usize,
}

impl<'a> Rows<'a> {
    /// The rows of `y_pred` with as many labels.
    pub(crate) fn new(sparse: bool, y_true: &'a [f32], y_pred: &'a Tensor) -> Result<Self> {
        let output = row_len(y_pred.shape());
        let count = y_pred.len().checked_div(output).unwrap_or(0);
        let label = if sparse { 1 } else { output };
        if y_true.len() != count * label {
            let expected = if sparse {
                let shape = y_pred.shape();
                Shape::of(shape.get(..shape.len().saturating_sub(1)).unwrap_or_default())
            } else {
                Shape::of(y_pred.shape())
            };
            let help = if sparse {
                "each label must be one number, the index of a class"
            } else {
                "the labels must have the shape of the model's output"
            };
            return Err(Error::shape("y", expected, &[y_true.len()], help));
        }
        Ok(Self { y_true, y_pred, label, output, count })
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Each row's label and prediction.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a [f32], &'a [f32])> {
        let labels = self.y_true.chunks_exact(self.label.max(1));
        labels.zip(self.y_pred.as_slice().chunks_exact(self.output.max(1)))
    }

    /// The weight of row `i`, where a sample has one weight or one for each of its rows.
    fn weight(&self, i: usize, weights: Option<&[f32]>) -> f64 {
        let Some(weights) = weights else { return 1.0 };
        let rows = (self.count / weights.len().max(1)).max(1);
        weights.get(i / rows).map_or(0.0, |&weight| f64::from(weight))
    }

    /// The weighted sum of the rows' losses.
    pub(crate) fn sum(&self, loss: &dyn Loss, weights: Option<&[f32]>) -> f64 {
        let value = |(i, (t, p))| self.weight(i, weights) * loss.value(t, p);
        self.iter().enumerate().map(value).sum()
    }

    /// `scale` times that sum, and its gradient.
    pub(crate) fn sum_and_gradient(
        &self,
        loss: &dyn Loss,
        weights: Option<&[f32]>,
        scale: f64,
    ) -> (f64, Tensor) {
        let mut dy = Tensor::zeros(self.y_pred.shape());
        let mut sum = 0.0;
        let out = dy.as_mut_slice().chunks_exact_mut(self.output.max(1));
        for (i, ((t, p), dy)) in self.iter().zip(out).enumerate() {
            let weight = self.weight(i, weights);
            sum += weight * loss.value_and_gradient(t, p, dy);
            let factor = (weight * scale) as f32;
            dy.iter_mut().for_each(|dy| *dy *= factor);
        }
        (scale * sum, dy)
    }
}

/// The length of the last axis, where there is one behind the batch axis.
fn row_len(shape: &[usize]) -> usize {
    shape.get(1..).and_then(<[usize]>::last).copied().unwrap_or(1)
}
