//! Conv2DTranspose: each pixel spreads a kernel over a larger image.

use super::{ConvTranspose, TransposeRank};
use crate::Two;

/// y\[q, f\] = activation(Σ x\[p, g\] · kernel\[k, f, g\] + bias\[f\]), summed over all pixels p, taps k and
/// channels g with p·s + k·d = q + pads along both axes.
///
/// From (batch, height, width, channels) to (batch, rows, columns, filters); [`ConvTranspose`] says how
/// many rows and columns. Weights: `kernel` (kernel height, kernel width, filters, channels) and `bias`
/// (filters,).
///
/// ```
/// use ceratops_core::Shape;
/// use ceratops_layers::{Conv2DTranspose, Input, Padding, sequential};
///
/// let layer = Conv2DTranspose::new(8, 3).strides(2).padding(Padding::Same);
/// let model = sequential![Input::new([7, 7, 16]), layer]?;
/// assert_eq!(*model.output_shape().unwrap(), Shape::batched([14, 14, 8]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Zeiler et al., "Deconvolutional Networks", 2010; Keras, `keras.layers.Conv2DTranspose`.
pub type Conv2DTranspose = ConvTranspose<Two>;

impl TransposeRank for Two {
    const CONV_TRANSPOSE: &'static str = "Conv2DTranspose";
}
