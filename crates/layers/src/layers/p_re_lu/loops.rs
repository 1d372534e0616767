//! The loops of PReLU over alphas that are repeated until the numbers end.
//!
//! The alphas stand in a list as long as is good for a loop, so that alphas, their sums and the
//! numbers run side by side in vectors. All are limited by memory: four operations a number.

use ceratops_core::vectorize;

/// y = x above 0, alpha x below, in place: per number 4 bytes read and 4 written.
pub(super) fn rectify(x: &mut [f32], alphas: &[f32]) {
    vectorize(
        #[inline(always)]
        move || {
            for x in x.chunks_mut(alphas.len().max(1)) {
                for (x, &alpha) in x.iter_mut().zip(alphas) {
                    *x = if *x > 0.0 { *x } else { alpha * *x };
                }
            }
        },
    );
}

/// The same from x into y.
pub(super) fn rectify_into(x: &[f32], y: &mut [f32], alphas: &[f32]) {
    vectorize(
        #[inline(always)]
        move || {
            let len = alphas.len().max(1);
            for (y, x) in y.chunks_mut(len).zip(x.chunks(len)) {
                for ((y, &x), &alpha) in y.iter_mut().zip(x).zip(alphas) {
                    *y = if x > 0.0 { x } else { alpha * x };
                }
            }
        },
    );
}

/// dx = dy above 0, alpha dy below, 0 at 0, in the place of dy; and the sums of dy x over the
/// numbers below 0 for each of `alphas`. Per number 8 bytes are read and 4 written.
pub(super) fn gradients(x: &[f32], dy: &mut [f32], alphas: &[f32], sums: &mut [f32]) {
    vectorize(
        #[inline(always)]
        move || {
            let len = alphas.len().max(1);
            for (dy, x) in dy.chunks_mut(len).zip(x.chunks(len)) {
                for (((dy, &x), &alpha), sum) in dy.iter_mut().zip(x).zip(alphas).zip(&mut *sums) {
                    *sum += if x < 0.0 { *dy * x } else { 0.0 };
                    let below = if x < 0.0 { alpha } else { 0.0 };
                    *dy *= if x > 0.0 { 1.0 } else { below };
                }
            }
        },
    );
}
