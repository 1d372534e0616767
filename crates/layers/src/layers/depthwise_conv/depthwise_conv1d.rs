//! DepthwiseConv1D: kernels slide over each channel of a sequence for itself.

use super::{DepthwiseConv, DepthwiseRank};
use crate::One;

/// y\[t, g·m + j\] = activation(Σ x\[t·s + k·d, g\] · kernel\[k, g, j\] + bias\[g·m + j\]), summed over the
/// kernel's steps k, for each channel g and each of its m filters j.
///
/// From (batch, steps, channels) to (batch, steps, channels · m). Weights: `depthwise_kernel` (kernel size,
/// channels, m) and `bias` (channels · m,).
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{DepthwiseConv1D, Input, sequential};
///
/// let layer = DepthwiseConv1D::new(2).depthwise_initializer("ones");
/// let model = sequential![Input::new([2, 2]), layer]?;
/// assert_eq!(model.predict([[[1.0, 10.0], [2.0, 20.0]]])?, Tensor::from([[[3.0, 30.0]]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.DepthwiseConv1D`.
pub type DepthwiseConv1D = DepthwiseConv<One>;

impl DepthwiseRank for One {
    const DEPTHWISE_CONV: &'static str = "DepthwiseConv1D";
}
