//! MaxPooling2D: the largest number under a window.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use ndarray::Ix4;
use serde::{Deserialize, Serialize};

use crate::{
    DataFormat, Extent, Padding, Two,
    kernels::{Window, WindowOptions, max_pool, max_pool_gradient},
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
    pub pool_size: Extent<Two>,
    /// How the window meets the border.
    pub padding: Padding,
    /// How far the window moves at each step; by default as far as it is long.
    pub strides: Option<Extent<Two>>,
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
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new(pool_size: impl Into<Extent<Two>>) -> Self {
        let pool_size = pool_size.into();
        Self { pool_size, strides: Some(pool_size), ..Self::default() }
    }

    builders! {
        data_format
    }

    /// Moves the window so far at each step.
    #[must_use]
    pub fn strides(self, strides: impl Into<Extent<Two>>) -> Self {
        Self { strides: Some(strides.into()), ..self }
    }

    /// Treats the border so.
    #[must_use]
    pub fn padding(self, padding: Padding) -> Self {
        Self { padding, ..self }
    }

    fn window(&self) -> WindowOptions<Two> {
        WindowOptions {
            kernel: self.pool_size,
            strides: self.strides.unwrap_or(self.pool_size),
            dilation: 1.into(),
            padding: self.padding,
        }
    }

    /// The window over images of a batch of that size.
    fn over(&self, size: [usize; 4]) -> Result<Window> {
        self.window().on("pool", &size)
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
        self.padding.check_not_causal()?;
        let strides = self.strides.unwrap_or(self.pool_size);
        for (argument, size) in [("pool_size", self.pool_size), ("strides", strides)] {
            if size.is_zero() {
                return Err(Error::argument(argument, "positive integers", size));
            }
        }
        Ok(())
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let last = self.data_format.places_last::<Two>(input)?;
        let window = self.window();
        let output = window.places(&last, last.last());
        let output = output.ok_or_else(|| window.misfit("pool", input))?;
        Ok(self.data_format.shape_from_last(&output))
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedMaxPooling2D>)> {
        let x = self.data_format.channels_to_last(x)?;
        let (batch, height, width, channels) =
            x.view::<Ix4>("(batch, height, width, channels)")?.dim();
        let size = [batch, height, width, channels];
        let window = self.over(size)?;
        let shape = [batch, window.rows.output, window.columns.output, channels];
        let mut y = Tensor::for_overwrite(&shape);
        // Whole numbers, kept as f32 in memory that lives on.
        let mut taps = cx.save(|| Tensor::for_overwrite(&shape));
        if taps.is_some() && window.is_too_wide() {
            let expected = "at most 16,777,216 pixels under the window in training";
            return Err(Error::argument("pool_size", expected, self.pool_size));
        }
        let mut kept = taps.as_mut().map(Tensor::as_mut_slice);
        let (image, pooled) = (x.sample_len().max(1), y.sample_len().max(1));
        let samples = x.as_slice().chunks(image).zip(y.as_mut_slice().chunks_mut(pooled));
        for (i, (x, y)) in samples.enumerate() {
            let taps = kept.as_mut().map(|taps| &mut taps[i * pooled..][..pooled]);
            max_pool(&window, channels, x, y, taps);
        }
        let y = self.data_format.channels_from_last(y)?;
        Ok((y, taps.map(|taps| SavedMaxPooling2D { size, taps })))
    }

    fn backward(
        &self,
        SavedMaxPooling2D { size, taps }: SavedMaxPooling2D,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dy = self.data_format.channels_to_last(dy)?;
        let channels = size[3];
        let window = self.over(size)?;
        let mut dx =
            if window.is_partition() { Tensor::for_overwrite(&size) } else { Tensor::zeros(&size) };
        let (image, pooled) = (dx.sample_len().max(1), dy.sample_len().max(1));
        let samples = dx.as_mut_slice().chunks_mut(image);
        let gradients = dy.as_slice().chunks(pooled).zip(taps.as_slice().chunks(pooled));
        for (dx, (dy, taps)) in samples.zip(gradients) {
            max_pool_gradient(&window, channels, dy, taps, dx);
        }
        self.data_format.channels_from_last(dx).map(Some)
    }
}
