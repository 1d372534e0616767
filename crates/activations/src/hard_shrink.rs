//! hard_shrink: small numbers become 0.

use ceratops_core::{Result, Tensor};

use crate::chain::chain;

/// f(x) = x for |x| > threshold, else 0. In Keras the threshold is 0.5 by default.
pub fn hard_shrink(x: impl Into<Tensor>, threshold: f32) -> Tensor {
    forward(x.into(), threshold)
}

/// dx = dy for |x| > threshold, else 0.
pub fn hard_shrink_backward(x: &Tensor, dy: Tensor, threshold: f32) -> Result<Tensor> {
    chain(x, dy, move |x| if x.abs() > threshold { 1.0 } else { 0.0 })
}

fn forward(x: Tensor, threshold: f32) -> Tensor {
    x.map(move |x| if x.abs() <= threshold { 0.0 } else { x })
}
