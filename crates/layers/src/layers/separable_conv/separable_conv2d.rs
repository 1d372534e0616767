//! SeparableConv2D: an image's channels are filtered each for itself, and then mixed.

use super::{SeparableConv, SeparableRank};
use crate::Two;

/// y\[p, f\] = activation(Σ h\[p, c\] · pointwise\[c, f\] + bias\[f\]), where h\[p, g·m + j\] = Σ x\[p·s + k·d, g\] ·
/// depthwise\[k, g, j\] and a place p and a tap k have a row and a column.
///
/// From (batch, height, width, channels) to (batch, rows, columns, filters). Weights:
/// `depthwise_kernel` (kernel height, kernel width, channels, m), `pointwise_kernel` (1, 1, channels · m,
/// filters) and `bias` (filters,).
///
/// ```
/// use ceratops_core::Shape;
/// use ceratops_layers::{Input, SeparableConv2D, sequential};
///
/// let model = sequential![Input::new([28, 28, 3]), SeparableConv2D::new(8, 3).strides(2)]?;
/// assert_eq!(*model.output_shape().unwrap(), Shape::batched([13, 13, 8]));
/// assert_eq!(model.count_params(), 3 * 3 * 3 + 3 * 8 + 8);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Chollet, "Xception", 2017; Keras, `keras.layers.SeparableConv2D`.
pub type SeparableConv2D = SeparableConv<Two>;

impl SeparableRank for Two {
    const SEPARABLE_CONV: &'static str = "SeparableConv2D";
}
