//! mish: x weighed by the tanh of its softplus.

use ceratops_core::{Result, Tensor};

use crate::{chain::chain, math::exp_below_0, sigmoid};

/// f(x) = x tanh(softplus(x)) (Misra, "Mish", 2019)
pub fn mish(x: impl Into<Tensor>) -> Tensor {
    x.into().map(f)
}

/// dx = dy (t + x (1 - t²) sigmoid(x)) with t = tanh(softplus(x))
pub fn mish_backward(x: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(x, dy, df)
}

#[inline(always)]
fn f(x: f32) -> f32 {
    x * weight(x).0
}

#[inline(always)]
fn df(x: f32) -> f32 {
    let (t, rest) = weight(x);
    t + x * rest * (1.0 + t) * sigmoid::f(x)
}

/// t = tanh(softplus(x)) and 1 - t.
///
/// With e = exp(x), t = (e² + 2 e) / (e² + 2 e + 2); above 0 the fraction is divided by e², so
/// that only exp(-|x|) is needed, which cannot overflow.
#[inline(always)]
fn weight(x: f32) -> (f32, f32) {
    let e = exp_below_0(-x.abs());
    let (above, below) = if x < 0.0 { (e * (e + 2.0), 2.0) } else { (1.0 + 2.0 * e, 2.0 * e * e) };
    (above / (above + below), below / (above + below))
}
