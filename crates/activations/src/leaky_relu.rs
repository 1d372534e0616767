//! leaky_relu: relu with a slope below 0.

use ceratops_core::{Result, Tensor};

use crate::chain::chain;

/// f(x) = x for x > 0, negative_slope x for x <= 0. In Keras negative_slope is 0.2 by default.
///
/// ```
/// use ceratops_activations::leaky_relu;
/// use ceratops_core::Tensor;
///
/// assert_eq!(leaky_relu([-4.0, 0.0, 4.0], 0.5), Tensor::from([-2.0, 0.0, 4.0]));
/// ```
pub fn leaky_relu(x: impl Into<Tensor>, negative_slope: f32) -> Tensor {
    forward(x.into(), negative_slope)
}

/// dx = dy for x > 0, dy negative_slope for x <= 0.
///
/// Where negative_slope >= 0, y has the sign of x and does as well.
pub fn leaky_relu_backward(x: &Tensor, dy: Tensor, negative_slope: f32) -> Result<Tensor> {
    chain(x, dy, move |x| if x > 0.0 { 1.0 } else { negative_slope })
}

fn forward(x: Tensor, negative_slope: f32) -> Tensor {
    x.map(move |x| if x > 0.0 { x } else { negative_slope * x })
}
