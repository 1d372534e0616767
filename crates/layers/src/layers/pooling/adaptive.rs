//! AdaptiveAveragePooling and AdaptiveMaxPooling: pools whose output has a given size.

use std::marker::PhantomData;

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    OfAll, OfLargest, PoolingOp, SavedPooling,
    pass::{Pass, Volume},
};
use crate::{
    DataFormat, Extent, One, Rank, Three, Two,
    kernels::{PoolAxis, PoolWindow},
};

/// y\[i, f\] = mean x\[t, f\] over the steps t from ⌊i·n/o⌋ to ⌈(i + 1)·n/o⌉, of n steps and o places.
///
/// From (batch, steps, channels) to (batch, `output_size`, channels).
///
/// ```
/// use ceratops_layers::{AdaptiveAveragePooling1D, Input, sequential};
///
/// let model = sequential![Input::new([4, 1]), AdaptiveAveragePooling1D::new(3)]?;
/// let y = model.predict([[[1.0], [3.0], [5.0], [7.0]]])?;
/// assert_eq!(y, [[[2.0], [4.0], [6.0]]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.AdaptiveAveragePooling1D`.
pub type AdaptiveAveragePooling1D = AdaptivePooling<One, OfAll>;

/// The mean of a place's share of the rows, as in [`AdaptiveAveragePooling1D`], then of its share of
/// the columns.
///
/// From (batch, height, width, channels) to (batch, rows, columns, channels) with `output_size`
/// rows and columns.
///
/// Source: Keras, `keras.layers.AdaptiveAveragePooling2D`.
pub type AdaptiveAveragePooling2D = AdaptivePooling<Two, OfAll>;

/// The mean of a place's share of the planes, as in [`AdaptiveAveragePooling1D`], then of its share of
/// the rows, then of its share of the columns.
///
/// From (batch, depth, height, width, channels) to (batch, planes, rows, columns, channels) with
/// `output_size` planes, rows and columns.
///
/// Source: Keras, `keras.layers.AdaptiveAveragePooling3D`.
pub type AdaptiveAveragePooling3D = AdaptivePooling<Three, OfAll>;

/// y\[i, f\] = max x\[t, f\] over the steps t from ⌊i·n/o⌋ to ⌈(i + 1)·n/o⌉, of n steps and o places.
///
/// From (batch, steps, channels) to (batch, `output_size`, channels). Of equal numbers the first
/// gets the gradient.
///
/// ```
/// use ceratops_layers::{AdaptiveMaxPooling1D, Input, sequential};
///
/// let model = sequential![Input::new([4, 1]), AdaptiveMaxPooling1D::new(3)]?;
/// let y = model.predict([[[1.0], [3.0], [5.0], [7.0]]])?;
/// assert_eq!(y, [[[3.0], [5.0], [7.0]]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.AdaptiveMaxPooling1D`.
pub type AdaptiveMaxPooling1D = AdaptivePooling<One, OfLargest>;

/// The largest of a place's share of the rows, as in [`AdaptiveMaxPooling1D`], then of its share of
/// the columns. Of equal numbers the first, column by column, gets the gradient.
///
/// From (batch, height, width, channels) to (batch, rows, columns, channels) with `output_size`
/// rows and columns.
///
/// Source: Keras, `keras.layers.AdaptiveMaxPooling2D`.
pub type AdaptiveMaxPooling2D = AdaptivePooling<Two, OfLargest>;

/// The largest of a place's share of the planes, as in [`AdaptiveMaxPooling1D`], then of its share of
/// the rows, then of its share of the columns.
///
/// From (batch, depth, height, width, channels) to (batch, planes, rows, columns, channels) with
/// `output_size` planes, rows and columns.
///
/// Source: Keras, `keras.layers.AdaptiveMaxPooling3D`.
pub type AdaptiveMaxPooling3D = AdaptivePooling<Three, OfLargest>;

/// A pool whose places share out the input among them, so that there are as many as are asked for:
/// along each axis place i of o sees the inputs from ⌊i·n/o⌋ to ⌈(i + 1)·n/o⌉.
///
/// Unlike Keras on TensorFlow, a place may see the whole input (`output_size` 1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, bound = "")]
pub struct AdaptivePooling<R: Rank, O: PoolingOp> {
    /// How many places there are along each axis.
    pub output_size: Extent<R>,
    /// Where the channels stand.
    pub data_format: DataFormat,
    #[serde(skip)]
    op: PhantomData<O>,
}

/// Without a size, which `validate` refuses: Keras has no default for it.
impl<R: Rank, O: PoolingOp> Default for AdaptivePooling<R, O> {
    fn default() -> Self {
        Self::new(0)
    }
}

impl<R: Rank, O: PoolingOp> AdaptivePooling<R, O> {
    /// The layer with `output_size` places along each axis (2, or a number for each).
    pub fn new(output_size: impl Into<Extent<R>>) -> Self {
        let output_size = output_size.into();
        Self { output_size, data_format: DataFormat::ChannelsLast, op: PhantomData }
    }

    builders! {
        data_format
    }

    /// The passes over a batch of volumes, one along each axis.
    fn passes(&self, volume: &Volume) -> Vec<Pass> {
        let Volume { mut lens, channels, .. } = *volume;
        let mut passes = Vec::with_capacity(R::AXES);
        for axis in 3 - R::AXES..3 {
            let (input, output) = (lens[axis], self.output_size.volume()[axis]);
            let columns = PoolAxis::Shared { input, output };
            let inner: usize = lens[axis + 1..].iter().product();
            let window = PoolWindow { rows: PoolAxis::POINT, columns };
            passes.push(Pass { window, channels: inner * channels });
            lens[axis] = output;
        }
        passes
    }
}

impl<R: Rank, O: PoolingOp> Layer for AdaptivePooling<R, O> {
    const CLASS_NAME: &'static str = O::ADAPTIVE[R::AXES - 1];
    type Saved = SavedPooling;

    fn validate(&self) -> Result<()> {
        if self.output_size.is_zero() {
            return Err(Error::argument("output_size", "positive integers", self.output_size));
        }
        Ok(())
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let mut last = self.data_format.places_last::<R>(input)?;
        for (axis, &len) in (1..).zip(self.output_size.lengths()) {
            if last.axes()[axis] == Some(0) {
                let message = format!("cannot take {input}: there is nothing to share out");
                return Err(Error::Model(message));
            }
            last = last.with_axis(axis, Some(len));
        }
        Ok(self.data_format.shape_from_last(&last))
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedPooling>)> {
        self.validate()?;
        self.output_shape(&Shape::of(x.shape()))?;
        let mut y = self.data_format.channels_to_last(x)?;
        let volume = Volume::of::<R>(&y)?;
        let mut kept = cx.save(Vec::new);
        for pass in self.passes(&volume) {
            let (pooled, taps) = O::pool(&pass, &y, kept.is_some())?;
            kept.iter_mut().for_each(|kept| kept.push(taps.clone()));
            y = pooled;
        }
        let y = Volume { lens: self.output_size.volume(), ..volume }.shaped::<R>(y)?;
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
        for (pass, taps) in self.passes(&volume).iter().zip(kept).rev() {
            dx = O::gradient(pass, &dx, taps)?;
        }
        let dx = volume.shaped::<R>(dx)?;
        self.data_format.channels_from_last(dx).map(Some)
    }
}
