//! relu: the rectified linear unit.

use ceratops_core::{Result, Tensor};

use crate::{chain::chain, leaky_relu, leaky_relu_backward};

/// f(x) = max(x, 0); in full: `max_value` for x >= max_value, x for threshold < x < max_value,
/// negative_slope (x - threshold) for x <= threshold.
///
/// Keras' order of operations holds for unusual arguments too: x is set to 0 up to the threshold,
/// cut to 0 ..= max_value, and only then negative_slope max(threshold - x, 0) is taken off. Hence a
/// negative threshold lets x between it and 0 through, unless there is a `max_value`.
///
/// ```
/// use ceratops_activations::relu;
/// use ceratops_core::Tensor;
///
/// let x = Tensor::from([-10.0, -5.0, 0.0, 5.0, 10.0]);
/// assert_eq!(relu(&x, 0.0, None, 0.0), Tensor::from([0.0, 0.0, 0.0, 5.0, 10.0]));
/// assert_eq!(relu(&x, 0.5, None, 0.0), Tensor::from([-5.0, -2.5, 0.0, 5.0, 10.0]));
/// assert_eq!(relu(&x, 0.0, Some(5.0), 0.0), Tensor::from([0.0, 0.0, 0.0, 5.0, 5.0]));
/// assert_eq!(relu(&x, 0.0, None, 5.0), Tensor::from([0.0, 0.0, 0.0, 0.0, 10.0]));
/// ```
pub fn relu(
    x: impl Into<Tensor>,
    negative_slope: f32,
    max_value: Option<f32>,
    threshold: f32,
) -> Tensor {
    forward(x.into(), negative_slope, max_value, threshold)
}

/// dx = dy for threshold < x <= max_value, dy negative_slope for x < threshold, else 0.
///
/// At x = max_value it is 0 where Keras calls relu6 (max_value 6, threshold 0). At x = threshold
/// it is negative_slope if that is the only argument given, else 0. With the default arguments y
/// does as well as x.
pub fn relu_backward(
    x: &Tensor,
    dy: Tensor,
    negative_slope: f32,
    max_value: Option<f32>,
    threshold: f32,
) -> Result<Tensor> {
    if max_value.is_none() && threshold == 0.0 {
        // With a slope of 0 this is relu's derivative too: 0 at 0.
        return leaky_relu_backward(x, dy, negative_slope);
    }
    chain(x, dy, move |x| {
        let falling = if x < threshold { negative_slope } else { 0.0 };
        positive_slope(x, max_value, threshold) + falling
    })
}

fn forward(x: Tensor, negative_slope: f32, max_value: Option<f32>, threshold: f32) -> Tensor {
    match (negative_slope != 0.0, max_value, threshold == 0.0) {
        (false, None, true) => x.map(f),
        (true, None, true) => leaky_relu(x, negative_slope),
        (false, ..) => x.map(move |x| positive_part(x, max_value, threshold)),
        (true, ..) => x.map(move |x| {
            positive_part(x, max_value, threshold) - negative_slope * f(threshold - x)
        }),
    }
}

/// max(x, 0), NaN included.
#[inline(always)]
fn f(x: f32) -> f32 {
    if x <= 0.0 { 0.0 } else { x }
}

/// x above the threshold, cut to 0 ..= max_value; else 0.
#[inline(always)]
fn positive_part(x: f32, max_value: Option<f32>, threshold: f32) -> f32 {
    let x = if x <= threshold { 0.0 } else { x };
    match max_value {
        None => x,
        Some(max_value) => f(if x > max_value { max_value } else { x }),
    }
}

#[inline(always)]
fn positive_slope(x: f32, max_value: Option<f32>, threshold: f32) -> f32 {
    // The two ways to cut that Keras has: relu6 is flat at its bounds, a clip is not.
    let inside = match max_value {
        None => true,
        Some(6.0) if threshold == 0.0 => x < 6.0,
        Some(max_value) => (0.0..=max_value).contains(&x),
    };
    if inside && x > threshold { 1.0 } else { 0.0 }
}
