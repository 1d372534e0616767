//! Conv3DTranspose: each point of a volume spreads a kernel over a larger one.

use super::{ConvTranspose, TransposeRank};
use crate::Three;

/// y\[q, f\] = activation(Σ x\[p, g\] · kernel\[k, f, g\] + bias\[f\]), summed over all points p, taps k and
/// channels g with p·s + k·d = q + pads along the three axes.
///
/// From (batch, depth, height, width, channels) to (batch, depths, rows, columns, filters);
/// [`ConvTranspose`] says how many of them. Weights: `kernel` (kernel depth, kernel height, kernel
/// width, filters, channels) and `bias` (filters,).
///
/// ```
/// use ceratops_core::Shape;
/// use ceratops_layers::{Conv3DTranspose, Input, sequential};
///
/// let model = sequential![Input::new([2, 3, 4, 1]), Conv3DTranspose::new(5, 2).strides([1, 2, 2])]?;
/// assert_eq!(*model.output_shape().unwrap(), Shape::batched([3, 6, 8, 5]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Conv3DTranspose`.
pub type Conv3DTranspose = ConvTranspose<Three>;

impl TransposeRank for Three {
    const CONV_TRANSPOSE: &'static str = "Conv3DTranspose";
}
