//! hard_sigmoid: a sigmoid of three straight lines, as Keras 3 means it.

use ceratops_core::{Result, Tensor};

use crate::{chain::chain, relu6};

/// f(x) = relu6(x + 3) / 6: 0 for x <= -3, x / 6 + 1/2 for -3 < x < 3, 1 for x >= 3.
///
/// Keras 1, Keras 2 and TF.js mean [`hard_sigmoid_keras2`](crate::hard_sigmoid_keras2) by the
/// same name.
pub fn hard_sigmoid(x: impl Into<Tensor>) -> Tensor {
    x.into().map(f)
}

/// dx = dy / 6 for -3 < x < 3, else 0
pub fn hard_sigmoid_backward(x: &Tensor, dy: Tensor) -> Result<Tensor> {
    chain(x, dy, df)
}

#[inline(always)]
pub(crate) fn f(x: f32) -> f32 {
    relu6::f(x + 3.0) / 6.0
}

#[inline(always)]
pub(crate) fn df(x: f32) -> f32 {
    relu6::df(x + 3.0) / 6.0
}
