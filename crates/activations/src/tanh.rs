//! tanh: the hyperbolic tangent.

use ceratops_core::{Result, Tensor};

use crate::{chain::chain, math};

/// f(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x))
pub fn tanh(x: impl Into<Tensor>) -> Tensor {
    x.into().map(math::tanh)
}

/// dx = dy (1 - y²), in the output y.
pub fn tanh_backward(y: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(y, dy, move |y| (1.0 - y) * (1.0 + y))
}
