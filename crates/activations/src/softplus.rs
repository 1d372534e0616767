//! softplus: a smooth relu.

use ceratops_core::{Result, Tensor};

use crate::{
    chain::chain,
    math::{exp_below_0, exp_m1, ln_1p},
};

/// f(x) = ln(exp(x) + 1)
pub fn softplus(x: impl Into<Tensor>) -> Tensor {
    x.into().map(f)
}

/// dx = dy (1 - exp(-y)), in the output y; that is dy sigmoid(x).
pub fn softplus_backward(y: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(y, dy, df)
}

/// max(x, 0) + ln(1 + exp(-|x|)), which neither overflows nor cancels.
#[inline(always)]
pub(crate) fn f(x: f32) -> f32 {
    x.max(0.0) + ln_1p(exp_below_0(-x.abs()))
}

#[inline(always)]
pub(crate) fn df(y: f32) -> f32 {
    -exp_m1(-y)
}
