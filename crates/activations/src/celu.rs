//! celu: the continuously differentiable exponential linear unit.

use ceratops_core::{Result, Tensor};

use crate::{chain::chain, math::exp_m1};

/// f(x) = x for x > 0, alpha (exp(x / alpha) - 1) for x <= 0. In Keras alpha is 1 by default; it
/// must not be 0.
pub fn celu(x: impl Into<Tensor>, alpha: f32) -> Tensor {
    forward(x.into(), alpha)
}

/// dx = dy for y >= 0, dy (y / alpha + 1) for y < 0, in the output y.
///
/// At 0 it is 1 from both sides. TensorFlow's gradient there adds both sides up to 2.
pub fn celu_backward(y: &Tensor, dy: Tensor, alpha: f32) -> Result<Tensor> {
    chain(y, dy, move |y| if y >= 0.0 { 1.0 } else { y / alpha + 1.0 })
}

fn forward(x: Tensor, alpha: f32) -> Tensor {
    x.map(
        #[inline(always)]
        move |x| if x > 0.0 { x } else { alpha * exp_m1(x / alpha) },
    )
}
