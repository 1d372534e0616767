//! The loss of a batch: its rows' losses, weighted and reduced to one number.

use std::{borrow::Cow, ops::Range};

use ceratops_core::{Error, Mask, Result, Tensor};

use super::{Loss, Reduction, Rows};

/// What a batch is measured by: a loss, the labels, and maybe a weight for each sample or row.
pub(crate) struct Targets<'a> {
    loss: &'a dyn Loss,
    /// The loss for just these labels, where it hangs on them.
    for_labels: Option<Box<dyn Loss>>,
    y_true: &'a Tensor,
    weights: Option<&'a Tensor>,
    /// What the gradient is multiplied by.
    loss_weight: f64,
}

/// Which steps of an output count, and by how much those weigh more in a mean ([`Mask::scale`] of the
/// whole batch).
pub(crate) type Kept<'a> = Option<(&'a Mask, f64)>;

/// What the losses of the rows weigh, and what their weighted sum is multiplied by.
type Weighed<'a> = (Option<Cow<'a, [f32]>>, f64);

impl<'a> Targets<'a> {
    pub(crate) fn new(loss: &'a dyn Loss, y_true: &'a Tensor, weights: Option<&'a Tensor>) -> Self {
        let for_labels = loss.for_labels(y_true.as_slice());
        Self { loss, for_labels, y_true, weights, loss_weight: 1.0 }
    }

    /// The same, with the gradient multiplied by a number: Keras' `loss_weights`. The loss is what it was.
    pub(crate) fn with_loss_weight(self, loss_weight: f64) -> Self {
        Self { loss_weight, ..self }
    }

    fn loss(&self) -> &dyn Loss {
        self.for_labels.as_deref().unwrap_or(self.loss)
    }

    /// The loss of these predictions for all samples, of which the steps of `mask` count.
    pub(crate) fn value(&self, y_pred: &Tensor, mask: Option<&Mask>) -> Result<f64> {
        let kept = mask.map(|mask| (mask, Mask::scale(mask.tensor().len(), mask.count())));
        if self.loss().whole().is_some() {
            return Ok(self.whole(y_pred, kept)?.0);
        }
        let rows = Rows::of(self.loss(), self.y_true.as_slice(), y_pred)?;
        self.check_weights(&rows, self.y_true.batch())?;
        let weights = self.weights.map(Tensor::as_slice);
        let (weights, scale) = self.weigh(&rows, weights, rows.len(), kept)?;
        Ok(rows.sum(self.loss(), weights.as_deref()) * scale)
    }

    /// The share that some samples have in the loss, and its gradient.
    pub(crate) fn of_part(
        &self,
        part: Range<usize>,
        y_pred: &Tensor,
        kept: Kept<'_>,
    ) -> Result<(f64, Tensor)> {
        if self.loss().whole().is_some() {
            return self.whole(y_pred, kept);
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
        let (weights, scale) = self.weigh(&rows, weights, whole_rows, kept)?;
        let weights = weights.as_deref();
        Ok(rows.sum_and_gradient(self.loss(), weights, scale, self.loss_weight))
    }

    /// Refuses weights that say nothing about the rows: of samples, where a row reaches over them.
    fn check_weights(&self, rows: &Rows<'_>, samples: usize) -> Result<()> {
        if self.weights.is_none() || rows.len() == 1 || rows.len().is_multiple_of(samples.max(1)) {
            return Ok(());
        }
        let expected = "none, where the loss has an axis that reaches over the samples";
        Err(Error::argument("sample_weight", expected, "weights"))
    }

    /// What these rows weigh, of `whole_rows` of the batch. Where a mask goes with a loss that
    /// [`couples_samples`], they are all rows.
    ///
    /// Source: Keras, `losses/loss.py`, `apply_mask`.
    fn weigh<'w>(
        &self,
        rows: &Rows<'_>,
        weights: Option<&'w [f32]>,
        whole_rows: usize,
        kept: Kept<'_>,
    ) -> Result<Weighed<'w>> {
        // In one row of all samples no step stands by itself.
        let Some((mask, more)) = kept.filter(|_| rows.len() != 1) else {
            return Ok((weights.map(Cow::Borrowed), self.scale(whole_rows)));
        };
        if mask.tensor().len() != rows.len() {
            let (steps, name) = (mask.tensor().shape(), self.loss().name());
            return Err(Error::Model(format!(
                "the output has a mask of shape {steps:?}, and the loss {name} {} values: it must have one \
                 for each step, or the mask must end before",
                rows.len()
            )));
        }
        let weights = mask.weigh(weights);
        let scale = match self.loss().reduction() {
            Reduction::Sum => 1.0,
            Reduction::MeanWithSampleWeight => share(
                rows.iter()
                    .zip(&weights)
                    .filter(|((t, _), _)| self.loss().counts(t))
                    .map(|(_, &weight)| f64::from(weight))
                    .sum(),
            ),
            _ if self.loss().ignores() => {
                let kept = rows.iter().zip(mask.tensor().as_slice());
                let kept = kept.filter(|((t, _), keep)| **keep != 0.0 && self.loss().counts(t));
                Mask::scale(rows.len(), kept.count() as f64) * share(rows.len() as f64)
            }
            _ => more * share(whole_rows as f64),
        };
        Ok((Some(Cow::Owned(weights)), scale))
    }

    /// What the weighted sum of the losses of that many rows is multiplied by.
    fn scale(&self, rows: usize) -> f64 {
        let sum_of_weights = self.loss().reduction() == Reduction::MeanWithSampleWeight;
        share(match self.weights {
            _ if self.loss().reduction() == Reduction::Sum => 1.0,
            Some(weights) if sum_of_weights => self.sum_of_weights(weights.as_slice(), rows),
            _ if self.loss().ignores() => {
                self.labels().filter(|t| self.loss().counts(t)).count() as f64
            }
            // One row of all samples was weighted by all of their weights.
            Some(weights) if rows == 1 => weights.len() as f64,
            _ => rows as f64,
        })
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
    fn whole(&self, y_pred: &Tensor, kept: Kept<'_>) -> Result<(f64, Tensor)> {
        let Some(loss) = self.loss().whole() else { return Ok((0.0, y_pred.clone())) };
        if kept.is_some() {
            let message = "compares whole samples, and the output has a mask of their steps";
            return Err(Error::Model(format!("the loss {} {message}", self.loss().name())));
        }
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
        let scale = share(divisor);
        let mut scaled: Vec<f64> =
            (0..losses.len()).map(|i| f64::from(weight(i)) * scale).collect();
        let value = counted().map(|(i, loss)| scaled[i] * loss).sum();
        scaled.iter_mut().for_each(|scaled| *scaled *= self.loss_weight);
        let mut dy = Tensor::zeros(y_pred.shape());
        loss.gradient(self.y_true, y_pred, &scaled, dy.as_mut_slice())?;
        Ok((value, dy))
    }
}

/// What each loss counts for where so many are reduced to one; nothing where there are none.
fn share(divisor: f64) -> f64 {
    if divisor == 0.0 { 0.0 } else { 1.0 / divisor }
}

/// Whether the loss of a batch, of whose output a mask may say which steps count, is no mean over its
/// samples, so that it hangs on how a data set is cut into batches.
pub(crate) fn depends_on_batches(loss: &dyn Loss, ndim: usize, masked: bool) -> bool {
    let reduction = loss.reduction();
    matches!(reduction, Reduction::Sum | Reduction::MeanWithSampleWeight)
        || loss.ignores()
        || masked
        || couples_samples(loss, ndim, masked)
}

/// Whether the loss of one sample hangs on the others of its batch in more than how many steps count.
pub(crate) fn couples_samples(loss: &dyn Loss, ndim: usize, masked: bool) -> bool {
    let counts = loss.ignores() || loss.reduction() == Reduction::MeanWithSampleWeight;
    loss.whole().is_some() || loss.axes().couple_samples(ndim) || (masked && counts)
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
    Targets::new(loss, y_true, sample_weight).value(y_pred, None)
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
    Targets::new(loss, y_true, sample_weight).of_part(0..y_true.batch(), y_pred, None)
}
