//! Dot: products of the vectors of two tensors.

use ceratops_core::{Context, Error, Gradients, MultiLayer, Result, Shape, Tensor, Tensors};
use serde::{Deserialize, Serialize};

use super::wrong_axis;
use crate::kernels::{Matrix, MatrixMut, matmul};

/// y = Σₖ x₁[…k…] · x₂[…k…], summed along one axis of each input, for each sample.
///
/// The output has the other axes of the first input, then those of the second; of two inputs of shape
/// (batch, k) it is (batch, 1). With `normalize` the vectors are divided by their lengths first, so
/// that the product is the cosine of the angle between them; a vector of zeros stays.
///
/// Source: Keras, `keras.layers.Dot`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Dot {
    /// The axis that is summed along: one for both inputs, or one for each.
    pub axes: DotAxes,
    /// Whether the vectors are divided by their lengths first.
    pub normalize: bool,
}

/// One axis for both inputs of [`Dot`], or one for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected an axis or a list of two")]
pub enum DotAxes {
    /// The same axis of both.
    Same(isize),
    /// An axis of the first, and one of the second.
    Each([isize; 2]),
}

impl Default for DotAxes {
    fn default() -> Self {
        Self::Same(-1)
    }
}

impl From<isize> for DotAxes {
    fn from(axis: isize) -> Self {
        Self::Same(axis)
    }
}

impl From<[isize; 2]> for DotAxes {
    fn from(axes: [isize; 2]) -> Self {
        Self::Each(axes)
    }
}

impl Dot {
    /// The products along `axes`: one axis for both inputs, or `[first, second]`.
    pub fn new(axes: impl Into<DotAxes>) -> Self {
        Self { axes: axes.into(), normalize: false }
    }

    /// Divides the vectors by their lengths first, or not (the default).
    #[must_use]
    pub fn normalize(self, normalize: bool) -> Self {
        Self { normalize, ..self }
    }

    /// The summed axes of two inputs of so many axes, counted from 0.
    fn axes_of(&self, ndims: [usize; 2]) -> Result<[usize; 2]> {
        let axes = match self.axes {
            DotAxes::Same(axis) => [axis, axis],
            DotAxes::Each(axes) => axes,
        };
        let of = |i: usize| {
            let axis = if axes[i] < 0 { axes[i] + ndims[i] as isize } else { axes[i] };
            let axis = usize::try_from(axis).ok().filter(|axis| (1..ndims[i]).contains(axis));
            axis.ok_or_else(|| wrong_axis(axes[i], ndims[i]))
        };
        Ok([of(0)?, of(1)?])
    }
}

/// What the gradient needs: the vectors of both inputs as rows, their lengths' inverses, and the
/// shapes of the inputs.
#[derive(Debug)]
pub struct SavedDot {
    rows: [Tensor; 2],
    inverses: [Vec<f32>; 2],
    shapes: [Vec<usize>; 2],
}

impl MultiLayer for Dot {
    const CLASS_NAME: &'static str = "Dot";
    type Saved = SavedDot;

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let [a, b] = inputs else {
            let found = format!("{} tensors", inputs.len());
            return Err(Error::argument("inputs", "two tensors", found));
        };
        let [i, j] = self.axes_of([a.ndim(), b.ndim()])?;
        if let (Some(m), Some(n)) = (a.axes()[i], b.axes()[j])
            && m != n
        {
            let expected = format!("the length {m} along axis {j}");
            return Err(Error::argument("inputs", expected, b));
        }
        let without = |shape: &Shape, axis: usize| {
            let axes = shape.axes().iter().enumerate();
            axes.filter(|&(i, _)| i != axis).map(|(_, len)| *len).collect::<Vec<_>>()
        };
        let mut axes = without(a, i);
        axes.extend(without(b, j).into_iter().skip(1));
        if axes.len() == 1 {
            axes.push(Some(1));
        }
        Ok(vec![Shape::from(axes)])
    }

    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<SavedDot>)> {
        let (a, b) = xs.pair()?;
        let axes = self.axes_of([a.ndim(), b.ndim()])?;
        let shapes = [a.shape().to_vec(), b.shape().to_vec()];
        let mut rows = [move_last(&a, axes[0])?, move_last(&b, axes[1])?];
        let inverses = rows.each_mut().map(|rows| match self.normalize {
            true => normalize(rows),
            false => Vec::new(),
        });
        let [m, n] = [0, 1].map(|i| count(&shapes[i], axes[i]));
        let k = shapes[0][axes[0]];
        let mut shape: Vec<usize> = without(&shapes[0], axes[0]);
        shape.extend(without(&shapes[1], axes[1]).into_iter().skip(1));
        if shape.len() == 1 {
            shape.push(1);
        }
        let mut y = Tensor::zeros(&shape);
        for i in 0..a.batch() {
            let [x1, x2] = [part(&rows[0], i, m * k), part(&rows[1], i, n * k)];
            let to = &mut y.as_mut_slice()[i * m * n..(i + 1) * m * n];
            if k > 0 {
                // y = x₁ · x₂ᵀ
                matmul(Matrix::new(x1, k), Matrix::new(x2, k).transposed(), MatrixMut::new(to, n));
            }
        }
        Ok((y.into(), cx.save(|| SavedDot { rows, inverses, shapes })))
    }

    fn backward_all(
        &self,
        saved: SavedDot,
        dys: Vec<Option<Tensor>>,
        _: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        let Some(dy) = dys.into_iter().next().flatten() else { return Ok(vec![None, None]) };
        let SavedDot { rows, inverses, shapes } = saved;
        let axes = self.axes_of([shapes[0].len(), shapes[1].len()])?;
        let [m, n] = [0, 1].map(|i| count(&shapes[i], axes[i]));
        let k = shapes[0][axes[0]];
        let mut d = [Tensor::zeros(rows[0].shape()), Tensor::zeros(rows[1].shape())];
        for i in 0..if k > 0 { dy.batch() } else { 0 } {
            let dy = Matrix::new(part(&dy, i, m * n), n);
            let [x1, x2] = [part(&rows[0], i, m * k), part(&rows[1], i, n * k)];
            // dL/dx₁ = dy · x₂, dL/dx₂ = dyᵀ · x₁
            let [d1, d2] = &mut d;
            let to = &mut d1.as_mut_slice()[i * m * k..(i + 1) * m * k];
            matmul(dy, Matrix::new(x2, k), MatrixMut::new(to, k));
            let to = &mut d2.as_mut_slice()[i * n * k..(i + 1) * n * k];
            matmul(dy.transposed(), Matrix::new(x1, k), MatrixMut::new(to, k));
        }
        let mut dxs = Vec::with_capacity(2);
        for (i, mut d) in d.into_iter().enumerate() {
            if self.normalize {
                through_length(&mut d, &rows[i], &inverses[i]);
            }
            dxs.push(Some(move_back(&d, &shapes[i], axes[i])?));
        }
        Ok(dxs)
    }
}

/// How many vectors along `axis` a sample of that shape has.
fn count(shape: &[usize], axis: usize) -> usize {
    shape.iter().enumerate().skip(1).filter(|&(i, _)| i != axis).map(|(_, len)| len).product()
}

fn without(shape: &[usize], axis: usize) -> Vec<usize> {
    shape.iter().enumerate().filter(|&(i, _)| i != axis).map(|(_, len)| *len).collect()
}

/// Sample `i` of a tensor of so many numbers a sample.
fn part(x: &Tensor, i: usize, len: usize) -> &[f32] {
    &x.as_slice()[i * len..(i + 1) * len]
}

/// `x` with `axis` as the last one.
fn move_last(x: &Tensor, axis: usize) -> Result<Tensor> {
    let shape = x.shape();
    if axis + 1 == shape.len() {
        return Ok(x.clone());
    }
    let mut order: Vec<usize> = (0..shape.len()).filter(|&i| i != axis).collect();
    order.push(axis);
    x.permuted(&order)
}

/// `d`, whose last axis was `axis` in a tensor of `shape`, with its axes in their places.
fn move_back(d: &Tensor, shape: &[usize], axis: usize) -> Result<Tensor> {
    if axis + 1 == shape.len() {
        return Ok(d.clone());
    }
    let mut order: Vec<usize> = (0..shape.len() - 1).collect();
    order.insert(axis, shape.len() - 1);
    d.permuted(&order)
}

/// Divides each row by its length, and returns 1 / length for each; at most 10⁷, so that zeros stay.
fn normalize(rows: &mut Tensor) -> Vec<f32> {
    let len = rows.shape().last().copied().unwrap_or(1).max(1);
    let row = |row: &mut [f32]| {
        let square: f32 = row.iter().map(|x| x * x).sum();
        let inverse = (1.0 / square.sqrt()).min(1e7);
        row.iter_mut().for_each(|x| *x *= inverse);
        inverse
    };
    rows.as_mut_slice().chunks_exact_mut(len).map(row).collect()
}

/// Turns the gradient of u = x / |x| into that of x: (du - u (u · du)) / |x|. `u` has the rows as
/// they were divided.
fn through_length(d: &mut Tensor, u: &Tensor, inverses: &[f32]) {
    let len = u.shape().last().copied().unwrap_or(1).max(1);
    let rows = d.as_mut_slice().chunks_exact_mut(len).zip(u.as_slice().chunks_exact(len));
    for ((d, u), inverse) in rows.zip(inverses) {
        // A vector that short was multiplied by a constant.
        let along: f32 =
            if *inverse >= 1e7 { 0.0 } else { d.iter().zip(u).map(|(d, u)| d * u).sum() };
        d.iter_mut().zip(u).for_each(|(d, u)| *d = (*d - u * along) * inverse);
    }
}
