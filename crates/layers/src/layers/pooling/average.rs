//! AveragePooling1D, AveragePooling2D and AveragePooling3D: the mean of what a window sees.

use ceratops_core::{Result, Tensor};

use super::{
    Pooling, PoolingOp,
    pass::{Pass, Pool, Rows},
};
use crate::{
    One, Three, Two,
    kernels::{average_pool, average_pool_gradient, fold_rows},
};

/// y\[t, f\] = mean x\[t·s + i, f\] over the window's steps i, with strides s. With `Padding::Same` the
/// pads do not count.
///
/// From (batch, steps, channels) to (batch, places, channels).
///
/// ```
/// use ceratops_layers::{AveragePooling1D, Input, sequential};
///
/// let model = sequential![Input::new([4, 1]), AveragePooling1D::new(2)]?;
/// assert_eq!(model.predict([[[1.0], [3.0], [2.0], [0.0]]])?, [[[2.0], [1.0]]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.AveragePooling1D`.
pub type AveragePooling1D = Pooling<One, OfAll>;

/// y\[r, c, f\] = mean x\[r·s + i, c·s + j, f\] over the window's rows i and columns j, with strides s.
/// With `Padding::Same` the pads do not count.
///
/// From (batch, height, width, channels) to (batch, rows, columns, channels).
///
/// ```
/// use ceratops_layers::{AveragePooling2D, Input, Padding, sequential};
///
/// let pool = AveragePooling2D::new(2).padding(Padding::Same);
/// let model = sequential![Input::new([2, 3, 1]), pool]?;
/// let y = model.predict([[[[1.0], [2.0], [5.0]], [[3.0], [4.0], [9.0]]]])?;
/// assert_eq!(y, [[[[2.5], [7.0]]]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.AveragePooling2D`.
pub type AveragePooling2D = Pooling<Two, OfAll>;

/// y\[d, r, c, f\] = mean x\[d·s + h, r·s + i, c·s + j, f\] over the window's planes h, rows i and
/// columns j, with strides s. With `Padding::Same` the pads do not count.
///
/// From (batch, depth, height, width, channels) to (batch, planes, rows, columns, channels).
///
/// ```
/// use ceratops_core::{Layer, Shape};
/// use ceratops_layers::AveragePooling3D;
///
/// let shape = AveragePooling3D::new(2).output_shape(&Shape::batched([5, 28, 28, 8]))?;
/// assert_eq!(shape, Shape::batched([2, 14, 14, 8]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.AveragePooling3D`.
pub type AveragePooling3D = Pooling<Three, OfAll>;

/// All numbers count alike: their mean.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OfAll;

impl PoolingOp for OfAll {
    const CLASS_NAMES: [&'static str; 3] =
        ["AveragePooling1D", "AveragePooling2D", "AveragePooling3D"];
    const ADAPTIVE: [&'static str; 3] =
        ["AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D"];
    const GLOBAL: [&'static str; 3] =
        ["GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D"];
}

impl Pool for OfAll {
    fn pool(pass: &Pass, x: &Tensor, _: bool) -> Result<(Tensor, Option<Tensor>)> {
        let mut y = pass.output(x.len())?;
        let (image, pooled) = (pass.image().max(1), pass.pooled().max(1));
        for (x, y) in x.as_slice().chunks(image).zip(y.as_mut_slice().chunks_mut(pooled)) {
            average_pool(&pass.window, pass.channels, x, y);
        }
        Ok((y, None))
    }

    fn gradient(pass: &Pass, dy: &Tensor, _: Option<Tensor>) -> Result<Tensor> {
        let mut dx = pass.gradient(dy.len());
        let (image, pooled) = (pass.image().max(1), pass.pooled().max(1));
        for (dx, dy) in dx.as_mut_slice().chunks_mut(image).zip(dy.as_slice().chunks(pooled)) {
            average_pool_gradient(&pass.window, pass.channels, dy, dx);
        }
        Ok(dx)
    }

    const KEEPS_SEEN: bool = false;
    const READS_MASK: bool = true;

    fn reduce(Rows { n, inner }: Rows, x: &Tensor, y: &mut Tensor, places: impl Fn(usize) -> f32) {
        let blocks = x.as_slice().chunks((n * inner).max(1));
        // Of no places there is no mean.
        y.as_mut_slice().fill(f32::NAN);
        for (i, (x, y)) in blocks.zip(y.as_mut_slice().chunks_mut(inner.max(1))).enumerate() {
            let places = f64::from(places(i));
            fold_rows(x, y, 0.0, f64::from, |a, b| a + b, |sum| (sum / places) as f32);
        }
    }

    fn spread(
        Rows { n, inner }: Rows,
        _: Option<&(Tensor, Tensor)>,
        dy: &Tensor,
        dx: &mut Tensor,
        places: impl Fn(usize) -> f32,
    ) {
        let blocks = dx.as_mut_slice().chunks_mut((n * inner).max(1));
        for (i, (dx, dy)) in blocks.zip(dy.as_slice().chunks(inner.max(1))).enumerate() {
            let places = places(i);
            for dx in dx.chunks_mut(inner.max(1)) {
                dx.iter_mut().zip(dy).for_each(|(dx, dy)| *dx = dy / places);
            }
        }
    }
}
