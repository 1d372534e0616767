//! log_sigmoid: the logarithm of sigmoid.

use ceratops_core::{Result, Tensor};

use crate::{chain::chain, softplus, steps::map_in_steps};

/// f(x) = ln(1 / (1 + exp(-x)))
pub fn log_sigmoid(x: impl Into<Tensor>) -> Tensor {
    map_in_steps(x.into(), softplus::exp_below, f)
}

/// dx = dy (1 - exp(y)), in the output y; that is dy sigmoid(-x).
pub fn log_sigmoid_backward(y: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(y, dy, df)
}

#[inline(always)]
fn f(x: f32, e: f32) -> f32 {
    -softplus::f(-x, e)
}

#[inline(always)]
fn df(y: f32) -> f32 {
    softplus::df(-y)
}
