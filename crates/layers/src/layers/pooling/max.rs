//! MaxPooling1D, MaxPooling2D and MaxPooling3D: the largest number under a window.

use ceratops_core::{Error, Result, Tensor};

use super::{
    Pooling, PoolingOp,
    pass::{Pass, Pool, Rows},
};
use crate::{
    One, Three, Two,
    kernels::{fold_rows, max_pool, max_pool_gradient, share_among_largest},
};

/// y\[t, f\] = max x\[t·s + i, f\] over the window's steps i, with strides s.
///
/// From (batch, steps, channels) to (batch, places, channels). Of equal numbers the first gets the
/// gradient. A NaN under the window comes out as NaN (TensorFlow on a CPU loses it).
///
/// ```
/// use ceratops_layers::{Input, MaxPooling1D, sequential};
///
/// let model = sequential![Input::new([4, 1]), MaxPooling1D::new(2)]?;
/// assert_eq!(model.predict([[[1.0], [3.0], [2.0], [0.0]]])?, [[[3.0], [2.0]]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.MaxPooling1D`.
pub type MaxPooling1D = Pooling<One, OfLargest>;

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
pub type MaxPooling2D = Pooling<Two, OfLargest>;

/// y\[d, r, c, f\] = max x\[d·s + h, r·s + i, c·s + j, f\] over the window's planes h, rows i and
/// columns j, with strides s.
///
/// From (batch, depth, height, width, channels) to (batch, planes, rows, columns, channels). Of equal
/// numbers the first gets the gradient (TensorFlow on a CPU gives it to all within 1e-5, in three
/// dimensions only). A NaN under the window comes out as NaN.
///
/// ```
/// use ceratops_core::{Layer, Shape};
/// use ceratops_layers::MaxPooling3D;
///
/// let shape = MaxPooling3D::new([1, 2, 2]).output_shape(&Shape::batched([5, 28, 28, 8]))?;
/// assert_eq!(shape, Shape::batched([5, 14, 14, 8]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.MaxPooling3D`.
pub type MaxPooling3D = Pooling<Three, OfLargest>;

/// The largest number counts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OfLargest;

impl PoolingOp for OfLargest {
    const CLASS_NAMES: [&'static str; 3] = ["MaxPooling1D", "MaxPooling2D", "MaxPooling3D"];
    const ADAPTIVE: [&'static str; 3] =
        ["AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D"];
    const GLOBAL: [&'static str; 3] =
        ["GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D"];
}

impl Pool for OfLargest {
    /// Keeps for each maximum which of the window's taps it was: whole numbers, as f32 in memory that
    /// lives on.
    fn pool(pass: &Pass, x: &Tensor, keep: bool) -> Result<(Tensor, Option<Tensor>)> {
        let mut y = pass.output(x.len())?;
        let mut taps = keep.then(|| Tensor::for_overwrite(y.shape()));
        if taps.is_some() && pass.window.is_too_wide() {
            let expected = "at most 16,777,216 pixels under the window in training";
            return Err(Error::argument("pool_size", expected, "more"));
        }
        let mut kept = taps.as_mut().map(Tensor::as_mut_slice);
        let (image, pooled) = (pass.image().max(1), pass.pooled().max(1));
        let images = x.as_slice().chunks(image).zip(y.as_mut_slice().chunks_mut(pooled));
        for (i, (x, y)) in images.enumerate() {
            let taps = kept.as_mut().map(|taps| &mut taps[i * pooled..][..pooled]);
            max_pool(&pass.window, pass.channels, x, y, taps);
        }
        Ok((y, taps))
    }

    fn gradient(pass: &Pass, dy: &Tensor, taps: Option<Tensor>) -> Result<Tensor> {
        let mut dx = pass.gradient(dy.len());
        let Some(taps) = taps else { return Ok(dx) };
        let (image, pooled) = (pass.image().max(1), pass.pooled().max(1));
        let images = dx.as_mut_slice().chunks_mut(image);
        let gradients = dy.as_slice().chunks(pooled).zip(taps.as_slice().chunks(pooled));
        for (dx, (dy, taps)) in images.zip(gradients) {
            max_pool_gradient(&pass.window, pass.channels, dy, taps, dx);
        }
        Ok(dx)
    }

    const KEEPS_SEEN: bool = true;
    const READS_MASK: bool = false;

    fn reduce(Rows { n, inner }: Rows, x: &Tensor, y: &mut Tensor, _: impl Fn(usize) -> f32) {
        let larger = |a: f32, b: f32| if b > a || b.is_nan() { b } else { a };
        let blocks = x.as_slice().chunks((n * inner).max(1));
        y.as_mut_slice().fill(f32::NEG_INFINITY);
        for (x, y) in blocks.zip(y.as_mut_slice().chunks_mut(inner.max(1))) {
            fold_rows(x, y, f32::NEG_INFINITY, |x| x, larger, |y| y);
        }
    }

    /// Equal maxima share the gradient.
    fn spread(
        Rows { n, inner }: Rows,
        seen: Option<&(Tensor, Tensor)>,
        dy: &Tensor,
        dx: &mut Tensor,
        _: impl Fn(usize) -> f32,
    ) {
        let (Some((x, y)), block) = (seen, (n * inner).max(1)) else { return };
        let images = x.as_slice().chunks(block).zip(dx.as_mut_slice().chunks_mut(block));
        let rows = y.as_slice().chunks(inner.max(1)).zip(dy.as_slice().chunks(inner.max(1)));
        for ((x, dx), (y, dy)) in images.zip(rows) {
            share_among_largest(x, y, dy, dx);
        }
    }
}
