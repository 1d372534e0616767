//! MaxPooling2D: the largest number under a window.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor, vectorize};
use ndarray::Ix4;
use serde::{Deserialize, Serialize};

use super::expect_ndim;
use crate::{
    DataFormat, Padding, Size,
    kernels::{Window, WindowOptions},
};

/// y\[r, c, f\] = max x\[r·s + i, c·s + j, f\] over the window's rows i and columns j, with strides s.
///
/// From (batch, height, width, channels) to (batch, rows, columns, channels). Of equal numbers the
/// first, row by row, gets the gradient. A NaN under the window comes out as NaN (TensorFlow on a
/// CPU loses it).
///
/// ```
/// use ceratops_core::{Layer, Shape};
/// use ceratops_layers::MaxPooling2D;
///
/// let shape = MaxPooling2D::new(2).output_shape(&Shape::batched([28, 28, 8]))?;
/// assert_eq!(shape, Shape::batched([14, 14, 8]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.MaxPooling2D`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MaxPooling2D {
    /// The window's height and width; 2 by default.
    pub pool_size: Size,
    /// How the window meets the border.
    pub padding: Padding,
    /// How far the window moves at each step; by default as far as it is long.
    pub strides: Option<Size>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Default for MaxPooling2D {
    fn default() -> Self {
        Self {
            pool_size: 2.into(),
            padding: Padding::Valid,
            strides: None,
            data_format: DataFormat::ChannelsLast,
        }
    }
}

impl MaxPooling2D {
    /// The layer with a window of `pool_size` (2, or `[2, 3]`), which moves by its own size.
    pub fn new(pool_size: impl Into<Size>) -> Self {
        let pool_size = pool_size.into();
        Self { pool_size, strides: Some(pool_size), ..Self::default() }
    }

    /// Moves the window so far at each step.
    #[must_use]
    pub fn strides(self, strides: impl Into<Size>) -> Self {
        Self { strides: Some(strides.into()), ..self }
    }

    /// Treats the border so.
    #[must_use]
    pub fn padding(self, padding: Padding) -> Self {
        Self { padding, ..self }
    }

    /// Expects the channels there.
    #[must_use]
    pub fn data_format(self, data_format: DataFormat) -> Self {
        Self { data_format, ..self }
    }

    fn window(&self) -> WindowOptions {
        WindowOptions {
            kernel: self.pool_size,
            strides: self.strides.unwrap_or(self.pool_size),
            dilation: 1.into(),
            padding: self.padding,
        }
    }
}

/// What the gradient needs: the input's shape, and where in its sample each maximum stood.
#[derive(Debug)]
pub struct SavedMaxPooling2D {
    shape: Vec<usize>,
    places: Vec<u32>,
}

impl Layer for MaxPooling2D {
    const CLASS_NAME: &'static str = "MaxPooling2D";
    type Saved = SavedMaxPooling2D;

    fn validate(&self) -> Result<()> {
        let strides = self.strides.unwrap_or(self.pool_size);
        for (argument, size) in [("pool_size", self.pool_size), ("strides", strides)] {
            if size.is_zero() {
                return Err(Error::argument(argument, "positive integers", size));
            }
        }
        Ok(())
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let axes = match self.data_format {
            DataFormat::ChannelsLast => "(batch, height, width, channels)",
            DataFormat::ChannelsFirst => "(batch, channels, height, width)",
        };
        expect_ndim(input, 4, axes, "add the missing axis with Reshape, or in the Input")?;
        let last = self.data_format.shape_to_last(input);
        let window = self.window();
        let [rows, columns] = window.places(&last).ok_or_else(|| window.misfit("pool", input))?;
        let output = last.with_axis(1, rows).with_axis(2, columns);
        Ok(self.data_format.shape_from_last(&output))
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedMaxPooling2D>)> {
        let x = self.data_format.channels_to_last(x)?;
        let (batch, height, width, channels) =
            x.view::<Ix4>("(batch, height, width, channels)")?.dim();
        let window = self.window();
        let misfit = || window.misfit("pool", &Shape::of(x.shape()));
        let window = window.over(height, width).ok_or_else(misfit)?;
        let shape = [batch, window.rows.output, window.columns.output, channels];
        let mut y = Tensor::full(&shape, f32::NEG_INFINITY);
        let mut places = cx.save(|| vec![0; y.len()]);
        let (image, pooled) = (height * width * channels, y.sample_len());
        for i in 0..batch {
            let x = &x.as_slice()[i * image..(i + 1) * image];
            let out = i * pooled..(i + 1) * pooled;
            let places = places.as_mut().map(|places| &mut places[out.clone()]);
            let y = &mut y.as_mut_slice()[out];
            vectorize(
                #[inline(always)]
                || pool(&window, channels, x, y, places),
            );
        }
        let y = self.data_format.channels_from_last(y)?;
        Ok((y, places.map(|places| SavedMaxPooling2D { shape: x.shape().to_vec(), places })))
    }

    fn backward(
        &self,
        SavedMaxPooling2D { shape, places }: SavedMaxPooling2D,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dy = self.data_format.channels_to_last(dy)?;
        let mut dx = Tensor::zeros(&shape);
        let (image, pooled) = (dx.sample_len().max(1), dy.sample_len().max(1));
        let samples = dx.as_mut_slice().chunks_mut(image);
        for ((dx, dy), places) in
            samples.zip(dy.as_slice().chunks(pooled)).zip(places.chunks(pooled))
        {
            for (dy, &place) in dy.iter().zip(places) {
                dx[place as usize] += dy;
            }
        }
        self.data_format.channels_from_last(dx).map(Some)
    }
}

/// The maxima of one image, into `y`, which holds -inf; and where they stood, if it is asked.
#[inline(always)]
fn pool(
    window: &Window,
    channels: usize,
    x: &[f32],
    y: &mut [f32],
    mut places: Option<&mut [u32]>,
) {
    for row in 0..window.rows.output {
        for column in 0..window.columns.output {
            let start = (row * window.columns.output + column) * channels;
            let y = &mut y[start..start + channels];
            let mut places = places.as_mut().map(|places| &mut places[start..start + channels]);
            let mut first = true;
            for i in window.rows.inside(row) {
                for j in window.columns.inside(column) {
                    let taps = window.rows.tap(row, i).zip(window.columns.tap(column, j));
                    let Some((r, c)) = taps else { continue };
                    let start = (r * window.columns.input + c) * channels;
                    let x = &x[start..start + channels];
                    match &mut places {
                        None => x.iter().zip(&mut *y).for_each(|(&x, y)| *y = larger(*y, x)),
                        Some(places) => remember(x, start, y, places, first),
                    }
                    first = false;
                }
            }
        }
    }
}

/// The larger of two numbers; NaN if the second is.
#[inline]
fn larger(y: f32, x: f32) -> f32 {
    if x > y || x.is_nan() { x } else { y }
}

/// Takes over where `x`, whose channels lie from `start` on, is larger, or is the first seen.
#[inline(always)]
fn remember(x: &[f32], start: usize, y: &mut [f32], places: &mut [u32], first: bool) {
    let start = start as u32;
    for (k, ((&x, y), place)) in (start..).zip(x.iter().zip(y).zip(places)) {
        // Chosen, not branched over, so that it can be done to many numbers at once.
        let better = first | (x > *y) | x.is_nan();
        *y = if better { x } else { *y };
        *place = if better { k } else { *place };
    }
}
