//! Pooling: what a window sees becomes one number.

mod adaptive;
mod average;
mod global;
mod max;
mod pass;

use std::{fmt::Debug, marker::PhantomData};

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use self::pass::{Pass, Volume};
pub use self::{
    adaptive::{
        AdaptiveAveragePooling1D, AdaptiveAveragePooling2D, AdaptiveAveragePooling3D,
        AdaptiveMaxPooling1D, AdaptiveMaxPooling2D, AdaptiveMaxPooling3D, AdaptivePooling,
    },
    average::{AveragePooling1D, AveragePooling2D, AveragePooling3D, OfAll},
    global::{
        GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalAveragePooling3D, GlobalMaxPooling1D,
        GlobalMaxPooling2D, GlobalMaxPooling3D, GlobalPooling,
    },
    max::{MaxPooling1D, MaxPooling2D, MaxPooling3D, OfLargest},
};
use crate::{
    DataFormat, Extent, Padding, Rank,
    kernels::{PoolAxis, PoolWindow, WindowAxis, WindowOptions},
};

/// What becomes of the numbers that a pool sees: [`OfLargest`] or [`OfAll`].
pub trait PoolingOp:
    pass::Pool + Debug + Clone + PartialEq + Default + Send + Sync + 'static
{
    /// The classes of one, two and three axes, as Keras spells them.
    const CLASS_NAMES: [&'static str; 3];
    /// The same of the adaptive ones.
    const ADAPTIVE: [&'static str; 3];
    /// The same of the global ones.
    const GLOBAL: [&'static str; 3];
}

/// A window slides over a sequence, an image or a volume, and what it sees in each channel becomes
/// one number: the largest, or the mean.
///
/// From (batch, height, width, channels) to (batch, rows, columns, channels), and likewise with one
/// axis or three.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, bound = "")]
pub struct Pooling<R: Rank, O: PoolingOp> {
    /// The window's length along each axis; 2 by default.
    pub pool_size: Extent<R>,
    /// How the window meets the border.
    pub padding: Padding,
    /// How far the window moves at each step; by default as far as it is long.
    pub strides: Option<Extent<R>>,
    /// Where the channels stand.
    pub data_format: DataFormat,
    #[serde(skip)]
    op: PhantomData<O>,
}

impl<R: Rank, O: PoolingOp> Default for Pooling<R, O> {
    fn default() -> Self {
        Self {
            pool_size: 2.into(),
            padding: Padding::Valid,
            strides: None,
            data_format: DataFormat::ChannelsLast,
            op: PhantomData,
        }
    }
}

impl<R: Rank, O: PoolingOp> Pooling<R, O> {
    /// The layer with a window of `pool_size` (2, or a length for each axis), which moves by its
    /// own size.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new(pool_size: impl Into<Extent<R>>) -> Self {
        let pool_size = pool_size.into();
        Self { pool_size, strides: Some(pool_size), ..Self::default() }
    }

    builders! {
        data_format
    }

    /// Moves the window so far at each step.
    #[must_use]
    pub fn strides(self, strides: impl Into<Extent<R>>) -> Self {
        Self { strides: Some(strides.into()), ..self }
    }

    /// Treats the border so.
    #[must_use]
    pub fn padding(self, padding: Padding) -> Self {
        Self { padding, ..self }
    }

    /// The window along axis `axis` of a volume.
    fn along(&self, axis: usize, len: usize) -> Option<PoolAxis> {
        let size = self.pool_size.volume()[axis];
        let stride = self.strides.unwrap_or(self.pool_size).volume()[axis];
        WindowAxis::new(len, size, stride, 1, self.padding).map(PoolAxis::Sliding)
    }

    fn misfit(&self, input: &Shape) -> Error {
        let Self { pool_size: kernel, padding, .. } = *self;
        let strides = self.strides.unwrap_or(kernel);
        WindowOptions { kernel, strides, dilation: 1.into(), padding }.misfit("pool", input)
    }

    /// The passes over a batch of volumes: first along height and width, then along the depth, if there
    /// is one. So of equal numbers the first counts, row by row.
    fn passes(&self, volume: &Volume) -> Result<[Pass; 2]> {
        let [depth, height, width] = volume.lens;
        let along = |axis, len| self.along(axis, len);
        let windows = || Some((along(0, depth)?, along(1, height)?, along(2, width)?));
        let (planes, rows, columns) =
            windows().ok_or_else(|| self.misfit(&Shape::of(&volume.shape::<R>())))?;
        let places = rows.output() * columns.output();
        Ok([
            Pass { window: PoolWindow { rows, columns }, channels: volume.channels },
            Pass {
                window: PoolWindow { rows: PoolAxis::POINT, columns: planes },
                channels: places * volume.channels,
            },
        ])
    }

    /// How many passes there are.
    const PASSES: usize = if R::AXES == 3 { 2 } else { 1 };
}

/// What the gradient needs: the input (its channels last), and what each pass keeps.
#[derive(Debug)]
pub struct SavedPooling {
    volume: Volume,
    kept: Vec<Option<Tensor>>,
}

impl<R: Rank, O: PoolingOp> Layer for Pooling<R, O> {
    const CLASS_NAME: &'static str = O::CLASS_NAMES[R::AXES - 1];
    type Saved = SavedPooling;

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
        let mut last = self.data_format.places_last::<R>(input)?;
        for axis in 1..=R::AXES {
            let len = last.axes()[axis];
            // An open length is taken as large enough for any window.
            let along = self.along(3 - R::AXES + axis - 1, len.unwrap_or(1 << 31));
            let places = along.ok_or_else(|| self.misfit(input))?.output();
            last = last.with_axis(axis, len.map(|_| places));
        }
        Ok(self.data_format.shape_from_last(&last))
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedPooling>)> {
        let mut y = self.data_format.channels_to_last(x)?;
        let volume = Volume::of::<R>(&y)?;
        let mut kept = cx.save(Vec::new);
        let passes = self.passes(&volume)?;
        for pass in &passes[..Self::PASSES] {
            let (pooled, taps) = O::pool(pass, &y, kept.is_some())?;
            kept.iter_mut().for_each(|kept| kept.push(taps.clone()));
            y = pooled;
        }
        let [Pass { window, .. }, Pass { window: PoolWindow { columns: planes, .. }, .. }] = passes;
        let lens = [planes.output(), window.rows.output(), window.columns.output()];
        let y = Volume { lens, ..volume }.shaped::<R>(y)?;
        let y = self.data_format.channels_from_last(y)?;
        Ok((y, kept.map(|kept| SavedPooling { volume, kept })))
    }

    fn backward(
        &self,
        SavedPooling { volume, kept }: SavedPooling,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let mut dx = self.data_format.channels_to_last(dy)?;
        let passes = self.passes(&volume)?;
        for (pass, taps) in passes.iter().zip(kept).rev() {
            dx = O::gradient(pass, &dx, taps)?;
        }
        let dx = volume.shaped::<R>(dx)?;
        self.data_format.channels_from_last(dx).map(Some)
    }
}
