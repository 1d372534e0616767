//! exponential: e to the power of x.

use ceratops_core::{Result, Tensor};

use crate::{chain::chain, math::exp};

/// f(x) = exp(x)
pub fn exponential(x: impl Into<Tensor>) -> Tensor {
    x.into().map(exp)
}

/// dx = dy y, in the output y.
pub fn exponential_backward(y: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(y, dy, move |y| y)
}
