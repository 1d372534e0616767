//! sparse_plus: softplus with a piece of parabola in its middle.

use ceratops_core::{Result, Tensor};

use crate::chain::chain;

/// f(x) = 0 for x <= -1, (x + 1)² / 4 for -1 < x < 1, x for x >= 1
pub fn sparse_plus(x: impl Into<Tensor>) -> Tensor {
    x.into().map(f)
}

/// dx = 0 for x <= -1, dy (x + 1) / 2 for -1 < x < 1, dy for x >= 1
pub fn sparse_plus_backward(x: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(x, dy, df)
}

#[inline(always)]
fn f(x: f32) -> f32 {
    let root = 0.5 * (x + 1.0);
    if x <= -1.0 {
        0.0
    } else if x >= 1.0 {
        x
    } else {
        root * root
    }
}

#[inline(always)]
fn df(x: f32) -> f32 {
    (0.5 * (x + 1.0)).clamp(0.0, 1.0)
}
