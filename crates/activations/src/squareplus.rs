//! squareplus: a smooth relu without exponentials.

use ceratops_core::{Result, Tensor};

use crate::chain::chain;

/// f(x) = (x + sqrt(x² + b)) / 2. In Keras b is 4 by default.
///
/// Keras computes just this, and loses all digits to cancellation far below 0; here f(-1e4) is
/// 1e-4, as it should be.
pub fn squareplus(x: impl Into<Tensor>, b: f32) -> Tensor {
    forward(x.into(), b)
}

/// dx = dy (1 + x / sqrt(x² + b)) / 2
pub fn squareplus_backward(x: &Tensor, dy: Tensor, b: f32) -> Result<Tensor> {
    // (1 + x / root) / 2 = f(x) / root, in which nothing cancels.
    chain(x, dy, move |x| f(x, b) / (x * x + b).sqrt())
}

fn forward(x: Tensor, b: f32) -> Tensor {
    x.map(move |x| f(x, b))
}

#[inline(always)]
fn f(x: f32, b: f32) -> f32 {
    let root = (x * x + b).sqrt();
    // Below 0 the same with the fraction expanded by root - x.
    if x < 0.0 { 0.5 * b / (root - x) } else { 0.5 * (x + root) }
}
