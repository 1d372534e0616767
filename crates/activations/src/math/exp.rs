//! exp(x) and exp(x) - 1, by a power of 2 times a polynomial.

use std::f32::consts::LOG2_E;

/// ln(2) in two parts. The first has so few digits that its product with a small integer is exact.
const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
/// 1.5 · 2²³: added to a small number it leaves the nearest integer in the last bits.
const ROUND: f32 = 12_582_912.0;

/// exp(x)
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Beyond these the result is 0 or infinite anyway, and n would have no room in an exponent.
    exp_sum(within(x, -104.0, 89.0), 0.0)
}

/// exp(x + rest) for x from -106 to 89, where `rest` is what rounding took from x.
#[inline(always)]
pub(super) fn exp_sum(x: f32, rest: f32) -> f32 {
    let (n, r) = reduced(x, rest);
    // 2^n can be too large or too small for one number; of its halves each is one.
    let half = n >> 1;
    (1.0 + (r + r * r * tail(r))) * power_of_2(half) * power_of_2(n.wrapping_sub(half))
}

/// exp(x) - 1, in which nothing cancels near 0.
#[inline(always)]
pub(crate) fn exp_m1(x: f32) -> f32 {
    exp_both(x).1
}

/// exp(x) and exp(x) - 1, each with its own digits; the first for x >= -20 only.
#[inline(always)]
pub(super) fn exp_both(x: f32) -> (f32, f32) {
    let (n, r) = reduced(within(x, -20.0, 89.0), 0.0);
    // 2^n + 2^n (exp(r) - 1), less 1, as twice its half: 2^n itself can be infinite.
    let half = power_of_2(n.wrapping_sub(1));
    let rest = (r + r * r * tail(r)) * half;
    (2.0 * (rest + half), 2.0 * (rest + (half - 0.5)))
}

/// n and r with x + rest = n ln(2) + r and |r| <= ln(2) / 2.
#[inline(always)]
fn reduced(x: f32, rest: f32) -> (i32, f32) {
    let rounded = (x + rest) * LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (x - n * LN_2.0) + rest - n * LN_2.1;
    ((rounded.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32), r)
}

/// (exp(r) - 1 - r) / r² to 2^-26 of exp(r) - 1, for |r| <= ln(2) / 2: a minimax polynomial.
#[inline(always)]
fn tail(r: f32) -> f32 {
    0.5 + r * (0.166_665_48 + r * (0.041_666_858 + r * (0.008_366_217 + r * 0.001_389_828_4)))
}

/// 2^n for -126 <= n <= 127.
#[inline(always)]
fn power_of_2(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// x cut to low ..= high; NaN stays.
#[inline(always)]
fn within(x: f32, low: f32, high: f32) -> f32 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}
