//! soft_shrink: everything nearer to 0 by a threshold.

use ceratops_core::{Result, Tensor};

use crate::chain::chain;

/// f(x) = x - threshold for x > threshold, x + threshold for x < -threshold, else 0. In Keras the
/// threshold is 0.5 by default.
pub fn soft_shrink(x: impl Into<Tensor>, threshold: f32) -> Tensor {
    forward(x.into(), threshold)
}

/// dx = dy for x > threshold and for x < -threshold, else 0.
pub fn soft_shrink_backward(x: &Tensor, dy: Tensor, threshold: f32) -> Result<Tensor> {
    chain(x, dy, move |x| if x > threshold || x < -threshold { 1.0 } else { 0.0 })
}

fn forward(x: Tensor, threshold: f32) -> Tensor {
    x.map(move |x| {
        if x > threshold {
            x - threshold
        } else if x < -threshold {
            x + threshold
        } else if x.is_nan() {
            x
        } else {
            0.0
        }
    })
}
