//! Conv3D: a kernel slides over a volume.

use super::{Conv, ConvRank};
use crate::Three;

/// y\[p, f\] = activation(Σ x\[p·s + k·d, g\] · kernel\[k, g, f\] + bias\[f\]), as [`Conv2D`](crate::Conv2D) has
/// it, where a place p and a tap k have a depth, a row and a column.
///
/// From (batch, depth, height, width, channels) to (batch, depths, rows, columns, filters). Weights:
/// `kernel` (kernel depth, kernel height, kernel width, channels / groups, filters) and `bias`
/// (filters,).
///
/// ```
/// use ceratops_core::Shape;
/// use ceratops_layers::{Conv3D, Input, sequential};
///
/// let model = sequential![Input::new([8, 16, 16, 1]), Conv3D::new(4, [2, 3, 3])]?;
/// assert_eq!(*model.output_shape().unwrap(), Shape::batched([7, 14, 14, 4]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Conv3D`.
pub type Conv3D = Conv<Three>;

impl ConvRank for Three {
    const CONV: &'static str = "Conv3D";
}
