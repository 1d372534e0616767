//! DepthwiseConv2D: kernels slide over each channel of an image for itself.

use super::{DepthwiseConv, DepthwiseRank};
use crate::Two;

/// y\[r, c, g·m + n\] = activation(Σ x\[r·s + i·d, c·s + j·d, g\] · kernel\[i, j, g, n\] + bias\[g·m + n\]),
/// summed over the kernel's rows i and columns j, for each channel g and each of its m filters n.
///
/// From (batch, height, width, channels) to (batch, rows, columns, channels · m). Weights:
/// `depthwise_kernel` (kernel height, kernel width, channels, m) and `bias` (channels · m,).
///
/// ```
/// use ceratops_core::Shape;
/// use ceratops_layers::{DepthwiseConv2D, Input, sequential};
///
/// let model = sequential![Input::new([28, 28, 3]), DepthwiseConv2D::new(3).depth_multiplier(4)]?;
/// assert_eq!(*model.output_shape().unwrap(), Shape::batched([26, 26, 12]));
/// assert_eq!(model.count_params(), 3 * 3 * 12 + 12);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.DepthwiseConv2D`.
pub type DepthwiseConv2D = DepthwiseConv<Two>;

impl DepthwiseRank for Two {
    const DEPTHWISE_CONV: &'static str = "DepthwiseConv2D";
}
