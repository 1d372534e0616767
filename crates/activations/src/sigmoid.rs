//! sigmoid: the logistic curve from 0 to 1.

use ceratops_core::{Result, Tensor};

use crate::{
    chain::chain,
    math::{exp_below_0, logistic_below_0},
};

/// f(x) = 1 / (1 + exp(-x))
///
/// ```
/// use ceratops_activations::sigmoid;
/// use ceratops_core::Tensor;
///
/// assert_eq!(sigmoid([-1e4, 0.0, 1e4]), Tensor::from([0.0, 0.5, 1.0]));
/// ```
pub fn sigmoid(x: impl Into<Tensor>) -> Tensor {
    x.into().map(f)
}

/// dx = dy y (1 - y), in the output y.
pub fn sigmoid_backward(y: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(y, dy, move |y| y * (1.0 - y))
}

/// 1 / (1 + exp(-x)), or exp(x) / (1 + exp(x)) below 0: the exponential never overflows.
#[inline(always)]
pub(crate) fn f(x: f32) -> f32 {
    let below = logistic_below_0(-x.abs());
    if x < 0.0 { below } else { 1.0 - below }
}

/// The derivative in x: sigmoid(x) sigmoid(-x).
#[inline(always)]
pub(crate) fn df(x: f32) -> f32 {
    let e = exp_below_0(-x.abs());
    e / ((1.0 + e) * (1.0 + e))
}
