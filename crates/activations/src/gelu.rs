//! gelu: x weighed by the normal distribution's cumulative function.

use std::f32::consts::{FRAC_2_SQRT_PI, SQRT_2};

use ceratops_core::{Result, Tensor};

use crate::{
    chain::chain,
    math::{bell, cumulative},
    sigmoid,
};

/// sqrt(8 / pi).
const C: f32 = FRAC_2_SQRT_PI * SQRT_2;
/// The weight of x³ in the approximate form.
const CUBE: f32 = 0.044715;

/// f(x) = x Phi(x) = x (1 + erf(x / sqrt(2))) / 2; if `approximate`,
/// f(x) = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x³))) / 2.
///
/// Keras' string `gelu` means the exact form; the identifier `gelu_new` of TF.js the other.
///
/// ```
/// use ceratops_activations::gelu;
///
/// let y = gelu([-1.0, 0.0, 1.0], false);
/// assert!((y.as_slice()[2] - 0.8413447).abs() < 1e-6);
/// ```
pub fn gelu(x: impl Into<Tensor>, approximate: bool) -> Tensor {
    let x = x.into();
    if approximate { x.map(approximate_f) } else { x.map(f) }
}

/// dx = dy (Phi(x) + x phi(x)) with phi(x) = exp(-x² / 2) / sqrt(2 pi); if `approximate`, the
/// derivative of that form.
pub fn gelu_backward(x: &Tensor, dy: Tensor, approximate: bool) -> Result<Tensor> {
    if approximate { chain(x, dy, approximate_df) } else { chain(x, dy, df) }
}

#[inline(always)]
fn f(x: f32) -> f32 {
    x * cumulative(x)
}

#[inline(always)]
fn df(x: f32) -> f32 {
    cumulative(x) + x * bell(x)
}

/// x sigmoid(2 u), since (1 + tanh(u)) / 2 = sigmoid(2 u).
#[inline(always)]
fn approximate_f(x: f32) -> f32 {
    x * sigmoid::f(C * (x + CUBE * x * x * x))
}

#[inline(always)]
fn approximate_df(x: f32) -> f32 {
    let z = C * (x + CUBE * x * x * x);
    sigmoid::f(z) + x * sigmoid::df(z) * C * (1.0 + 3.0 * CUBE * x * x)
}
