//! RandomCrop: cuts a part out of images, another one each time, while training.

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::{
    Frame, aspect::Part, augmentation::rng, center_crop::smart_resize, check_size, resized,
};
use crate::DataFormat;

/// y\[r, c\] = x\[r + a, c + b\] while training, where a and b, all as likely, are drawn for each image;
/// otherwise the image is resized, after what is too much for the proportions of the output was cut off.
///
/// So it is also for images that are smaller than the output in one direction. In inference Keras 3
/// promises the same shape, but gives back the whole image; here it is as in Keras 2, and as Keras 3
/// documents it.
///
/// ```
/// use ceratops_core::{Layer, Shape};
/// use ceratops_layers::RandomCrop;
///
/// let shape = RandomCrop::new(24, 24).output_shape(&Shape::batched([28, 28, 1]))?;
/// assert_eq!(shape, Shape::batched([24, 24, 1]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomCrop`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomCrop {
    /// How many rows come out.
    pub height: usize,
    /// How many columns come out.
    pub width: usize,
    /// Told apart by it, two layers cut out different parts; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

/// Without a size, which `validate` refuses: Keras has no default for it.
impl Default for RandomCrop {
    fn default() -> Self {
        Self::new(0, 0)
    }
}

impl RandomCrop {
    /// The layer that cuts out `height` rows and `width` columns.
    pub fn new(height: usize, width: usize) -> Self {
        Self { height, width, seed: None, data_format: DataFormat::ChannelsLast }
    }

    builders! { seed data_format }

    /// A part for each image; nothing where they are too small, or where nothing is drawn.
    fn parts(&self, frame: Frame, batch: usize, cx: &mut Context) -> Option<Vec<Part>> {
        let down = frame.height.checked_sub(self.height)?;
        let right = frame.width.checked_sub(self.width)?;
        if !cx.is_training() {
            return None;
        }
        let mut rng = rng(self.seed, cx);
        let mut draw = || {
            let (top, left) = (rng.random_range(0..=down), rng.random_range(0..=right));
            Part { top, left, height: self.height, width: self.width }
        };
        Some((0..batch).map(|_| draw()).collect())
    }
}

/// What the gradient needs: the shape of the input, its channels last, and what was cut out of each image;
/// nothing where they were resized.
#[derive(Debug)]
pub struct SavedRandomCrop {
    shape: Vec<usize>,
    parts: Option<Vec<Part>>,
}

impl Layer for RandomCrop {
    const CLASS_NAME: &'static str = "RandomCrop";
    type Saved = SavedRandomCrop;

    fn validate(&self) -> Result<()> {
        check_size(self.height, self.width)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        resized(input, self.data_format, self.height, self.width)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedRandomCrop>)> {
        let x = self.data_format.channels_to_last(x)?;
        let (shape, frame) = (x.shape().to_vec(), Frame::of(&x)?);
        let parts = self.parts(frame, x.batch(), cx);
        let y = match &parts {
            None => smart_resize(self.height, self.width).forward(x, &mut Context::inference())?.0,
            Some(parts) => {
                let size = [x.batch(), self.height, self.width, frame.channels];
                let mut y = Tensor::for_overwrite(&size);
                let len = self.height * self.width * frame.channels;
                let cuts = y.as_mut_slice().chunks_mut(len.max(1)).zip(parts);
                for (x, (y, part)) in x.as_slice().chunks(frame.len().max(1)).zip(cuts) {
                    part.cut(frame, x, y);
                }
                y
            }
        };
        let saved = cx.save(|| SavedRandomCrop { shape, parts });
        Ok((self.data_format.channels_from_last(y)?, saved))
    }

    fn backward(
        &self,
        SavedRandomCrop { shape, parts }: SavedRandomCrop,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dy = self.data_format.channels_to_last(dy)?;
        let frame = Frame::of_shape(&shape)?;
        let dx = match parts {
            None => match smart_resize(self.height, self.width).backward(shape, dy, dw)? {
                Some(dx) => dx,
                None => return Ok(None),
            },
            Some(parts) => {
                let mut dx = Tensor::zeros(&shape);
                let len = self.height * self.width * frame.channels;
                let cuts = dy.as_slice().chunks(len.max(1)).zip(parts);
                for (dx, (dy, part)) in dx.as_mut_slice().chunks_mut(frame.len().max(1)).zip(cuts) {
                    part.put(frame, dy, dx);
                }
                dx
            }
        };
        self.data_format.channels_from_last(dx).map(Some)
    }
}
