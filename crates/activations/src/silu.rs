//! silu, also called swish: x weighed by its own sigmoid.

use ceratops_core::{Result, Tensor};

use crate::{chain::chain, sigmoid};

/// f(x) = x sigmoid(x)
pub fn silu(x: impl Into<Tensor>) -> Tensor {
    x.into().map(f)
}

/// dx = dy (sigmoid(x) + x sigmoid(x) sigmoid(-x))
pub fn silu_backward(x: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(x, dy, df)
}

#[inline(always)]
fn f(x: f32) -> f32 {
    x * sigmoid::f(x)
}

#[inline(always)]
fn df(x: f32) -> f32 {
    sigmoid::f(x) + x * sigmoid::df(x)
}
