//! The penalty on a layer's output: the `activity_regularizer` argument.

use ceratops_core::{Context, Error, Regularize, Result, Tensor};
use ceratops_weights::Regularizer;

/// What the penalty's gradient needs: the output, and how many samples share the penalty.
#[derive(Debug)]
pub(crate) struct SavedActivity {
    y: Tensor,
    samples: usize,
}

/// Refuses a penalty that is not a sum over the samples.
pub(crate) fn validate(regularizer: Option<&Regularizer>) -> Result<()> {
    match regularizer {
        Some(Regularizer::OrthogonalRegularizer(_)) => {
            Err(Error::argument("activity_regularizer", "L1, L2 or L1L2", "OrthogonalRegularizer"))
        }
        Some(regularizer) => regularizer.validate(),
        None => Ok(()),
    }
}

/// Adds penalty(y) / batch to the loss.
pub(crate) fn penalize(
    regularizer: Option<&Regularizer>,
    y: &Tensor,
    cx: &mut Context,
) -> Option<SavedActivity> {
    let samples = cx.batch();
    cx.add_loss(regularizer?.loss(y) / samples as f64);
    cx.save(|| SavedActivity { y: y.clone(), samples })
}

/// Adds penalty'(y) / batch to dy.
pub(crate) fn penalize_backward(
    regularizer: Option<&Regularizer>,
    saved: Option<SavedActivity>,
    mut dy: Tensor,
) -> Result<Tensor> {
    if let (Some(regularizer), Some(SavedActivity { y, samples })) = (regularizer, saved) {
        let mut slope = Tensor::zeros(y.shape());
        regularizer.add_gradient(&y, &mut slope)?;
        dy.add_scaled(1.0 / samples as f32, &slope)?;
    }
    Ok(dy)
}
