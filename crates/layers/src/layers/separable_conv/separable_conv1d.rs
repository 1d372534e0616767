//! SeparableConv1D: a sequence's channels are filtered each for itself, and then mixed.

use super::{SeparableConv, SeparableRank};
use crate::One;

/// y\[t, f\] = activation(Σ h\[t, c\] · pointwise\[c, f\] + bias\[f\]), where h\[t, g·m + j\] = Σ x\[t·s + k·d, g\] ·
/// depthwise\[k, g, j\].
///
/// From (batch, steps, channels) to (batch, steps, filters). Weights: `depthwise_kernel` (kernel size,
/// channels, m), `pointwise_kernel` (1, channels · m, filters) and `bias` (filters,). As in Keras 2 its
/// padding may be [`Padding::Causal`](crate::Padding::Causal), which Keras 3 refuses.
///
/// ```
/// use ceratops_core::Shape;
/// use ceratops_layers::{Input, SeparableConv1D, sequential};
///
/// let model = sequential![Input::new([10, 3]), SeparableConv1D::new(8, 5)]?;
/// assert_eq!(*model.output_shape().unwrap(), Shape::batched([6, 8]));
/// assert_eq!(model.count_params(), 5 * 3 + 3 * 8 + 8);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.SeparableConv1D`.
pub type SeparableConv1D = SeparableConv<One>;

impl SeparableRank for One {
    const SEPARABLE_CONV: &'static str = "SeparableConv1D";
}
