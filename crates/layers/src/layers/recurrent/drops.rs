//! What a recurrent layer drops, and the products of the rest with its weights.

use std::{borrow::Cow, ops::Range};

use ceratops_core::{Context, Result, Tensor, vectorize};

use super::super::Dropout;
use crate::kernels::{Matrix, MatrixMut, matmul, matmul_add};

/// What each number of an input is multiplied by, at all times: nothing, a pattern for all columns of
/// the weight, or one for each gate's.
#[derive(Debug)]
pub(in crate::layers) struct Drops(Vec<Tensor>);

impl Drops {
    /// The patterns: none, one for all gates, or one a gate.
    pub(in crate::layers) fn patterns(&self) -> &[Tensor] {
        &self.0
    }

    /// So many patterns of that shape, in training, for a rate that drops something.
    pub(in crate::layers) fn draw(
        rate: f64,
        seed: Option<u64>,
        count: usize,
        shape: &[usize],
        cx: &mut Context,
    ) -> Result<Self> {
        let dropout = Dropout { rate, seed, noise_shape: None };
        let drops = cx.is_training() && rate > 0.0;
        let patterns = 0..if drops { count } else { 0 };
        patterns.map(|_| dropout.mask(shape, cx)).collect::<Result<_>>().map(Self)
    }
}

/// A weight with the columns of so many gates side by side, and what is dropped before it.
#[derive(Debug)]
pub struct Linear<'a> {
    pub(in crate::layers) weight: &'a Tensor,
    pub(in crate::layers) drops: &'a Drops,
    pub(in crate::layers) gates: usize,
    /// Whether what it is multiplied with is 0, as the state before the first step.
    pub(in crate::layers) still: bool,
}

impl Linear<'_> {
    /// z += x · weight, for these gates, where x is (batch, n) or (batch, time, n).
    pub(in crate::layers) fn multiply(&self, x: &Tensor, gates: Range<usize>, z: &mut Tensor) {
        let (inputs, columns) = lengths(self.weight);
        for (pattern, part) in self.parts(gates).filter(|_| !self.still) {
            let x = dropped(x, pattern);
            let z = MatrixMut::new(z.as_mut_slice(), columns).columns(part.clone());
            let weight = Matrix::new(self.weight.as_slice(), columns).columns(part);
            matmul_add(Matrix::new(x.as_slice(), inputs), weight, z);
        }
    }

    /// dweight += xᵀ · dz
    pub(in crate::layers) fn weight_gradient(
        &self,
        x: &Tensor,
        dz: &Tensor,
        gates: Range<usize>,
        dweight: &mut Tensor,
    ) {
        let (inputs, columns) = lengths(dweight);
        for (pattern, part) in self.parts(gates) {
            let x = dropped(x, pattern);
            let dz = Matrix::new(dz.as_slice(), columns).columns(part.clone());
            let dweight = MatrixMut::new(dweight.as_mut_slice(), columns).columns(part);
            matmul_add(Matrix::new(x.as_slice(), inputs).transposed(), dz, dweight);
        }
    }

    /// dx = dz · weightᵀ, where `turned` is weightᵀ
    pub(in crate::layers) fn input_gradient(
        &self,
        dz: &Tensor,
        gates: Range<usize>,
        turned: &Tensor,
    ) -> Result<Tensor> {
        let (columns, inputs) = lengths(turned);
        let mut shape = dz.shape().to_vec();
        if let Some(last) = shape.last_mut() {
            *last = inputs;
        }
        let mut sum: Option<Tensor> = None;
        for (pattern, part) in self.parts(gates) {
            let mut dx = Tensor::for_overwrite(&shape);
            let dz = Matrix::new(dz.as_slice(), columns).columns(part.clone());
            let rows = &turned.as_slice()[part.start * inputs..part.end * inputs];
            matmul(dz, Matrix::new(rows, inputs), MatrixMut::new(dx.as_mut_slice(), inputs));
            let dx = dropped(&dx, pattern).into_owned();
            sum = Some(match sum {
                Some(sum) => sum.zip_map(&dx, move |sum, dx| sum + dx)?,
                None => dx,
            });
        }
        Ok(sum.unwrap_or_else(|| Tensor::zeros(&shape)))
    }

    /// weightᵀ, as numbers of its own: a product with a few rows costs twice as much or more where it
    /// has to gather the other factor's columns, and there is one such product a step.
    pub(in crate::layers) fn turned(&self) -> Tensor {
        let (inputs, columns) = lengths(self.weight);
        let mut turned = Tensor::for_overwrite(&[columns, inputs]);
        for (to, column) in turned.as_mut_slice().chunks_exact_mut(inputs.max(1)).zip(0..columns) {
            let numbers = self.weight.as_slice().iter().skip(column).step_by(columns.max(1));
            to.iter_mut().zip(numbers).for_each(|(to, from)| *to = *from);
        }
        turned
    }

    /// The patterns, and the columns of the weight that each belongs to.
    fn parts(&self, gates: Range<usize>) -> impl Iterator<Item = (Option<&Tensor>, Range<usize>)> {
        let width = self.weight.sample_len() / self.gates.max(1);
        // One pattern, or none, is for all gates together.
        let each = if self.drops.0.len() > 1 { 1 } else { gates.len().max(1) };
        gates.step_by(each).map(move |gate| {
            let pattern = self.drops.0.get(if each == 1 { gate } else { 0 });
            let pattern = pattern.or_else(|| self.drops.0.first());
            (pattern, gate * width..(gate + each) * width)
        })
    }
}

/// The rows and columns of a weight.
fn lengths(weight: &Tensor) -> (usize, usize) {
    (weight.batch(), weight.sample_len())
}

/// x with each sample, at all its times, multiplied by that of the pattern. What is dropped is 0 even
/// if it was infinite.
pub(in crate::layers) fn dropped<'a>(x: &'a Tensor, pattern: Option<&Tensor>) -> Cow<'a, Tensor> {
    let Some(pattern) = pattern else { return Cow::Borrowed(x) };
    let mut x = x.clone();
    let (sample, n) = (x.sample_len().max(1), pattern.sample_len().max(1));
    let samples = x.as_mut_slice().chunks_exact_mut(sample);
    let pairs = samples.zip(pattern.as_slice().chunks_exact(n));
    vectorize(
        #[inline(always)]
        move || {
            for (sample, pattern) in pairs {
                for step in sample.chunks_exact_mut(n) {
                    for (x, &m) in step.iter_mut().zip(pattern) {
                        *x = if m == 0.0 { 0.0 } else { *x * m };
                    }
                }
            }
        },
    );
    Cow::Owned(x)
}
