//! hard_silu, also called hard_swish: x weighed by its own hard_sigmoid.

use ceratops_core::{Result, Tensor};

use crate::{chain::chain, hard_sigmoid};

/// f(x) = x hard_sigmoid(x): 0 for x < -3, x (x + 3) / 6 for -3 <= x <= 3, x for x > 3
pub fn hard_silu(x: impl Into<Tensor>) -> Tensor {
    x.into().map(f)
}

/// dx = 0 for x <= -3, dy (2 x + 3) / 6 for -3 < x < 3, dy for x >= 3
pub fn hard_silu_backward(x: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(x, dy, df)
}

#[inline(always)]
fn f(x: f32) -> f32 {
    x * hard_sigmoid::f(x)
}

#[inline(always)]
fn df(x: f32) -> f32 {
    hard_sigmoid::f(x) + x * hard_sigmoid::df(x)
}
