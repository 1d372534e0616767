//! glu: the gated linear unit, one half of the input gating the other.

use ceratops_core::{Error, Result, Shape, Tensor, vectorize};

use crate::{chain::same_shape, lanes::resolve, sigmoid};

/// y = a sigmoid(b), where a and b are the first and the second half of x along `axis`.
///
/// The axis must have an even length, and the output has half of it. In Keras it is -1 by default.
///
/// ```
/// use ceratops_activations::glu;
/// use ceratops_core::Tensor;
///
/// assert_eq!(glu([[3.0, 4.0, 0.0, 1e4]], -1)?, Tensor::from([[1.5, 4.0]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn glu(x: impl Into<Tensor>, axis: isize) -> Result<Tensor> {
    forward(&x.into(), axis)
}

/// da = dy sigmoid(b), db = dy a sigmoid(b) sigmoid(-b); dx is a's gradient followed by b's.
pub fn glu_backward(x: &Tensor, dy: Tensor, axis: isize) -> Result<Tensor> {
    let (shape, block) = halves(x, axis)?;
    same_shape(&shape, &dy)?;
    let mut dx = Tensor::for_overwrite(x.shape());
    let blocks = x.as_slice().chunks_exact(2 * block).zip(dy.as_slice().chunks_exact(block));
    for (dx, (x, dy)) in dx.as_mut_slice().chunks_exact_mut(2 * block).zip(blocks) {
        let ((a, b), (da, db)) = (x.split_at(block), dx.split_at_mut(block));
        vectorize(
            #[inline(always)]
            move || {
                for ((((da, db), a), &b), dy) in da.iter_mut().zip(db).zip(a).zip(b).zip(dy) {
                    *da = dy * sigmoid::f(b);
                    *db = dy * a * sigmoid::df(b);
                }
            },
        );
    }
    Ok(dx)
}

/// The shape that glu makes of `shape`.
pub(crate) fn output_shape(shape: &Shape, axis: isize) -> Result<Shape> {
    let axes = shape.axes();
    let index = resolve(axis, axes)?;
    match axes[index] {
        Some(len) if len % 2 != 0 => {
            let expected = format!("an even length of axis {axis}");
            let help = "glu cuts it into two halves: double the units of the layer before";
            Err(Error::Shape {
                what: "glu".into(),
                expected,
                found: shape.to_string(),
                help: help.into(),
            })
        }
        len => Ok(shape.with_axis(index, len.map(|len| len / 2))),
    }
}

fn forward(x: &Tensor, axis: isize) -> Result<Tensor> {
    let (shape, block) = halves(x, axis)?;
    let mut y = Tensor::for_overwrite(&shape);
    let blocks = y.as_mut_slice().chunks_exact_mut(block).zip(x.as_slice().chunks_exact(2 * block));
    for (y, x) in blocks {
        let (a, b) = x.split_at(block);
        vectorize(
            #[inline(always)]
            move || {
                for ((y, a), &b) in y.iter_mut().zip(a).zip(b) {
                    *y = a * sigmoid::f(b);
                }
            },
        );
    }
    Ok(y)
}

/// The output's shape, and how many numbers in a row belong to the same half.
fn halves(x: &Tensor, axis: isize) -> Result<(Vec<usize>, usize)> {
    let index = resolve(axis, x.shape())?;
    output_shape(&Shape::of(x.shape()), axis)?;
    let mut shape = x.shape().to_vec();
    shape[index] /= 2;
    // At least 1, for an empty tensor has no block but cannot be cut into blocks of nothing.
    let block = shape[index..].iter().product::<usize>().max(1);
    Ok((shape, block))
}
