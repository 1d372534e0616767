//! What an LSTM drops, and the products of the rest with its weights.

use std::ops::Range;

use ceratops_core::{Context, Result, Tensor, vectorize};

use super::{super::Dropout, LSTM, sequence::Sizes};
use crate::kernels::{Matrix, MatrixMut, matmul, matmul_add};

/// What each number of an input (batch, n) is multiplied by, at all times: nothing, a mask for all
/// columns of the weight, or one for each gate's.
#[derive(Debug)]
pub(super) struct Masks(pub(super) Vec<Tensor>);

impl LSTM {
    /// What is dropped of the features and of h₋₁.
    pub(super) fn masks(&self, x: &Tensor, sizes: Sizes, cx: &mut Context) -> Result<[Masks; 2]> {
        let mut draw = |rate: f64, count: usize, len: usize| {
            let dropout = Dropout { rate, seed: self.seed, noise_shape: None };
            let drops = cx.is_training() && rate > 0.0 && rate < 1.0;
            let masks = 0..if drops { count } else { 0 };
            masks.map(|_| dropout.mask(&[sizes.batch, len], cx)).collect::<Result<_>>().map(Masks)
        };
        let count = if self.recurrent_dropout == 0.0 { 1 } else { 4 };
        let features = draw(self.dropout, count, x.shape()[2])?;
        Ok([features, draw(self.recurrent_dropout, 4, sizes.units)?])
    }
}

impl Masks {
    /// z += x · weight, where x is (batch, n) or (batch, time, n).
    pub(super) fn multiply(&self, x: &Tensor, weight: &Tensor, z: &mut Tensor) {
        let (inputs, columns) = lengths(weight);
        for (mask, part) in self.parts(columns) {
            let x = masked(x, mask);
            let z = MatrixMut::new(z.as_mut_slice(), columns).columns(part.clone());
            let weight = Matrix::new(weight.as_slice(), columns).columns(part);
            matmul_add(Matrix::new(x.as_slice(), inputs), weight, z);
        }
    }

    /// dweight += xᵀ · dz
    pub(super) fn weight_gradient(&self, x: &Tensor, dz: &Tensor, dweight: &mut Tensor) {
        let (inputs, columns) = lengths(dweight);
        for (mask, part) in self.parts(columns) {
            let x = masked(x, mask);
            let dz = Matrix::new(dz.as_slice(), columns).columns(part.clone());
            let dweight = MatrixMut::new(dweight.as_mut_slice(), columns).columns(part);
            matmul_add(Matrix::new(x.as_slice(), inputs).transposed(), dz, dweight);
        }
    }

    /// dx = dz · weightᵀ, where `turned` is weightᵀ
    pub(super) fn input_gradient(&self, dz: &Tensor, turned: &Tensor) -> Result<Tensor> {
        let (columns, inputs) = lengths(turned);
        let mut shape = dz.shape().to_vec();
        if let Some(last) = shape.last_mut() {
            *last = inputs;
        }
        let mut sum: Option<Tensor> = None;
        for (mask, part) in self.parts(columns) {
            let mut dx = Tensor::for_overwrite(&shape);
            let dz = Matrix::new(dz.as_slice(), columns).columns(part.clone());
            let rows = &turned.as_slice()[part.start * inputs..part.end * inputs];
            matmul(dz, Matrix::new(rows, inputs), MatrixMut::new(dx.as_mut_slice(), inputs));
            let dx = masked(&dx, mask);
            sum = Some(match sum {
                Some(sum) => sum.zip_map(&dx, move |sum, dx| sum + dx)?,
                None => dx,
            });
        }
        Ok(sum.unwrap_or_else(|| Tensor::zeros(&shape)))
    }

    /// The masks, and the columns of the weight that each belongs to.
    fn parts(&self, columns: usize) -> impl Iterator<Item = (Option<&Tensor>, Range<usize>)> {
        let count = self.0.len().max(1);
        let width = columns / count;
        (0..count).map(move |i| (self.0.get(i), i * width..(i + 1) * width))
    }
}

/// weightᵀ, as numbers of its own: a product with a few rows costs twice as much or more where it
/// has to gather the other factor's columns, and there is one such product a step.
pub(super) fn turned(weight: &Tensor) -> Tensor {
    let (inputs, columns) = lengths(weight);
    let mut turned = Tensor::for_overwrite(&[columns, inputs]);
    for (to, column) in turned.as_mut_slice().chunks_exact_mut(inputs.max(1)).zip(0..columns) {
        let numbers = weight.as_slice().iter().skip(column).step_by(columns.max(1));
        to.iter_mut().zip(numbers).for_each(|(to, from)| *to = *from);
    }
    turned
}

/// The rows and columns of a weight.
fn lengths(weight: &Tensor) -> (usize, usize) {
    (weight.batch(), weight.sample_len())
}

/// x with each sample, at all its times, multiplied by that of the mask. What is dropped is 0 even
/// if it was infinite.
fn masked(x: &Tensor, mask: Option<&Tensor>) -> Tensor {
    let mut x = x.clone();
    let Some(mask) = mask else { return x };
    let (sample, n) = (x.sample_len().max(1), mask.sample_len().max(1));
    let samples = x.as_mut_slice().chunks_exact_mut(sample);
    let pairs = samples.zip(mask.as_slice().chunks_exact(n));
    vectorize(
        #[inline(always)]
        move || {
            for (sample, mask) in pairs {
                for step in sample.chunks_exact_mut(n) {
                    for (x, &m) in step.iter_mut().zip(mask) {
                        *x = if m == 0.0 { 0.0 } else { *x * m };
                    }
                }
            }
        },
    );
    x
}
