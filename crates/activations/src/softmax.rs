//! softmax: probabilities from scores.

use ceratops_core::{Error, Result, Shape, Tensor, vectorize};

use crate::{
    lanes::Lanes,
    math::exp_below_0,
    reduce::{largest, sum},
};

/// y = exp(x) / sum(exp(x)) along `axis`, which counts from the end where it is negative.
///
/// A vector is refused, as in Keras 2, because it has a batch axis or classes but not both:
/// [`softmax_1d`] takes it.
///
/// ```
/// use ceratops_activations::softmax;
///
/// let y = softmax([[2.0, 4.0, 6.0], [1.0, 2.0, 3.0]], -1)?;
/// assert!((y.as_slice()[0] - 0.0158762).abs() < 1e-6);
/// assert!((y.as_slice()[5] - 0.6652408).abs() < 1e-6);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn softmax(x: impl Into<Tensor>, axis: isize) -> Result<Tensor> {
    let x = x.into();
    if x.ndim() < 2 {
        return Err(too_few_axes(&Shape::of(x.shape())));
    }
    forward(x, &[axis])
}

/// y = exp(x) / sum(exp(x)) of a vector.
///
/// ```
/// use ceratops_activations::softmax_1d;
/// use ceratops_core::Tensor;
///
/// assert_eq!(softmax_1d([7.0, 7.0])?, Tensor::from([0.5, 0.5]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn softmax_1d(x: impl Into<Tensor>) -> Result<Tensor> {
    let x = x.into();
    if x.ndim() != 1 {
        return Err(Error::shape("softmax_1d", "(classes,)", x.shape(), "call softmax(x, axis)"));
    }
    forward(x, &[-1])
}

/// y = exp(x) / sum(exp(x)), the sum going over all of `axes` together.
pub fn softmax_over(x: impl Into<Tensor>, axes: &[isize]) -> Result<Tensor> {
    forward(x.into(), axes)
}

/// dx = y (dy - sum(y dy)) along `axis`, in the output y, a vector's too.
pub fn softmax_backward(y: &Tensor, dy: Tensor, axis: isize) -> Result<Tensor> {
    softmax_over_backward(y, dy, &[axis])
}

/// dx = y (dy - sum(y dy)), the sum going over all of `axes` together, in the output y.
pub fn softmax_over_backward(y: &Tensor, dy: Tensor, axes: &[isize]) -> Result<Tensor> {
    Lanes::along(y.shape(), axes)?.chain(y, dy, |y, dy, len| {
        vectorize(
            #[inline(always)]
            move || {
                for (y, dy) in y.chunks_exact(len).zip(dy.chunks_exact_mut(len)) {
                    let sum = sum(y, dy, |y, dy| f64::from(y) * f64::from(dy)) as f32;
                    dy.iter_mut().zip(y).for_each(|(dy, y)| *dy = y * (*dy - sum));
                }
            },
        );
    })
}

/// A softmax needs a batch axis and classes; `found` lacks one.
pub(crate) fn too_few_axes(found: &Shape) -> Error {
    Error::Shape {
        what: "softmax".into(),
        expected: "(batch, ..., classes)".into(),
        found: found.to_string(),
        help: "for a single vector call softmax_1d".into(),
    }
}

fn forward(x: Tensor, axes: &[isize]) -> Result<Tensor> {
    Ok(Lanes::along(x.shape(), axes)?.map(x, |x, len| {
        vectorize(
            #[inline(always)]
            move || {
                // Subtracting the largest number changes nothing but keeps exp from overflowing.
                for x in x.chunks_exact_mut(len) {
                    let max = largest(x);
                    x.iter_mut().for_each(|x| *x -= max);
                }
                // In one loop over all lanes: many a lane is shorter than a vector.
                for x in x.iter_mut() {
                    *x = exp_below_0(*x);
                }
                for x in x.chunks_exact_mut(len) {
                    let scale = (1.0 / sum(x, x, |x, _| f64::from(x))) as f32;
                    x.iter_mut().for_each(|x| *x *= scale);
                }
            },
        );
    }))
}
