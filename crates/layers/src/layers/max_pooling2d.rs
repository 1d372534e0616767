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

    fn over(&self, height: usize, width: usize, x: &Tensor) -> Result<Window> {
        let window = self.window();
        let misfit = || window.misfit("pool", &Shape::of(x.shape()));
        window.over(height, width).ok_or_else(misfit)
    }
}

/// What the gradient needs: the input's size (channels last), and for each maximum which of the
/// window's taps it was.
#[derive(Debug)]
pub struct SavedMaxPooling2D {
    size: [usize; 4],
    taps: Tensor,
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
        let window = self.over(height, width, &x)?;
        let shape = [batch, window.rows.output, window.columns.output, channels];
        let mut y = Tensor::for_overwrite(&shape);
        // Small whole numbers, kept as f32 in memory that lives on.
        let mut taps = cx.save(|| Tensor::for_overwrite(&shape));
        let mut kept = taps.as_mut().map(Tensor::as_mut_slice);
        let (image, pooled) = (x.sample_len().max(1), y.sample_len().max(1));
        let samples = x.as_slice().chunks(image).zip(y.as_mut_slice().chunks_mut(pooled));
        for (i, (x, y)) in samples.enumerate() {
            let taps = kept.as_mut().map(|taps| &mut taps[i * pooled..][..pooled]);
            vectorize(
                #[inline(always)]
                move || pool(&window, channels, x, y, taps),
            );
        }
        let y = self.data_format.channels_from_last(y)?;
        let size = [batch, height, width, channels];
        Ok((y, taps.map(|taps| SavedMaxPooling2D { size, taps })))
    }

    fn backward(
        &self,
        SavedMaxPooling2D { size, taps }: SavedMaxPooling2D,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dy = self.data_format.channels_to_last(dy)?;
        let [_, height, width, channels] = size;
        let mut dx = Tensor::zeros(&size);
        let window = self.over(height, width, &dx)?;
        let (image, pooled) = (dx.sample_len().max(1), dy.sample_len().max(1));
        let samples = dx.as_mut_slice().chunks_mut(image);
        let gradients = dy.as_slice().chunks(pooled).zip(taps.as_slice().chunks(pooled));
        for (dx, (dy, taps)) in samples.zip(gradients) {
            vectorize(
                #[inline(always)]
                move || spread(&window, channels, dy, taps, dx),
            );
        }
        self.data_format.channels_from_last(dx).map(Some)
    }
}

/// The maxima of one image, and which taps they were, if it is asked.
#[inline(always)]
fn pool(window: &Window, channels: usize, x: &[f32], y: &mut [f32], mut taps: Option<&mut [f32]>) {
    let mut places = y.chunks_exact_mut(channels.max(1));
    let mut kept = taps.as_mut().map(|taps| taps.chunks_exact_mut(channels.max(1)));
    for row in 0..window.rows.output {
        for column in 0..window.columns.output {
            let Some(y) = places.next() else { return };
            let mut taps = kept.as_mut().and_then(Iterator::next);
            let mut first = true;
            for i in window.rows.inside(row) {
                for j in window.columns.inside(column) {
                    let x = &x[window.pixel(row, column, i, j) * channels..][..channels];
                    let tap = (i * window.columns.kernel + j) as f32;
                    match &mut taps {
                        None if first => y.copy_from_slice(x),
                        None => x.iter().zip(&mut *y).for_each(|(&x, y)| *y = larger(*y, x)),
                        Some(taps) => remember(x, tap, y, taps, first),
                    }
                    first = false;
                }
            }
        }
    }
}

/// The larger of two numbers; NaN if the second is.
#[inline(always)]
fn larger(y: f32, x: f32) -> f32 {
    if x > y || x.is_nan() { x } else { y }
}

/// Takes over where `x`, which tap `tap` sees, is larger, or is the first seen.
#[inline(always)]
fn remember(x: &[f32], tap: f32, y: &mut [f32], taps: &mut [f32], first: bool) {
    if first {
        y.copy_from_slice(x);
        taps.fill(tap);
        return;
    }
    for ((&x, y), kept) in x.iter().zip(y).zip(taps) {
        // Chosen, not branched over, so that it can be done to many numbers at once.
        let better = (x > *y) | x.is_nan();
        *y = if better { x } else { *y };
        *kept = if better { tap } else { *kept };
    }
}

/// Adds each gradient to where its maximum stood.
#[inline(always)]
fn spread(window: &Window, channels: usize, dy: &[f32], taps: &[f32], dx: &mut [f32]) {
    let mut places = dy.chunks_exact(channels.max(1)).zip(taps.chunks_exact(channels.max(1)));
    for row in 0..window.rows.output {
        for column in 0..window.columns.output {
            let Some((dy, taps)) = places.next() else { return };
            for i in window.rows.inside(row) {
                for j in window.columns.inside(column) {
                    let dx = &mut dx[window.pixel(row, column, i, j) * channels..][..channels];
                    let tap = (i * window.columns.kernel + j) as f32;
                    for ((dx, dy), kept) in dx.iter_mut().zip(dy).zip(taps) {
                        *dx += if *kept == tap { *dy } else { 0.0 };
                    }
                }
            }
        }
    }
}
