//! keras2>hard_sigmoid: the hard_sigmoid of Keras 1, Keras 2 and TF.js.

use ceratops_core::{Result, Tensor};

use crate::chain::chain;

/// f(x) = min(max(0.2 x + 0.5, 0), 1): 0 for x < -2.5, 1 for x > 2.5.
///
/// Its identifier is `keras2>hard_sigmoid`, since `hard_sigmoid` is that of Keras 3,
/// [`hard_sigmoid`](crate::hard_sigmoid).
pub fn hard_sigmoid_keras2(x: impl Into<Tensor>) -> Tensor {
    x.into().map(f)
}

/// dx = 0.2 dy for -2.5 <= x <= 2.5, else 0
pub fn hard_sigmoid_keras2_backward(x: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(x, dy, df)
}

#[inline(always)]
fn f(x: f32) -> f32 {
    // The same as 0.2 x + 0.5, but without cancellation near -2.5.
    (0.2 * (x + 2.5)).clamp(0.0, 1.0)
}

#[inline(always)]
fn df(x: f32) -> f32 {
    if x.abs() <= 2.5 { 0.2 } else { 0.0 }
}
