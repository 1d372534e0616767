//! softplus: a smooth relu.

use ceratops_core::{Result, Tensor};

use crate::{
    chain::chain,
    math::{exp_below_0, exp_m1, ln_1p},
    steps::map_in_steps,
};

/// f(x) = ln(exp(x) + 1)
pub fn softplus(x: impl Into<Tensor>) -> Tensor {
    map_in_steps(x.into(), exp_below, f)
}

/// dx = dy (1 - exp(-y)), in the output y; that is dy sigmoid(x).
pub fn softplus_backward(y: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(y, dy, df)
}

/// exp(-|x|)
#[inline(always)]
pub(crate) fn exp_below(x: f32) -> f32 {
    exp_below_0(-x.abs())
}

/// max(x, 0) + ln(1 + e) with e = exp(-|x|), which neither overflows nor cancels.
#[inline(always)]
pub(crate) fn f(x: f32, e: f32) -> f32 {
    x.max(0.0) + ln_1p(e)
}

#[inline(always)]
pub(crate) fn df(y: f32) -> f32 {
    -exp_m1(-y)
}
