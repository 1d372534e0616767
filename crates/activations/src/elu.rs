//! elu: the exponential linear unit.

use ceratops_core::{Error, Result, Tensor};

use crate::{chain::chain, math::exp_m1};

/// f(x) = x for x > 0, alpha (exp(x) - 1) for x <= 0. In Keras alpha is 1 by default.
///
/// ```
/// use ceratops_activations::elu;
/// use ceratops_core::Tensor;
///
/// assert_eq!(elu([-1e4, 0.0, 2.0], 0.5), Tensor::from([-0.5, 0.0, 2.0]));
/// ```
pub fn elu(x: impl Into<Tensor>, alpha: f32) -> Tensor {
    forward(x.into(), alpha)
}

/// dx = dy for y > 0, dy (y + alpha) for y <= 0, in the output y.
///
/// A negative alpha is refused: y would be positive on both sides of 0.
pub fn elu_backward(y: &Tensor, dy: Tensor, alpha: f32) -> Result<Tensor> {
    if alpha < 0.0 {
        return Err(Error::argument("alpha", "at least 0 for elu's derivative", alpha));
    }
    chain(y, dy, move |y| if y > 0.0 { 1.0 } else { y + alpha })
}

fn forward(x: Tensor, alpha: f32) -> Tensor {
    x.map(
        #[inline(always)]
        move |x| if x > 0.0 { x } else { alpha * exp_m1(x) },
    )
}
