//! relu6: relu cut at 6.

use ceratops_core::{Result, Tensor};

use crate::chain::chain;

/// f(x) = min(max(x, 0), 6)
pub fn relu6(x: impl Into<Tensor>) -> Tensor {
    x.into().map(f)
}

/// dx = dy for 0 < x < 6, else 0. y does as well as x.
pub fn relu6_backward(x: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(x, dy, df)
}

#[inline(always)]
pub(crate) fn f(x: f32) -> f32 {
    // Not `clamp`, which leaves the sign of -0.
    let x = if x <= 0.0 { 0.0 } else { x };
    if x > 6.0 { 6.0 } else { x }
}

#[inline(always)]
pub(crate) fn df(x: f32) -> f32 {
    if x > 0.0 && x < 6.0 { 1.0 } else { 0.0 }
}
