//! Cropping1D, Cropping2D and Cropping3D: the input without its borders.

mod one;

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::frame::{Frame, cropped};
use crate::{Borders, DataFormat, Rank, Three, Two};

pub use self::one::Cropping1D;

/// y\[r, c, f\] = x\[r + top, c + left, f\].
///
/// From (batch, height, width, channels) to (batch, height - top - bottom, width - left - right,
/// channels), of which something must be left.
///
/// ```
/// use ceratops_core::{Layer, Shape};
/// use ceratops_layers::Cropping2D;
///
/// let shape = Cropping2D::new([[0, 1], [2, 3]]).output_shape(&Shape::batched([8, 8, 3]))?;
/// assert_eq!(shape, Shape::batched([7, 3, 3]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Cropping2D`.
pub type Cropping2D = Cropping<Two>;

/// A volume without its borders, as in [`Cropping2D`].
///
/// From (batch, depth, height, width, channels) to the same with shorter axes.
///
/// Source: Keras, `keras.layers.Cropping3D`.
pub type Cropping3D = Cropping<Three>;

/// An image or a volume without its borders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, bound = "")]
pub struct Cropping<R: Rank> {
    /// How much is cut off before and behind along each axis; by default nothing of an image, and 1
    /// on each side of a volume.
    pub cropping: Borders<R>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl<R: Rank> Default for Cropping<R> {
    fn default() -> Self {
        Self::new(usize::from(R::AXES == 3))
    }
}

impl<R: Rank> Cropping<R> {
    /// The layer that cuts off so much: 1, a number for each axis, or a pair for each axis.
    pub fn new(cropping: impl Into<Borders<R>>) -> Self {
        Self { cropping: cropping.into(), data_format: DataFormat::ChannelsLast }
    }

    builders! {
        data_format
    }
}

impl<R: Rank> Layer for Cropping<R> {
    const CLASS_NAME: &'static str = ["Cropping2D", "Cropping3D"][R::AXES - 2];
    /// The shape of the input.
    type Saved = Vec<usize>;

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        cropped(input, self.cropping, self.data_format)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<usize>>)> {
        forward(x, self.cropping, self.data_format, cx)
    }

    fn backward(
        &self,
        shape: Vec<usize>,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        backward(&shape, self.cropping, self.data_format, &dy)
    }
}

fn forward<R: Rank>(
    x: Tensor,
    cropping: Borders<R>,
    data_format: DataFormat,
    cx: &mut Context,
) -> Result<(Tensor, Option<Vec<usize>>)> {
    let small = cropped(&Shape::of(x.shape()), cropping, data_format)?.dims()?;
    let frame = Frame::within(x.shape(), cropping, data_format)?;
    Ok((frame.cut_out(&x, &small), cx.save(|| x.shape().to_vec())))
}

fn backward<R: Rank>(
    shape: &[usize],
    cropping: Borders<R>,
    data_format: DataFormat,
    dy: &Tensor,
) -> Result<Option<Tensor>> {
    Frame::within(shape, cropping, data_format)?.surround(dy, shape).map(Some)
}
