//! exp(x) and exp(x) - 1, by a power of 2 times a polynomial.

use std::f32::consts::LOG2_E;

/// ln(2) in two parts. The first has so few digits that its product with a small integer is exact.
const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
/// 1.5 · 2²³: added to a small number it leaves the nearest integer in the last bits.
const ROUND: f32 = 12_582_912.0;
/// 2^-64
const TO_THE_MINUS_64: f32 = f32::from_bits((127 - 64) << 23);
/// What changes no number it is added to, so that the compiler leaves the sum out; 0 makes 0 of -0.
const NOTHING: f32 = -0.0;

/// exp(x)
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Beyond these the result is 0 or infinite anyway, and n would have no room in an exponent.
    let (rounded, r) = reduced(within(x, -104.0, 89.0), NOTHING, ROUND);
    let n = integer(rounded);
    // 2^n can be too large or too small for one number; of its halves each is one.
    let half = n >> 1;
    (1.0 + (r + r * r * tail(r))) * power_of_2(half) * power_of_2(n.wrapping_sub(half))
}

/// exp(x) for x <= 0, in fewer steps than `exp`.
#[inline(always)]
pub(crate) fn exp_below_0(x: f32) -> f32 {
    exp_sum(if x < -104.0 { -104.0 } else { x }, NOTHING)
}

/// exp(x + rest) for x from -106 to 0, where `rest` is what rounding took from x.
#[inline(always)]
pub(super) fn exp_sum(x: f32, rest: f32) -> f32 {
    // 2^n can be too small for one number, 2^(n + 64) is none too large. The last bits of
    // `rounded` are its exponent as a number has it; shifted to their place, no other is left.
    let (rounded, r) = reduced(x, rest, ROUND + (127.0 + 64.0));
    let power = f32::from_bits(rounded.to_bits() << 23);
    (1.0 + (r + r * r * tail(r))) * power * TO_THE_MINUS_64
}

/// exp(x) - 1, in which nothing cancels near 0.
#[inline(always)]
pub(crate) fn exp_m1(x: f32) -> f32 {
    exp_both(x).1
}

/// exp(x) and exp(x) - 1, each with its own digits; the first for x >= -20 only.
#[inline(always)]
pub(super) fn exp_both(x: f32) -> (f32, f32) {
    let (rounded, r) = reduced(within(x, -20.0, 89.0), NOTHING, ROUND);
    // 2^n + 2^n (exp(r) - 1), less 1, as twice its half: 2^n itself can be infinite.
    let half = power_of_2(integer(rounded).wrapping_sub(1));
    let rest = (r + r * r * tail(r)) * half;
    (2.0 * (rest + half), 2.0 * (rest + (half - 0.5)))
}

/// n + round and r with x + rest = n ln(2) + r and |r| <= ln(2) / 2.
#[inline(always)]
fn reduced(x: f32, rest: f32, round: f32) -> (f32, f32) {
    let rounded = (x + rest) * LOG2_E + round;
    let n = rounded - round;
    (rounded, (x - n * LN_2.0) + rest - n * LN_2.1)
}

/// n from n + ROUND.
#[inline(always)]
fn integer(rounded: f32) -> i32 {
    (rounded.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32)
}

/// (exp(r) - 1 - r) / r² to 2^-26 of exp(r) - 1, for |r| <= ln(2) / 2: a minimax polynomial, of
/// which parts can be calculated at the same time.
#[inline(always)]
fn tail(r: f32) -> f32 {
    let square = r * r;
    (0.5 + r * 0.166_665_48)
        + square * ((0.041_666_858 + r * 0.008_366_217) + square * 0.001_389_828_4)
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
