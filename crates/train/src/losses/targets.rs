//! The loss of a batch: its rows' losses, weighted and reduced to one number.

use std::ops::Range;

use ceratops_core::{Error, Result, Tensor};

use super::{Loss, Reduction, Rows};

/// What a batch is measured by: a loss, the labels, and maybe a weight for each sample or row.
pub(crate) struct Targets<'a> {
    loss: &'a dyn Loss,
    /// The loss for just these labels, where it hangs on them.
    for_labels: Option<Box<dyn Loss>>,
    y_true: &'a Tensor,
    weights: Option<&'a Tensor>,
    /// What the loss is multiplied by.
    loss_weight: f64,
}

impl<'a> Targets<'a> {
    pub(crate) fn new(loss: &'a dyn Loss, y_true: &'a Tensor, weights: Option<&'a Tensor>) -> Self {
        let for_labels = loss.for_labels(y_true.as_slice());
        Self { loss, for_labels, y_true, weights, loss_weight: 1.0 }
    }

    /// The same, with the loss multiplied by a number: Keras' `loss_weights`.
    pub(crate) fn with_loss_weight(self, loss_weight: f64) -> Self {
        Self { loss_weight, ..self }
    }

    fn loss(&self) -> &dyn Loss {
        self.for_labels.as_deref().unwrap_or(self.loss)
    }

    /// The loss of these predictions for all samples.
    pub(crate) fn value(&self, y_pred: &Tensor) -> Result<f64> {
        if self.loss().whole().is_some() {
            return Ok(self.whole(y_pred)?.0);
        }
        let rows = Rows::of(self.loss(), self.y_true.as_slice(), y_pred)?;
        let weights = self.weights.map(Tensor::as_slice);
        self.check_weights(&rows, self.y_true.batch())?;
        Ok(rows.sum(self.loss(), weights) * self.scale(rows.len()))
    }

    /// The share that some samples have in the loss, and its gradient.
    pub(crate) fn of_part(&self, part: Range<usize>, y_pred: &Tensor) -> Result<(f64, Tensor)> {
        if self.loss().whole().is_some() {
            return self.whole(y_pred);
        }
        let y_true = samples(self.y_true, &part)?;
        let weights = self.weights.map(|weights| samples(weights, &part)).transpose()?;
        let rows = Rows::of(self.loss(), y_true, y_pred)?;
        self.check_weights(&rows, part.len())?;
        let whole_rows = if part.len() == self.y_true.batch() {
            rows.len()
        } else {
            rows.len() / part.len().max(1) * self.y_true.batch()
        };
        Ok(rows.sum_and_gradient(self.loss(), weights, self.scale(whole_rows)))
    }

    /// Refuses weights that say nothing about the rows: of samples, where a row reaches over them.
    fn check_weights(&self, rows: &Rows<'_>, samples: usize) -> Result<()> {
        if self.weights.is_none() || rows.len() == 1 || rows.len().is_multiple_of(samples.max(1)) {
            return Ok(());
        }
        let expected = "none, where the loss has an axis that reaches over the samples";
        Err(Error::argument("sample_weight", expected, "weights"))
    }

    /// What the weighted sum of the losses of that many rows is multiplied by.
    fn scale(&self, rows: usize) -> f64 {
        let sum_of_weights = self.loss().reduction() == Reduction::MeanWithSampleWeight;
        let divisor = match self.weights {
            _ if self.loss().reduction() == Reduction::Sum => 1.0,
            Some(weights) if sum_of_weights => self.sum_of_weights(weights.as_slice(), rows),
            _ if self.loss().ignores() => {
                self.labels().filter(|t| self.loss().counts(t)).count() as f64
            }
            // One row of all samples was weighted by all of their weights.
            Some(weights) if rows == 1 => weights.len() as f64,
            _ => rows as f64,
        };
        self.share(divisor)
    }

    /// What each loss counts for where so many are reduced to one; nothing where there are none.
    fn share(&self, divisor: f64) -> f64 {
        if divisor == 0.0 { 0.0 } else { self.loss_weight / divisor }
    }

    fn sum_of_weights(&self, weights: &[f32], rows: usize) -> f64 {
        let sum =
            |weights: &mut dyn Iterator<Item = &f32>| weights.map(|&w| f64::from(w)).sum::<f64>();
        let rows_each = (rows / weights.len().max(1)).max(1);
        if !self.loss().ignores() {
            return sum(&mut weights.iter()) * if rows == 1 { 1.0 } else { rows_each as f64 };
        }
        let counted = self.labels().enumerate().filter(|(_, t)| self.loss().counts(t));
        sum(&mut counted.filter_map(|(i, _)| weights.get(i / rows_each)))
    }

    /// The labels one by one; asked of sparse ones only.
    fn labels(&self) -> impl Iterator<Item = &[f32]> {
        self.y_true.as_slice().chunks(1)
    }

    /// The loss of a batch that can only be seen as a whole, and its gradient.
    fn whole(&self, y_pred: &Tensor) -> Result<(f64, Tensor)> {
        let Some(loss) = self.loss().whole() else { return Ok((0.0, y_pred.clone())) };
        let losses = loss.losses(self.y_true, y_pred)?;
        let weight =
            |i: usize| self.weights.map_or(1.0, |w| w.as_slice().get(i).copied().unwrap_or(0.0));
        let counted = || losses.iter().enumerate().filter_map(|(i, loss)| Some((i, (*loss)?)));
        let divisor = match (self.loss().reduction(), self.weights) {
            (Reduction::Sum, _) => 1.0,
            (Reduction::MeanWithSampleWeight, Some(_)) => {
                counted().map(|(i, _)| f64::from(weight(i))).sum()
            }
            _ => counted().count() as f64,
        };
        let scale = self.share(divisor);
        let scaled: Vec<f64> = (0..losses.len()).map(|i| f64::from(weight(i)) * scale).collect();
        let value = counted().map(|(i, loss)| scaled[i] * loss).sum();
        let mut dy = Tensor::zeros(y_pred.shape());
        loss.gradient(self.y_true, y_pred, &scaled, dy.as_mut_slice())?;
        Ok((value, dy))
    }
}

/// Whether the loss of a batch is no mean over its samples, so that it hangs on how a data set is
/// cut into batches.
pub(crate) fn depends_on_batches(loss: &dyn Loss, ndim: usize) -> bool {
    let reduction = loss.reduction();
    matches!(reduction, Reduction::Sum | Reduction::MeanWithSampleWeight)
        || loss.ignores()
        || couples_samples(loss, ndim)
}

/// Whether the loss of one sample hangs on the others of its batch.
pub(crate) fn couples_samples(loss: &dyn Loss, ndim: usize) -> bool {
    loss.whole().is_some() || loss.axes().couple_samples(ndim)
}

fn samples<'a>(tensor: &'a Tensor, part: &Range<usize>) -> Result<&'a [f32]> {
    let len = tensor.sample_len();
    tensor.as_slice().get(part.start * len..part.end * len).ok_or_else(|| {
        let expected = format!("a part of 0..{}", tensor.batch());
        Error::argument("range", expected, format!("{part:?}"))
    })
}

/// The loss of a batch: Keras' `loss(y_true, y_pred, sample_weight)`.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_train::losses::{Loss, MeanSquaredError, Reduction, value};
///
/// let (y_true, y_pred) = (Tensor::from([[0.0, 1.0], [2.0, 2.0]]), Tensor::from([[1.0, 1.0], [2.0, 4.0]]));
/// assert_eq!(value(&MeanSquaredError {}, &y_true, &y_pred, None)?, 1.25);
/// let weights = Tensor::from([3.0, 1.0]);
/// let loss = MeanSquaredError {}.with_reduction(Reduction::MeanWithSampleWeight);
/// assert_eq!(value(&loss, &y_true, &y_pred, Some(&weights))?, 0.875);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn value(
    loss: &dyn Loss,
    y_true: &Tensor,
    y_pred: &Tensor,
    sample_weight: Option<&Tensor>,
) -> Result<f64> {
    Targets::new(loss, y_true, sample_weight).value(y_pred)
}

/// The loss of a batch, and its derivative by each number of `y_pred`.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_train::losses::{MeanSquaredError, value_and_gradient};
///
/// let (y_true, y_pred) = (Tensor::from([[0.0, 1.0]]), Tensor::from([[1.0, 1.0]]));
/// let (value, gradient) = value_and_gradient(&MeanSquaredError {}, &y_true, &y_pred, None)?;
/// assert_eq!((value, gradient), (0.5, Tensor::from([[1.0, 0.0]])));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn value_and_gradient(
    loss: &dyn Loss,
    y_true: &Tensor,
    y_pred: &Tensor,
    sample_weight: Option<&Tensor>,
) -> Result<(f64, Tensor)> {
    Targets::new(loss, y_true, sample_weight).of_part(0..y_true.batch(), y_pred)
}
