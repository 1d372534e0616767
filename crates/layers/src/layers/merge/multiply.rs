//! Multiply: the product of several tensors.

use ceratops_core::{Result, Tensor, Tensors};

use super::{Merge, MergeOp, fold};

/// y = x₁ · x₂ · …, number by number.
///
/// Source: Keras, `keras.layers.Multiply`.
pub type Multiply = Merge<MultiplyOp>;

/// The operation of [`Multiply`].
#[derive(Debug, Clone, Default)]
pub struct MultiplyOp;

impl MergeOp for MultiplyOp {
    const CLASS_NAME: &'static str = "Multiply";
    const KEEPS_INPUTS: bool = true;

    fn merge(xs: Tensors) -> Result<Tensor> {
        fold(xs, |a, b| a * b)
    }

    fn gradients(xs: &[Tensor], count: usize, dy: &Tensor) -> Result<Vec<Tensor>> {
        // dL/dxᵢ = dy · the product of the others
        let others = |i: usize| xs.iter().enumerate().filter(move |(j, _)| *j != i);
        let gradient = |i: usize| {
            others(i).try_fold(dy.clone(), |dx, (_, x)| dx.broadcast_map(x, |dx, x| dx * x))
        };
        (0..count).map(gradient).collect()
    }
}
