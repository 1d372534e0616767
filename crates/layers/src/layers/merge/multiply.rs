//! Multiply: the product of several tensors.

use ceratops_core::{Mask, Result, Tensor, Tensors};

use super::{
    Merge, MergeOp, fold,
    masked::{dropped, factors, spread},
};

/// y = x₁ · x₂ · …, number by number. Where steps of an input do not count, it is a factor of 1; where
/// those of no input do, y is 0.
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

    fn merge_masked(xs: Tensors, masks: &[Option<Mask>]) -> Result<Tensor> {
        let (factors, any) = factors(xs, masks)?;
        dropped(Self::merge(factors.into())?, any.as_ref())
    }

    fn gradients_masked(
        xs: &[Tensor],
        masks: &[Option<Mask>],
        count: usize,
        dy: &Tensor,
    ) -> Result<Vec<Tensor>> {
        let (factors, any) = factors(xs.iter().cloned().collect(), masks)?;
        let dxs = Self::gradients(&factors, count, &dropped(dy.clone(), any.as_ref())?)?;
        let own = |(dx, keep): (Tensor, Option<Tensor>)| dropped(dx, keep.as_ref());
        dxs.into_iter().zip(spread(xs, masks)?).map(own).collect()
    }
}
