//! GlobalAveragePooling and GlobalMaxPooling: one number for each channel.

use std::marker::PhantomData;

use ceratops_core::{Context, Error, Gradients, Layer, Mask, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::super::blocks::Blocks;
use super::{OfAll, OfLargest, PoolingOp, pass::Rows};
use crate::{DataFormat, One, Rank, Three, Two};

/// y\[f\] = mean x\[t, f\] over the steps t. Steps that a mask leaves out do not count; of a sample of
/// which none is left all means are NaN, as in Keras.
///
/// From (batch, steps, channels) to (batch, channels), or with `keepdims` to (batch, 1, channels).
///
/// ```
/// use ceratops_layers::{GlobalAveragePooling1D, Input, Masking, sequential};
///
/// let pool = GlobalAveragePooling1D::new();
/// let model = sequential![Input::new([3, 1]), Masking::new(0.0), pool]?;
/// assert_eq!(model.predict([[[1.0], [3.0], [0.0]]])?, [[2.0]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Lin et al. 2013, "Network In Network"; Keras, `keras.layers.GlobalAveragePooling1D`.
pub type GlobalAveragePooling1D = GlobalPooling<One, OfAll>;

/// y\[f\] = mean x\[r, c, f\] over the rows r and the columns c.
///
/// From (batch, height, width, channels) to (batch, channels), or with `keepdims` to
/// (batch, 1, 1, channels).
///
/// ```
/// use ceratops_core::{Layer, Shape};
/// use ceratops_layers::GlobalAveragePooling2D;
///
/// let pool = GlobalAveragePooling2D::new();
/// let shape = pool.output_shape(&Shape::batched([7, 7, 512]))?;
/// assert_eq!(shape, Shape::batched([512]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Lin et al. 2013, "Network In Network"; Keras, `keras.layers.GlobalAveragePooling2D`.
pub type GlobalAveragePooling2D = GlobalPooling<Two, OfAll>;

/// y\[f\] = mean x\[d, r, c, f\] over the planes d, the rows r and the columns c.
///
/// From (batch, depth, height, width, channels) to (batch, channels), or with `keepdims` to
/// (batch, 1, 1, 1, channels).
///
/// Source: Lin et al. 2013, "Network In Network"; Keras, `keras.layers.GlobalAveragePooling3D`.
pub type GlobalAveragePooling3D = GlobalPooling<Three, OfAll>;

/// y\[f\] = max x\[t, f\] over the steps t. Equal maxima share the gradient.
///
/// From (batch, steps, channels) to (batch, channels), or with `keepdims` to (batch, 1, channels).
///
/// ```
/// use ceratops_layers::{GlobalMaxPooling1D, Input, sequential};
///
/// let model = sequential![Input::new([3, 1]), GlobalMaxPooling1D::new()]?;
/// assert_eq!(model.predict([[[1.0], [3.0], [2.0]]])?, [[3.0]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.GlobalMaxPooling1D`.
pub type GlobalMaxPooling1D = GlobalPooling<One, OfLargest>;

/// y\[f\] = max x\[r, c, f\] over the rows r and the columns c. Equal maxima share the gradient.
///
/// From (batch, height, width, channels) to (batch, channels), or with `keepdims` to
/// (batch, 1, 1, channels).
///
/// Source: Keras, `keras.layers.GlobalMaxPooling2D`.
pub type GlobalMaxPooling2D = GlobalPooling<Two, OfLargest>;

/// y\[f\] = max x\[d, r, c, f\] over the planes d, the rows r and the columns c. Equal maxima share the
/// gradient.
///
/// From (batch, depth, height, width, channels) to (batch, channels), or with `keepdims` to
/// (batch, 1, 1, 1, channels).
///
/// Source: Keras, `keras.layers.GlobalMaxPooling3D`.
pub type GlobalMaxPooling3D = GlobalPooling<Three, OfLargest>;

/// All places of a sequence, an image or a volume become one number for each channel: the largest, or
/// the mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, bound = "")]
pub struct GlobalPooling<R: Rank, O: PoolingOp> {
    /// Where the channels stand.
    pub data_format: DataFormat,
    /// Whether the axes stay, with length 1.
    pub keepdims: bool,
    #[serde(skip)]
    kind: PhantomData<(R, O)>,
}

impl<R: Rank, O: PoolingOp> Default for GlobalPooling<R, O> {
    fn default() -> Self {
        Self { data_format: DataFormat::ChannelsLast, keepdims: false, kind: PhantomData }
    }
}

impl<R: Rank, O: PoolingOp> GlobalPooling<R, O> {
    /// The layer with Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    builders! {
        data_format
    }

    /// Keeps the axes, with length 1.
    #[must_use]
    pub fn keepdims(self, keepdims: bool) -> Self {
        Self { keepdims, ..self }
    }

    /// The shape of the output for an input of this shape, of which `rows` has been made sure.
    fn pooled(&self, shape: &[usize]) -> Vec<usize> {
        let first = self.data_format == DataFormat::ChannelsFirst;
        let channels = if first { 1 } else { R::AXES + 1 };
        let stays = |axis: usize| axis == 0 || axis == channels;
        let lens = shape.iter().enumerate().filter(|(axis, _)| self.keepdims || stays(*axis));
        lens.map(|(axis, len)| if stays(axis) { *len } else { 1 }).collect()
    }

    /// How the numbers of a batch stand: the channels within the places, or each by itself.
    fn rows(&self, shape: &[usize]) -> Result<Rows> {
        let Blocks { lens, inner, .. } = Blocks::of::<R>(self.data_format, shape)?;
        Ok(Rows { n: lens.iter().product(), inner })
    }
}

/// What the gradient needs: the shape of the input, what was seen of it if that counts, and the mask.
#[derive(Debug)]
pub struct SavedGlobalPooling {
    shape: Vec<usize>,
    seen: Option<(Tensor, Tensor)>,
    mask: Option<Steps>,
}

/// Which steps count: 1 or 0 for each, and how many do of each sample.
#[derive(Debug, Clone)]
struct Steps {
    mask: Mask,
    counts: Vec<f32>,
    /// How many blocks of rows a sample has.
    blocks: usize,
}

impl Steps {
    fn new(mask: &Mask, Rows { n, .. }: Rows, shape: &[usize], blocks: usize) -> Result<Self> {
        if mask.tensor().shape() != [shape[0], n] {
            let expected = Shape::of(&[shape[0], n]);
            return Err(Error::shape("mask", expected, mask.tensor().shape(), ""));
        }
        let counts = mask.tensor().as_slice().chunks(n.max(1)).map(|keep| keep.iter().sum());
        Ok(Self { mask: mask.clone(), counts: counts.collect(), blocks })
    }

    /// How many steps of a block count.
    fn places(&self, block: usize) -> f32 {
        self.counts.get(block / self.blocks.max(1)).copied().unwrap_or(0.0)
    }

    /// Makes the numbers of the other steps 0.
    fn drop_masked(&self, Rows { n, inner }: Rows, x: &mut Tensor) {
        let keep = self.mask.tensor().as_slice().chunks(n.max(1));
        let keep = keep.flat_map(|keep| std::iter::repeat_n(keep, self.blocks).flatten());
        for (row, keep) in x.as_mut_slice().chunks_mut(inner.max(1)).zip(keep) {
            if *keep == 0.0 {
                row.fill(0.0);
            }
        }
    }
}

impl<R: Rank, O: PoolingOp> Layer for GlobalPooling<R, O> {
    const CLASS_NAME: &'static str = O::GLOBAL[R::AXES - 1];
    type Saved = SavedGlobalPooling;

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let last = self.data_format.places_last::<R>(input)?;
        let (batch, channels) = (last.axes()[0], last.axes()[R::AXES + 1]);
        let kept = if self.keepdims { R::AXES } else { 0 };
        let axes = [vec![batch], vec![Some(1); kept], vec![channels]].concat();
        Ok(self.data_format.shape_from_last(&Shape::from(axes)))
    }

    fn forward(&self, mut x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Self::Saved>)> {
        let rows = self.rows(x.shape())?;
        let mut y = Tensor::for_overwrite(&self.pooled(x.shape()));
        let blocks = y.sample_len().checked_div(rows.inner).unwrap_or(0);
        let mask = cx.mask().filter(|_| O::READS_MASK && R::AXES == 1);
        let mask = mask.map(|mask| Steps::new(mask, rows, x.shape(), blocks)).transpose()?;
        match &mask {
            Some(steps) => {
                steps.drop_masked(rows, &mut x);
                O::reduce(rows, &x, &mut y, |block| steps.places(block));
            }
            None => O::reduce(rows, &x, &mut y, |_| rows.n as f32),
        }
        let saved = cx.save(|| {
            let shape = x.shape().to_vec();
            SavedGlobalPooling { shape, seen: O::KEEPS_SEEN.then(|| (x, y.clone())), mask }
        });
        Ok((y, saved))
    }

    fn backward(
        &self,
        SavedGlobalPooling { shape, seen, mask }: SavedGlobalPooling,
        dy: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let rows = self.rows(&shape)?;
        let mut dx = Tensor::for_overwrite(&shape);
        match &mask {
            Some(steps) => {
                O::spread(rows, seen.as_ref(), &dy, &mut dx, |block| steps.places(block));
                steps.drop_masked(rows, &mut dx);
            }
            None => O::spread(rows, seen.as_ref(), &dy, &mut dx, |_| rows.n as f32),
        }
        Ok(Some(dx))
    }
}
