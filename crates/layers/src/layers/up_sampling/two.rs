//! UpSampling2D: an image at more pixels.

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{super::Resizing, backward, enlarged, forward, validate};
use crate::{DataFormat, Extent, Interpolation, Two};

/// y\[r, c, f\] = x\[⌊r / s⌋, ⌊c / s⌋, f\] with a size s of its own for each axis, or a weighted sum of the
/// pixels around ((r + ½) / s - ½, (c + ½) / s - ½).
///
/// From (batch, height, width, channels) to (batch, s · height, s · width, channels).
///
/// ```
/// use ceratops_layers::{Input, Interpolation, UpSampling2D, sequential};
///
/// let up = UpSampling2D::new([1, 2]).interpolation(Interpolation::Bilinear);
/// let model = sequential![Input::new([1, 2, 1]), up]?;
/// assert_eq!(model.predict([[[[0.0], [1.0]]]])?, [[[[0.0], [0.25], [0.75], [1.0]]]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.UpSampling2D`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpSampling2D {
    /// How many times as high and as wide the image becomes; 2 by default.
    pub size: Extent<Two>,
    /// Where the channels stand.
    pub data_format: DataFormat,
    /// How the pixels between are found; the nearest by default.
    pub interpolation: Interpolation,
}

impl Default for UpSampling2D {
    fn default() -> Self {
        Self::new(2)
    }
}

impl UpSampling2D {
    /// The layer that makes an image `size` times as high and as wide (2, or `[2, 3]`).
    pub fn new(size: impl Into<Extent<Two>>) -> Self {
        let data_format = DataFormat::ChannelsLast;
        Self { size: size.into(), data_format, interpolation: Interpolation::Nearest }
    }

    builders! {
        data_format
    }

    /// Finds the pixels between so.
    #[must_use]
    pub fn interpolation(self, interpolation: Interpolation) -> Self {
        Self { interpolation, ..self }
    }

    /// What makes images of that shape larger by weighted sums; nothing where each pixel comes several
    /// times, which is also the mean over the area that it covers then.
    fn resizing(&self, shape: &[usize]) -> Result<Option<Resizing>> {
        if matches!(self.interpolation, Interpolation::Nearest | Interpolation::Area) {
            return Ok(None);
        }
        let shape = self.output_shape(&Shape::of(shape))?.dims()?;
        // Asked for first, since it may be too much.
        Tensor::try_for_overwrite(&shape)?;
        let [height, width] = match self.data_format {
            DataFormat::ChannelsLast => [shape[1], shape[2]],
            DataFormat::ChannelsFirst => [shape[2], shape[3]],
        };
        let resizing = Resizing::new(height, width).interpolation(self.interpolation);
        let resizing = resizing.data_format(self.data_format);
        resizing.validate()?;
        Ok(Some(resizing))
    }
}

/// What the gradient needs: the shape of the input, and what made it larger.
#[derive(Debug)]
pub struct SavedUpSampling2D {
    shape: Vec<usize>,
    resizing: Option<(Resizing, <Resizing as Layer>::Saved)>,
}

impl Layer for UpSampling2D {
    const CLASS_NAME: &'static str = "UpSampling2D";
    type Saved = SavedUpSampling2D;

    fn validate(&self) -> Result<()> {
        validate(self.size)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        enlarged(input, self.size, self.data_format)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedUpSampling2D>)> {
        self.validate()?;
        let shape = cx.save(|| x.shape().to_vec());
        let (y, resizing) = match self.resizing(x.shape())? {
            Some(resizing) => {
                let (y, saved) = resizing.forward(x, cx)?;
                (y, saved.map(|saved| (resizing, saved)))
            }
            None => (forward(&x, self.size, self.data_format)?, None),
        };
        Ok((y, shape.map(|shape| SavedUpSampling2D { shape, resizing })))
    }

    fn backward(
        &self,
        SavedUpSampling2D { shape, resizing }: SavedUpSampling2D,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        match resizing {
            Some((resizing, saved)) => resizing.backward(saved, dy, dw),
            None => backward(&shape, dy, self.size, self.data_format).map(Some),
        }
    }
}
