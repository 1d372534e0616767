//! threshold: numbers up to a threshold are replaced.

use ceratops_core::{Result, Tensor};

use crate::chain::chain;

/// f(x) = x for x > threshold, else default_value.
///
/// Keras has no default for either argument, so the name `threshold` alone cannot be called.
pub fn threshold(x: impl Into<Tensor>, threshold: f32, default_value: f32) -> Tensor {
    forward(x.into(), threshold, default_value)
}

/// dx = dy for x > threshold, else 0.
pub fn threshold_backward(x: &Tensor, dy: Tensor, threshold: f32) -> Result<Tensor> {
    chain(x, dy, move |x| if x > threshold { 1.0 } else { 0.0 })
}

fn forward(x: Tensor, threshold: f32, default_value: f32) -> Tensor {
    x.map(move |x| if x <= threshold { default_value } else { x })
}
