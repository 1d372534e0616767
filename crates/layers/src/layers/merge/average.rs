//! Average: the mean of several tensors.

use ceratops_core::{Result, Tensor, Tensors};

use super::{Merge, MergeOp, fold};

/// y = (x₁ + x₂ + … + xₙ) / n, number by number.
///
/// Source: Keras, `keras.layers.Average`.
pub type Average = Merge<AverageOp>;

/// The operation of [`Average`].
#[derive(Debug, Clone, Default)]
pub struct AverageOp;

impl MergeOp for AverageOp {
    const CLASS_NAME: &'static str = "Average";

    fn merge(xs: Tensors) -> Result<Tensor> {
        let count = xs.len() as f32;
        Ok(fold(xs, |a, b| a + b)?.map(move |sum| sum / count))
    }

    fn gradients(_: &[Tensor], count: usize, dy: &Tensor) -> Result<Vec<Tensor>> {
        let n = count as f32;
        Ok(vec![dy.clone().map(move |dy| dy / n); count])
    }
}
