//! The normal distribution: its bell curve and the area below it.

use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use super::exp::exp_sum;

/// 1 / sqrt(2 pi)
const HEIGHT: f32 = 0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2;

/// exp(-x² / 2) / sqrt(2 pi)
#[inline(always)]
pub(crate) fn bell(x: f32) -> f32 {
    HEIGHT * unscaled_bell(x)
}

/// Phi(x) = (1 + erf(x / sqrt(2))) / 2, with all digits where it is nearly 0 too.
///
/// The smaller side is Phi(-|x|) = exp(-x² / 2) M(|x|), the other what it leaves of 1.
#[inline(always)]
pub(crate) fn cumulative(x: f32) -> f32 {
    let below = unscaled_bell(x) * ratio(size(x));
    if x > 0.0 { 1.0 - below } else { below }
}

/// |x|, cut where exp(-x² / 2) is 0 anyway; its square cannot overflow.
#[inline(always)]
fn size(x: f32) -> f32 {
    let a = x.abs();
    if a > 14.5 { 14.5 } else { a }
}

/// exp(-x² / 2)
#[inline(always)]
fn unscaled_bell(x: f32) -> f32 {
    let a = size(x);
    // Rounding a² would cost digits of the exponential. A high part of 12 bits has an exact
    // square, and the rest of a² is (a - high) (a + high).
    let high = f32::from_bits(a.to_bits() & 0xFFFF_F000);
    exp_sum(-0.5 * high * high, -0.5 * (a - high) * (a + high))
}

/// M(a) = exp(a² / 2) Phi(-a) for 0 <= a <= 14.5, by a minimax polynomial in
/// q = (a - 4) / (a + 4) for M(a) (a + 4), to 2^-26 of itself.
#[inline(always)]
fn ratio(a: f32) -> f32 {
    let scale = 1.0 / (a + 4.0);
    let q = (a - 4.0) * scale;
    // In pairs that can be calculated at the same time.
    let square = q * q;
    let pair_1 = -0.607_896_57 + q * 0.387_136_9;
    let pair_3 = -0.186_523_44 + q * 0.060_403_83;
    let pair_5 = -0.007_525_271_3 - q * 0.003_512_554;
    let pair_7 = 0.001_569_923_1 + q * 0.000_179_354_32;
    let high = pair_5 + square * (pair_7 - square * 0.000_131_971_65);
    let low = 0.755_285_14 + q * (pair_1 + square * (pair_3 + square * high));
    scale * low
}
