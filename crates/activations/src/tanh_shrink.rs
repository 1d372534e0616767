//! tanh_shrink: what tanh takes away.

use ceratops_core::{Result, Tensor};

use crate::{chain::chain, math::tanh};

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

#[inline(always)]
fn f(x: f32) -> f32 {
    // Lambert's continued fraction tanh(x) = x / (1 + x² / (3 + x² / (5 + ... x² / 13))), written
    // as x a / b, makes x - tanh(x) = x (b - a) / b, in which nothing cancels.
    let s = x * x;
    let rest = s * (45_045.0 + s * (2_772.0 + s * 27.0));
    let b = 135_135.0 + s * (62_370.0 + s * (3_150.0 + s * 28.0));
    if x.abs() > 1.5 { x - tanh(x) } else { x * (rest / b) }
}

#[inline(always)]
fn df(x: f32) -> f32 {
    let t = tanh(x);
    t * t
}
