//! The gates of a step: columns side by side, functions of them and products, number by number.

use ceratops_core::{Gradients, Result, Tensor, vectorize};

use crate::{AnyActivation, any_activation::SavedActivation};

/// How many weights a cell has at most; its activations have none.
pub(in crate::layers) const WEIGHTS: usize = 3;

/// These gates of z, of which each row has `count` side by side, one below the other.
pub(in crate::layers) fn split(z: &Tensor, gates: &[usize], count: usize) -> Tensor {
    let columns = z.shape().last().copied().unwrap_or(0);
    let units = columns / count.max(1);
    let mut shape = z.shape().to_vec();
    shape[0] *= gates.len();
    if let Some(last) = shape.last_mut() {
        *last = units;
    }
    let mut parts = Tensor::for_overwrite(&shape);
    let part = (parts.len() / gates.len().max(1)).max(1);
    for (to, gate) in parts.as_mut_slice().chunks_exact_mut(part).zip(gates) {
        let rows = z.as_slice().chunks_exact(columns.max(1));
        for (to, row) in to.chunks_exact_mut(units.max(1)).zip(rows) {
            to.copy_from_slice(&row[gate * units..(gate + 1) * units]);
        }
    }
    parts
}

/// The reverse of [`split`]: writes gates that stand one below the other into the columns of z.
pub(in crate::layers) fn join(parts: &Tensor, gates: &[usize], count: usize, z: &mut Tensor) {
    let units = parts.shape().last().copied().unwrap_or(0);
    let part = (parts.len() / gates.len().max(1)).max(1);
    for (from, gate) in parts.as_slice().chunks_exact(part).zip(gates) {
        let rows = z.as_mut_slice().chunks_exact_mut((count * units).max(1));
        for (row, from) in rows.zip(from.chunks_exact(units.max(1))) {
            row[gate * units..(gate + 1) * units].copy_from_slice(from);
        }
    }
}

/// A tensor for z, to be written, beside a state.
pub(in crate::layers) fn columns_beside(state: &Tensor, count: usize) -> Tensor {
    let mut shape = state.shape().to_vec();
    if let Some(last) = shape.last_mut() {
        *last *= count;
    }
    Tensor::for_overwrite(&shape)
}

/// The gradient of what an activation was given.
pub(in crate::layers) fn back(
    activation: &AnyActivation,
    saved: Option<SavedActivation>,
    dy: Tensor,
    dw: &mut Gradients<'_>,
) -> Result<Tensor> {
    match saved {
        Some(saved) => activation.backward(saved, dy, &mut dw.part(WEIGHTS, 0, true)),
        None => Ok(dy),
    }
}

/// a · b, number by number, in the shape of b.
pub(in crate::layers) fn product(a: &[f32], b: &Tensor) -> Tensor {
    combine(b, a, a, |b, a, _| a * b)
}

/// f of each number of a, b and c, in the shape of a.
pub(in crate::layers) fn combine(
    a: &Tensor,
    b: &[f32],
    c: &[f32],
    f: impl Fn(f32, f32, f32) -> f32,
) -> Tensor {
    let mut y = Tensor::for_overwrite(a.shape());
    let (numbers, a) = (y.as_mut_slice(), a.as_slice());
    vectorize(
        #[inline(always)]
        move || {
            for (((y, a), b), c) in numbers.iter_mut().zip(a).zip(b).zip(c) {
                *y = f(*a, *b, *c);
            }
        },
    );
    y
}
