//! The chain rule of the element-wise functions.

use ceratops_core::{Error, Result, Shape, Tensor};

/// dx = dy df(kept), number by number; `kept` is x or y, whichever `df` takes.
pub(crate) fn chain(kept: &Tensor, dy: Tensor, df: impl Fn(f32) -> f32) -> Result<Tensor> {
    same_shape(kept.shape(), &dy)?;
    dy.zip_map(
        kept,
        #[inline(always)]
        move |dy, kept| dy * df(kept),
    )
}

/// Refuses a `dy` of another shape than the output that it is the gradient of.
pub(crate) fn same_shape(output: &[usize], dy: &Tensor) -> Result<()> {
    if output == dy.shape() {
        return Ok(());
    }
    let help = "dy has one number for each number of the output";
    Err(Error::shape("dy", Shape::of(output), dy.shape(), help))
}
