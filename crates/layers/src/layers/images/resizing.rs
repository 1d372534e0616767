//! Resizing: gives images another height and width.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{Frame, Interpolation, aspect, aspect::Part, check_size, resample::Resample, resized};
use crate::DataFormat;

/// y\[r, c\] = Σᵢ Σⱼ a\[r, i\] · b\[c, j\] · x\[i, j\], where the weights a and b of an output's row and column
/// follow from the interpolation.
///
/// From (batch, height, width, channels) to images of the height and width that are given. The
/// numbers are those of TensorFlow, whose places are counted from the middle of pixels.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Input, Resizing, sequential};
///
/// let model = sequential![Input::new([1, 3, 1]), Resizing::new(1, 6)]?;
/// let x = Tensor::new(&[1, 1, 3, 1], vec![0.0, 1.0, 3.0])?;
/// assert_eq!(model.predict(x)?.as_slice(), [0.0, 0.25, 0.75, 1.5, 2.5, 3.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Resizing`; Keys 1981, "Cubic Convolution Interpolation for Digital
/// Image Processing".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resizing {
    /// How many rows come out.
    pub height: usize,
    /// How many columns come out.
    pub width: usize,
    /// How pixels between the pixels are made.
    pub interpolation: Interpolation,
    /// Whether the largest part in the middle is taken that has the proportions of the output.
    pub crop_to_aspect_ratio: bool,
    /// Whether a border is put around that gives the image the proportions of the output.
    pub pad_to_aspect_ratio: bool,
    /// What the border is made of: `"constant"`.
    pub fill_mode: String,
    /// The number of which the border is made.
    pub fill_value: f64,
    /// Whether an image that becomes smaller is smoothed.
    pub antialias: bool,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

/// Without a size, which `validate` refuses: Keras has no default for it.
impl Default for Resizing {
    fn default() -> Self {
        Self::new(0, 0)
    }
}

impl Resizing {
    /// The layer that makes images of `height` rows and `width` columns.
    pub fn new(height: usize, width: usize) -> Self {
        Self {
            height,
            width,
            interpolation: Interpolation::Bilinear,
            crop_to_aspect_ratio: false,
            pad_to_aspect_ratio: false,
            fill_mode: "constant".into(),
            fill_value: 0.0,
            antialias: false,
            data_format: DataFormat::ChannelsLast,
        }
    }

    builders! { data_format }

    /// Sets how pixels between the pixels are made.
    #[must_use]
    pub fn interpolation(self, interpolation: Interpolation) -> Self {
        Self { interpolation, ..self }
    }

    /// Keeps the proportions by leaving out what is too much.
    #[must_use]
    pub fn crop_to_aspect_ratio(self, crop_to_aspect_ratio: bool) -> Self {
        Self { crop_to_aspect_ratio, ..self }
    }

    /// Keeps the proportions by a border.
    #[must_use]
    pub fn pad_to_aspect_ratio(self, pad_to_aspect_ratio: bool) -> Self {
        Self { pad_to_aspect_ratio, ..self }
    }

    /// Sets the number of which the border is made.
    #[must_use]
    pub fn fill_value(self, fill_value: f64) -> Self {
        Self { fill_value, ..self }
    }

    /// Smooths images that become smaller.
    #[must_use]
    pub fn antialias(self, antialias: bool) -> Self {
        Self { antialias, ..self }
    }

    /// The way from images of that size to the output.
    fn plan(&self, frame: Frame) -> Result<Plan> {
        if frame.height == 0 || frame.width == 0 {
            let found = format!("{} x {}", frame.height, frame.width);
            return Err(Error::argument("input", "images of at least one pixel", found));
        }
        let size = [self.height, self.width];
        let (rows, columns) = match self.pad_to_aspect_ratio {
            true => aspect::borders(frame, self.height, self.width),
            false => (0, 0),
        };
        let padded = frame.with_border(rows, columns)?;
        let part = match self.crop_to_aspect_ratio {
            true => Part::of_aspect(frame, self.height, self.width),
            false => Part::whole(padded),
        };
        let resample = Resample::new(padded, part, size, self.interpolation, self.antialias);
        Ok(Plan { frame, padded, inner: Part::middle(padded, frame.height, frame.width), resample })
    }

    /// Whether the images come out as they are.
    fn is_identity(&self, frame: Frame) -> bool {
        [frame.height, frame.width] == [self.height, self.width]
    }
}

/// How an image gets its new size.
#[derive(Debug)]
struct Plan {
    frame: Frame,
    /// The size with a border, and the image within.
    padded: Frame,
    inner: Part,
    resample: Resample,
}

impl Frame {
    /// The size with so many rows and columns on each side.
    fn with_border(self, rows: usize, columns: usize) -> Result<Self> {
        let add = |len: usize, border: usize| border.checked_mul(2)?.checked_add(len);
        let (height, width) = (add(self.height, rows), add(self.width, columns));
        let size = height.zip(width).filter(|(height, width)| {
            let pixels = height.checked_mul(*width);
            pixels.is_some_and(|pixels| pixels <= super::MOST.saturating_mul(64))
        });
        let (height, width) = size.ok_or_else(|| {
            let found = format!("{} x {}", self.height, self.width);
            Error::argument("input", "images whose border fits into memory", found)
        })?;
        Ok(Self { height, width, ..self })
    }
}

impl Plan {
    fn has_border(&self) -> bool {
        self.padded != self.frame
    }

    /// The rows of an image, and those with a border that they are.
    fn rows(&self) -> impl Iterator<Item = (usize, usize)> {
        let (inner, padded, own) = (self.inner, self.padded, self.frame.row());
        (0..self.frame.height).map(move |row| {
            let place = ((inner.top + row) * padded.width + inner.left) * padded.channels;
            (row * own, place)
        })
    }

    fn forward(&self, x: &Tensor, y: &mut Tensor, fill: f32) {
        let mut row = vec![0.0; self.resample.row()];
        let mut bordered = vec![fill; if self.has_border() { self.padded.len() } else { 0 }];
        let len = self.frame.row();
        let images = x.as_slice().chunks(self.frame.len().max(1));
        for (x, y) in images.zip(y.as_mut_slice().chunks_mut(self.resample.len().max(1))) {
            if !self.has_border() {
                self.resample.apply(x, &mut row, y);
                continue;
            }
            for (from, to) in self.rows() {
                bordered[to..][..len].copy_from_slice(&x[from..][..len]);
            }
            self.resample.apply(&bordered, &mut row, y);
        }
    }

    fn backward(&self, dy: &Tensor, dx: &mut Tensor) {
        let mut row = vec![0.0; self.resample.row()];
        let mut bordered = vec![0.0; if self.has_border() { self.padded.len() } else { 0 }];
        let len = self.frame.row();
        let gradients = dy.as_slice().chunks(self.resample.len().max(1));
        for (dy, dx) in gradients.zip(dx.as_mut_slice().chunks_mut(self.frame.len().max(1))) {
            if !self.has_border() {
                self.resample.pull(dy, &mut row, dx);
                continue;
            }
            bordered.fill(0.0);
            self.resample.pull(dy, &mut row, &mut bordered);
            for (to, from) in self.rows() {
                dx[to..][..len].copy_from_slice(&bordered[from..][..len]);
            }
        }
    }
}

impl Layer for Resizing {
    const CLASS_NAME: &'static str = "Resizing";
    /// The shape of the input, its channels last.
    type Saved = Vec<usize>;

    fn validate(&self) -> Result<()> {
        check_size(self.height, self.width)?;
        if self.fill_mode != "constant" {
            return Err(Error::argument("fill_mode", "\"constant\"", &self.fill_mode));
        }
        if self.crop_to_aspect_ratio && self.pad_to_aspect_ratio {
            let expected = "false where `crop_to_aspect_ratio` is true";
            return Err(Error::argument("pad_to_aspect_ratio", expected, true));
        }
        Ok(())
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        resized(input, self.data_format, self.height, self.width)
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<usize>>)> {
        let x = self.data_format.channels_to_last(x)?;
        let (shape, frame) = (x.shape().to_vec(), Frame::of(&x)?);
        if self.is_identity(frame) {
            return Ok((self.data_format.channels_from_last(x)?, cx.save(|| shape)));
        }
        let plan = self.plan(frame)?;
        let mut y = Tensor::for_overwrite(&[x.batch(), self.height, self.width, frame.channels]);
        plan.forward(&x, &mut y, self.fill_value as f32);
        Ok((self.data_format.channels_from_last(y)?, cx.save(|| shape)))
    }

    fn backward(
        &self,
        shape: Vec<usize>,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dy = self.data_format.channels_to_last(dy)?;
        let mut dx = Tensor::zeros(&shape);
        let frame = Frame::of(&dx)?;
        if self.is_identity(frame) {
            return self.data_format.channels_from_last(dy).map(Some);
        }
        self.plan(frame)?.backward(&dy, &mut dx);
        self.data_format.channels_from_last(dx).map(Some)
    }
}
