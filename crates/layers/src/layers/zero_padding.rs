//! ZeroPadding1D, ZeroPadding2D and ZeroPadding3D: zeros around the input.

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::frame::{Frame, padded};
use crate::{Borders, DataFormat, One, Rank, Three, Two};

/// y\[t, f\] = x\[t - before, f\] where there is such a step, else 0.
///
/// From (batch, steps, channels) to (batch, before + steps + behind, channels).
///
/// ```
/// use ceratops_layers::{Input, ZeroPadding1D, sequential};
///
/// let model = sequential![Input::new([2, 1]), ZeroPadding1D::new([1, 2])]?;
/// let y = model.predict([[[5.0], [6.0]]])?;
/// assert_eq!(y, [[[0.0], [5.0], [6.0], [0.0], [0.0]]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.ZeroPadding1D`.
pub type ZeroPadding1D = ZeroPadding<One>;

/// y\[r, c, f\] = x\[r - top, c - left, f\] where there is such a pixel, else 0.
///
/// From (batch, height, width, channels) to (batch, top + height + bottom, left + width + right,
/// channels).
///
/// ```
/// use ceratops_core::{Layer, Shape};
/// use ceratops_layers::ZeroPadding2D;
///
/// let shape = ZeroPadding2D::new([[0, 1], [2, 3]]).output_shape(&Shape::batched([8, 8, 3]))?;
/// assert_eq!(shape, Shape::batched([9, 13, 3]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.ZeroPadding2D`.
pub type ZeroPadding2D = ZeroPadding<Two>;

/// Zeros around a volume, as in [`ZeroPadding2D`].
///
/// From (batch, depth, height, width, channels) to the same with longer axes.
///
/// Source: Keras, `keras.layers.ZeroPadding3D`.
pub type ZeroPadding3D = ZeroPadding<Three>;

/// Zeros around a sequence, an image or a volume.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, bound = "")]
pub struct ZeroPadding<R: Rank> {
    /// How many zeros stand before and behind along each axis; 1 by default.
    pub padding: Borders<R>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl<R: Rank> Default for ZeroPadding<R> {
    fn default() -> Self {
        Self::new(1)
    }
}

impl<R: Rank> ZeroPadding<R> {
    /// The layer with so many zeros: 1, a number for each axis (of a sequence, for its two sides), or a
    /// pair for each axis.
    pub fn new(padding: impl Into<Borders<R>>) -> Self {
        Self { padding: padding.into(), data_format: DataFormat::ChannelsLast }
    }

    builders! {
        data_format
    }
}

impl<R: Rank> Layer for ZeroPadding<R> {
    const CLASS_NAME: &'static str =
        ["ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"][R::AXES - 1];
    /// The shape of the input.
    type Saved = Vec<usize>;

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        padded(input, self.padding, self.data_format)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<usize>>)> {
        let frame = Frame::around(x.shape(), self.padding, self.data_format)?;
        let y = frame.surround(&x, &self.output_shape(&Shape::of(x.shape()))?.dims()?)?;
        Ok((y, cx.save(|| x.shape().to_vec())))
    }

    fn backward(
        &self,
        shape: Vec<usize>,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let frame = Frame::around(&shape, self.padding, self.data_format)?;
        Ok(Some(frame.cut_out(&dy, &shape)))
    }
}
