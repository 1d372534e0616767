//! Conv2D: a kernel slides over an image.

use super::{Conv, ConvRank};
use crate::Two;

/// y\[r, c, f\] = activation(Σ x\[r·s + i·d, c·s + j·d, g\] · kernel\[i, j, g, f\] + bias\[f\]), summed over
/// the kernel's rows i and columns j and the input channels g, with strides s and dilation d.
///
/// From (batch, height, width, channels) to (batch, rows, columns, filters). Weights: `kernel`
/// (kernel height, kernel width, channels / groups, filters) and `bias` (filters,).
///
/// A 3 x 3 kernel with stride 1 whose channels and filters come in sixteens is calculated by
/// Winograd's method: the error is a few times that of the plain sum (below 1e-5 of the largest
/// output in all sizes tried), and a NaN or an infinity in the image reaches the 4 x 4 outputs of
/// each tile that sees it.
///
/// ```
/// use ceratops_layers::{Conv2D, Padding};
///
/// let layer = Conv2D::new(32, 3).padding(Padding::Same).activation("relu");
/// assert_eq!(layer.filters, 32);
/// ```
///
/// Source: Keras, `keras.layers.Conv2D`.
pub type Conv2D = Conv<Two>;

impl ConvRank for Two {
    const CONV: &'static str = "Conv2D";
}
