//! sparse_sigmoid: a sigmoid of three straight lines, with knees at -1 and 1.

use ceratops_core::{Result, Tensor};

use crate::chain::chain;

/// f(x) = 0 for x <= -1, (x + 1) / 2 for -1 < x < 1, 1 for x >= 1
pub fn sparse_sigmoid(x: impl Into<Tensor>) -> Tensor {
    x.into().map(f)
}

/// dx = dy / 2 for -1 < x < 1, else 0
pub fn sparse_sigmoid_backward(x: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(x, dy, df)
}

#[inline(always)]
fn f(x: f32) -> f32 {
    (0.5 * (x + 1.0)).clamp(0.0, 1.0)
}

#[inline(always)]
fn df(x: f32) -> f32 {
    if x.abs() < 1.0 { 0.5 } else { 0.0 }
}
