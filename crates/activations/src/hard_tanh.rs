//! hard_tanh: a tanh of three straight lines.

use ceratops_core::{Result, Tensor};

use crate::chain::chain;

/// f(x) = min(max(x, -1), 1)
pub fn hard_tanh(x: impl Into<Tensor>) -> Tensor {
    x.into().map(f)
}

/// dx = dy for -1 <= x <= 1, else 0
pub fn hard_tanh_backward(x: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(x, dy, df)
}

#[inline(always)]
fn f(x: f32) -> f32 {
    x.clamp(-1.0, 1.0)
}

#[inline(always)]
fn df(x: f32) -> f32 {
    if x.abs() <= 1.0 { 1.0 } else { 0.0 }
}
