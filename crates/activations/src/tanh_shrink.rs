//! tanh_shrink: what tanh takes away.

use ceratops_core::{Result, Tensor};

use crate::chain::chain;

/// f(x) = x - tanh(x)
///
/// Keras subtracts, and has no right digit left near 0; here they are all right.
pub fn tanh_shrink(x: impl Into<Tensor>) -> Tensor {
    x.into().map(f)
}

/// dx = dy tanh(x)²
pub fn tanh_shrink_backward(x: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(x, dy, df)
}

#[inline]
fn f(x: f32) -> f32 {
    if x.abs() > 1.5 {
        return x - x.tanh();
    }
    // Lambert's continued fraction tanh(x) = x / (1 + c), c = x² / (3 + x² / (5 + ...)), makes
    // x - tanh(x) = x c / (1 + c), in which nothing cancels.
    let s = x * x;
    let c = s / (3.0 + s / (5.0 + s / (7.0 + s / (9.0 + s / (11.0 + s / 13.0)))));
    x * c / (1.0 + c)
}

#[inline]
fn df(x: f32) -> f32 {
    let t = x.tanh();
    t * t
}
