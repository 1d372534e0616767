//! Subtract: the difference of two tensors.

use ceratops_core::{Result, Tensor, Tensors};

use super::{Merge, MergeOp, fold};

/// y = x₁ - x₂, number by number. It takes two inputs.
///
/// Source: Keras, `keras.layers.Subtract`.
pub type Subtract = Merge<SubtractOp>;

/// The operation of [`Subtract`].
#[derive(Debug, Clone, Default)]
pub struct SubtractOp;

impl MergeOp for SubtractOp {
    const CLASS_NAME: &'static str = "Subtract";
    const INPUTS: Option<usize> = Some(2);

    fn merge(xs: Tensors) -> Result<Tensor> {
        fold(xs, |a, b| a - b)
    }

    fn gradients(_: &[Tensor], _: usize, dy: &Tensor) -> Result<Vec<Tensor>> {
        Ok(vec![dy.clone(), dy.clone().map(|dy| -dy)])
    }
}
