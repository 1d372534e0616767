//! selu: the scaled exponential linear unit.

use ceratops_core::{Result, Tensor};

use crate::{chain::chain, math::exp_m1};

/// The slope above 0.
const SCALE: f32 = 1.050_701;
/// scale times alpha, 1.0507009873554805 times 1.6732632423543772: how deep the curve goes.
const SCALE_ALPHA: f32 = 1.758_099_3;

/// f(x) = scale x for x >= 0, scale alpha (exp(x) - 1) for x < 0, with scale = 1.050701 and
/// alpha = 1.6732632 (Klambauer et al., "Self-Normalizing Neural Networks", 2017).
pub fn selu(x: impl Into<Tensor>) -> Tensor {
    x.into().map(f)
}

/// dx = scale dy for y >= 0, dy (y + scale alpha) for y < 0, in the output y.
pub fn selu_backward(y: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(y, dy, df)
}

#[inline(always)]
fn f(x: f32) -> f32 {
    if x > 0.0 { SCALE * x } else { SCALE_ALPHA * exp_m1(x) }
}

#[inline(always)]
fn df(y: f32) -> f32 {
    if y < 0.0 { y + SCALE_ALPHA } else { SCALE }
}
