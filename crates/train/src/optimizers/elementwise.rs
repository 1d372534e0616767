//! The loops of the optimizers: one pass over a weight, its gradient and what is remembered of it.
//!
//! Such a loop does a few operations on each number that it reads, so that memory bounds it: each
//! number is read once and written once, by the widest vectors, and large weights are spread over
//! the cores in pieces. The pieces are the same on any number of threads, and so are the bits.
//!
//! What is below the normal numbers becomes 0, as in TensorFlow: momentum that fades would else stick
//! at the smallest number, and slow every update down.

use std::array;

use ceratops_core::{Param, flushed, parallel, vectorize};

/// How many numbers one core works on at a time: few enough that two cores share the kernel of a
/// Dense layer, enough to pay for waking a thread.
const PIECE: usize = 1 << 16;
/// How many sums are kept at once, so that additions need not wait for each other.
const SUMS: usize = 16;

/// Whether the update of one of these weights is spread over the cores.
pub(crate) fn spreads(params: &[&Param]) -> bool {
    params.iter().any(|param| param.value().len() > PIECE)
}

/// (w, s) = f(w, dw, s) for each number of a weight, where s are the N numbers remembered of it.
pub(super) fn update_each<const N: usize>(
    w: &mut [f32],
    dw: &[f32],
    slots: [&mut [f32]; N],
    f: impl Fn(f32, f32, [f32; N]) -> (f32, [f32; N]) + Copy + Send + Sync,
) {
    if w.len() <= PIECE {
        return update_piece(w, dw, slots, f);
    }
    let mut slots = slots.map(|slot| slot.chunks_mut(PIECE));
    let pieces = w.chunks_mut(PIECE).zip(dw.chunks(PIECE));
    let mut pieces: Vec<_> = pieces
        .map(|(w, dw)| (w, dw, slots.each_mut().map(|slot| slot.next().unwrap_or_default())))
        .collect();
    parallel::for_each(&mut pieces, |(w, dw, slots)| {
        update_piece(w, dw, slots.each_mut().map(|slot| &mut **slot), f);
    });
}

fn update_piece<const N: usize>(
    w: &mut [f32],
    dw: &[f32],
    slots: [&mut [f32]; N],
    f: impl Fn(f32, f32, [f32; N]) -> (f32, [f32; N]),
) {
    vectorize(
        #[inline(always)]
        move || {
            let len = slots.iter().fold(w.len().min(dw.len()), |len, slot| len.min(slot.len()));
            let (w, dw, slots) = (&mut w[..len], &dw[..len], slots.map(|slot| &mut slot[..len]));
            for i in 0..len {
                let (new, kept) = f(w[i], flushed(dw[i]), array::from_fn(|k| slots[k][i]));
                w[i] = flushed(new);
                for k in 0..N {
                    slots[k][i] = flushed(kept[k]);
                }
            }
        },
    );
}

/// x = f(x) for each number.
pub(super) fn map_each(x: &mut [f32], f: impl Fn(f32) -> f32 + Copy + Send + Sync) {
    let mut pieces: Vec<&mut [f32]> = x.chunks_mut(PIECE).collect();
    parallel::for_each(&mut pieces, |piece| {
        vectorize(
            #[inline(always)]
            move || piece.iter_mut().for_each(|x| *x = flushed(f(*x))),
        );
    });
}

/// Σ x², in f64.
pub(super) fn sum_of_squares(x: &[f32]) -> f64 {
    sum_each(x, x, |x, _| f64::from(x) * f64::from(x))
}

/// Σ f(x, y), in f64, over the numbers of two slices.
pub(super) fn sum_each<T: Into<f64>>(
    x: &[f32],
    y: &[f32],
    f: impl Fn(f32, f32) -> T + Copy + Send + Sync,
) -> f64 {
    let pieces = x.chunks(PIECE).zip(y.chunks(PIECE));
    let mut pieces: Vec<_> = pieces.map(|piece| (piece, 0.0)).collect();
    parallel::for_each(&mut pieces, |((x, y), sum)| *sum = sum_of_piece(x, y, f));
    pieces.iter().map(|(_, sum)| sum).sum()
}

fn sum_of_piece<T: Into<f64>>(x: &[f32], y: &[f32], f: impl Fn(f32, f32) -> T) -> f64 {
    vectorize(
        #[inline(always)]
        move || {
            let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<SUMS>(), y.as_chunks::<SUMS>());
            let mut sums = [0.0; SUMS];
            for (x, y) in x.iter().zip(y) {
                for k in 0..SUMS {
                    sums[k] += f(x[k], y[k]).into();
                }
            }
            let rest = x_rest.iter().zip(y_rest).map(|(&x, &y)| f(x, y).into()).sum::<f64>();
            sums.iter().sum::<f64>() + rest
        },
    )
}
