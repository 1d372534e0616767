//! Maximum: the largest of several tensors.

use ceratops_core::{Mask, Result, Tensor, Tensors};

use super::{Merge, MergeOp, fold, masked::Choices};

/// y = max(x₁, x₂, …), number by number. Of equal numbers the first has the gradient, as in
/// TensorFlow. Where steps of an input do not count, they take the numbers of the others.
///
/// Source: Keras, `keras.layers.Maximum`.
pub type Maximum = Merge<MaximumOp>;

/// The operation of [`Maximum`].
#[derive(Debug, Clone, Default)]
pub struct MaximumOp;

/// NaN stays, as in TensorFlow.
fn larger(a: f32, b: f32) -> f32 {
    if a >= b || a.is_nan() { a } else { b }
}

impl MergeOp for MaximumOp {
    const CLASS_NAME: &'static str = "Maximum";
    const KEEPS_INPUTS: bool = true;

    fn merge(xs: Tensors) -> Result<Tensor> {
        fold(xs, larger)
    }

    fn gradients(xs: &[Tensor], count: usize, dy: &Tensor) -> Result<Vec<Tensor>> {
        Self::gradients_masked(xs, &[], count, dy)
    }

    fn merge_masked(xs: Tensors, masks: &[Option<Mask>]) -> Result<Tensor> {
        Ok(Choices::of(&xs, masks, |a, b| a >= b)?.merged)
    }

    fn gradients_masked(
        xs: &[Tensor],
        masks: &[Option<Mask>],
        _: usize,
        dy: &Tensor,
    ) -> Result<Vec<Tensor>> {
        Choices::of(xs, masks, |a, b| a >= b)?.gradients(dy)
    }
}
