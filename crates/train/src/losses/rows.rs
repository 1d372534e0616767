//! Labels and predictions, cut into the rows that losses and metrics work on.

use std::borrow::Cow;

use ceratops_core::{Error, Result, Shape, Tensor};

use super::{Axes, Loss, axes};

/// Labels and predictions row by row, a row being what lies along some axes: mostly a vector of the
/// predictions' last one.
pub(crate) struct Rows<'a> {
    y_true: Cow<'a, [f32]>,
    y_pred: Cow<'a, [f32]>,
    shape: &'a [usize],
    /// Where the numbers of the rows stand in the tensor, unless they stand there in order.
    places: Option<Vec<usize>>,
    /// How long a row of labels is: one number where labels are indices of classes.
    label: usize,
    output: usize,
    count: usize,
}

impl<'a> Rows<'a> {
    /// The rows that `loss` works on.
    pub(crate) fn of(loss: &dyn Loss, y_true: &'a [f32], y_pred: &'a Tensor) -> Result<Self> {
        Self::along(&loss.axes(), loss.is_sparse(), y_true, y_pred)
    }

    /// The rows of `y_pred` along `axes` with as many labels.
    pub(crate) fn along(
        axes: &Axes,
        sparse: bool,
        y_true: &'a [f32],
        y_pred: &'a Tensor,
    ) -> Result<Self> {
        let shape = y_pred.shape();
        // A vector counts as a column.
        let (places, output) = match (axes, shape.len()) {
            (Axes::One(_) | Axes::Many(_), 0 | 1) => (None, 1),
            _ => axes::order(shape, &axes.of(shape.len())?),
        };
        let count = y_pred.len().checked_div(output).unwrap_or(0);
        let label = if sparse { 1 } else { output };
        if y_true.len() != count * label {
            return Err(wrong_labels(sparse, y_true, shape));
        }
        let (mut y_true, mut y_pred) = (Cow::Borrowed(y_true), Cow::Borrowed(y_pred.as_slice()));
        if let Some(places) = &places {
            let gather = |of: &[f32]| places.iter().map(|&at| of[at]).collect::<Vec<_>>();
            y_pred = gather(&y_pred).into();
            if !sparse {
                y_true = gather(&y_true).into();
            }
        }
        Ok(Self { y_true, y_pred, shape, places, label, output, count })
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Each row's label and prediction.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[f32], &[f32])> {
        let labels = self.y_true.chunks_exact(self.label.max(1));
        labels.zip(self.y_pred.chunks_exact(self.output.max(1)))
    }

    /// The weight of row `i`, where a sample has one weight or one for each of its rows. A row of
    /// all samples has their weights together.
    pub(crate) fn weight(&self, i: usize, weights: Option<&[f32]>) -> f64 {
        let Some(weights) = weights else { return 1.0 };
        if self.count == 1 {
            return weights.iter().map(|&weight| f64::from(weight)).sum();
        }
        let rows = (self.count / weights.len().max(1)).max(1);
        weights.get(i / rows).map_or(0.0, |&weight| f64::from(weight))
    }

    /// The weighted sum of the rows' losses.
    pub(crate) fn sum(&self, loss: &dyn Loss, weights: Option<&[f32]>) -> f64 {
        let value = |(i, (t, p))| self.weight(i, weights) * loss.value(t, p);
        self.iter().enumerate().map(value).sum()
    }

    /// `scale` times that sum, and its gradient times `loss_weight`.
    pub(crate) fn sum_and_gradient(
        &self,
        loss: &dyn Loss,
        weights: Option<&[f32]>,
        scale: f64,
        loss_weight: f64,
    ) -> (f64, Tensor) {
        let mut gradient = Tensor::zeros(self.shape);
        let mut moved = self.places.as_ref().map(|places| vec![0.0; places.len()]);
        let mut sum = 0.0;
        let dy = moved.as_deref_mut().unwrap_or_else(|| gradient.as_mut_slice());
        let out = dy.chunks_exact_mut(self.output.max(1));
        for (i, ((t, p), dy)) in self.iter().zip(out).enumerate() {
            let weight = self.weight(i, weights);
            sum += weight * loss.value_and_gradient(t, p, dy);
            let factor = (weight * (scale * loss_weight)) as f32;
            dy.iter_mut().for_each(|dy| *dy *= factor);
        }
        if let (Some(places), Some(moved)) = (&self.places, moved) {
            let dy = gradient.as_mut_slice();
            places.iter().zip(moved).for_each(|(&at, moved)| dy[at] = moved);
        }
        (scale * sum, gradient)
    }
}

fn wrong_labels(sparse: bool, y_true: &[f32], output: &[usize]) -> Error {
    let (expected, help) = if sparse {
        let rows = output.get(..output.len().saturating_sub(1)).unwrap_or_default();
        (Shape::of(rows), "each label must be one number, the index of a class")
    } else {
        (Shape::of(output), "the labels must have the shape of the model's output")
    };
    Error::shape("y", expected, &[y_true.len()], help)
}
