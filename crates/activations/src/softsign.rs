//! softsign: a curve like tanh that flattens out slowly.

use ceratops_core::{Result, Tensor};

use crate::chain::chain;

/// f(x) = x / (|x| + 1)
pub fn softsign(x: impl Into<Tensor>) -> Tensor {
    x.into().map(f)
}

/// dx = dy / (|x| + 1)²
pub fn softsign_backward(x: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(x, dy, df)
}

#[inline(always)]
fn f(x: f32) -> f32 {
    x / (x.abs() + 1.0)
}

#[inline(always)]
fn df(x: f32) -> f32 {
    let r = 1.0 / (x.abs() + 1.0);
    r * r
}
