//! CenterCrop: cuts the middle out of images.

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{Frame, Resizing, aspect::Part, check_size, resized};
use crate::DataFormat;

/// y\[r, c\] = x\[r + ⌊(H - height) / 2⌋, c + ⌊(W - width) / 2⌋\], for images of H rows and W columns.
///
/// An image that is smaller in one direction is resized instead (bilinear), after what is too much for
/// the proportions of the output was cut off.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{CenterCrop, Input, sequential};
///
/// let model = sequential![Input::new([1, 5, 1]), CenterCrop::new(1, 2)]?;
/// let x = Tensor::new(&[1, 1, 5, 1], vec![0.0, 1.0, 2.0, 3.0, 4.0])?;
/// assert_eq!(model.predict(x)?.as_slice(), [1.0, 2.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.CenterCrop`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CenterCrop {
    /// How many rows come out.
    pub height: usize,
    /// How many columns come out.
    pub width: usize,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

/// Without a size, which `validate` refuses: Keras has no default for it.
impl Default for CenterCrop {
    fn default() -> Self {
        Self::new(0, 0)
    }
}

impl CenterCrop {
    /// The layer that cuts out `height` rows and `width` columns.
    pub fn new(height: usize, width: usize) -> Self {
        Self { height, width, data_format: DataFormat::ChannelsLast }
    }

    builders! { data_format }

    /// The part of such images that is cut out; nothing where they are too small.
    fn part(&self, frame: Frame) -> Option<Part> {
        let fits = frame.height >= self.height && frame.width >= self.width;
        fits.then(|| Part::middle(frame, self.height, self.width))
    }
}

/// What makes images too small larger.
pub(super) fn smart_resize(height: usize, width: usize) -> Resizing {
    Resizing::new(height, width).crop_to_aspect_ratio(true)
}

/// The same part of all images.
pub(super) fn crop(x: &Tensor, frame: Frame, part: Part) -> Tensor {
    let mut y = Tensor::for_overwrite(&[x.batch(), part.height, part.width, frame.channels]);
    let images = y.as_mut_slice().chunks_mut(part.len(frame).max(1));
    for (y, x) in images.zip(x.as_slice().chunks(frame.len().max(1))) {
        part.cut(frame, x, y);
    }
    y
}

/// The gradient of images of which that part was taken.
pub(super) fn uncrop(dy: &Tensor, shape: &[usize], frame: Frame, part: Part) -> Tensor {
    let mut dx = Tensor::zeros(shape);
    let images = dx.as_mut_slice().chunks_mut(frame.len().max(1));
    for (dx, dy) in images.zip(dy.as_slice().chunks(part.len(frame).max(1))) {
        part.put(frame, dy, dx);
    }
    dx
}

impl Part {
    /// How many numbers it has.
    pub(super) fn len(self, frame: Frame) -> usize {
        self.height * self.width * frame.channels
    }

    fn rows(self, frame: Frame) -> impl Iterator<Item = usize> {
        let place = move |row| ((self.top + row) * frame.width + self.left) * frame.channels;
        (0..self.height).map(place)
    }

    /// Copies the part of the image `x` to `y`.
    pub(super) fn cut(self, frame: Frame, x: &[f32], y: &mut [f32]) {
        let row = (self.width * frame.channels).max(1);
        for (place, y) in self.rows(frame).zip(y.chunks_mut(row)) {
            y.copy_from_slice(&x[place..][..row]);
        }
    }

    /// Copies `dy` to the part of the image `dx`.
    pub(super) fn put(self, frame: Frame, dy: &[f32], dx: &mut [f32]) {
        let row = (self.width * frame.channels).max(1);
        for (place, dy) in self.rows(frame).zip(dy.chunks(row)) {
            dx[place..][..row].copy_from_slice(dy);
        }
    }
}

impl Layer for CenterCrop {
    const CLASS_NAME: &'static str = "CenterCrop";
    /// The shape of the input, its channels last.
    type Saved = Vec<usize>;

    fn validate(&self) -> Result<()> {
        check_size(self.height, self.width)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        resized(input, self.data_format, self.height, self.width)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<usize>>)> {
        let x = self.data_format.channels_to_last(x)?;
        let (shape, frame) = (x.shape().to_vec(), Frame::of(&x)?);
        let y = match self.part(frame) {
            Some(part) => crop(&x, frame, part),
            None => smart_resize(self.height, self.width).forward(x, &mut Context::inference())?.0,
        };
        Ok((self.data_format.channels_from_last(y)?, cx.save(|| shape)))
    }

    fn backward(
        &self,
        shape: Vec<usize>,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dy = self.data_format.channels_to_last(dy)?;
        let frame = Frame::of_shape(&shape)?;
        let dx = match self.part(frame) {
            Some(part) => uncrop(&dy, &shape, frame, part),
            None => match smart_resize(self.height, self.width).backward(shape, dy, dw)? {
                Some(dx) => dx,
                None => return Ok(None),
            },
        };
        self.data_format.channels_from_last(dx).map(Some)
    }
}
