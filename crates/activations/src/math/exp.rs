//! exp(x) and exp(x) - 1, by a power of 2 times a polynomial.

use std::f32::consts::LOG2_E;

/// ln(2) in two parts. The first has so few digits that its product with a small integer is exact.
const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
/// 1.5 · 2²³: added to a small number it leaves the nearest integer in the last bits.
const ROUND: f32 = 12_582_912.0;
/// The last x whose exponential is a normal number: 2^-126 = exp(-87.33654...). What is smaller is
/// 0, as in TensorFlow: a CPU takes a hundred times as long for a number below the normal ones.
const LAST: f32 = -87.336_54;
/// What changes no number it is added to, so that the compiler leaves the sum out; 0 makes 0 of -0.
const NOTHING: f32 = -0.0;

/// exp(x)
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Beyond this the result is infinite anyway, and n would have no room in an exponent.
    let (rounded, s) = reduced(if x > 89.0 { 89.0 } else { x }, NOTHING, ROUND, tail_4);
    let n = integer(rounded);
    // 2^n can be too large for one number; of its halves each is one.
    let half = n >> 1;
    let y = (1.0 + s) * power_of_2(half) * power_of_2(n.wrapping_sub(half));
    if x < LAST { 0.0 } else { y }
}

/// exp(x) for x <= 0, in fewer steps than `exp`.
#[inline(always)]
pub(crate) fn exp_below_0(x: f32) -> f32 {
    exp_sum(x, NOTHING)
}

/// exp(x + rest) for x <= 0, where `rest` is what rounding took from x.
#[inline(always)]
pub(super) fn exp_sum(x: f32, rest: f32) -> f32 {
    // The last bits of `rounded` are an exponent as a number has it; shifted to their place, no
    // other is left.
    let (rounded, s) = reduced(x, rest, ROUND + 127.0, tail_4);
    let y = (1.0 + s) * f32::from_bits(rounded.to_bits() << 23);
    if x < LAST { 0.0 } else { y }
}

/// e / (1 + e) with e = exp(x) for x <= 0.
///
/// Rounding e and 1 + e would cost more digits than all else, so that the quotient is given back
/// what both lost: relatively lost / (1 + e), since e stands above and below.
#[inline(always)]
pub(crate) fn logistic_below_0(x: f32) -> f32 {
    let (rounded, s) = reduced(x, NOTHING, ROUND + 127.0, tail_4);
    let scaled = 1.0 + s;
    let e = scaled * f32::from_bits(rounded.to_bits() << 23);
    let sum = 1.0 + e;
    let lost = (s - (scaled - 1.0)) - (e - (sum - 1.0));
    // 1 / sum to a twentieth.
    let inverse = 1.457 - 0.5 * sum;
    let q = e / sum;
    let y = q + q * (lost * inverse);
    if x < LAST { 0.0 } else { y }
}

/// exp(x) - 1, in which nothing cancels near 0.
#[inline(always)]
pub(crate) fn exp_m1(x: f32) -> f32 {
    let (rounded, s) = reduced(within(x, -20.0, 89.0), NOTHING, ROUND, tail_5);
    // 2^n + 2^n s, less 1, as twice its half: 2^n itself can be infinite.
    let half = power_of_2(integer(rounded).wrapping_sub(1));
    2.0 * (s * half + (half - 0.5))
}

/// n + round and s = exp(r) - 1 with x + rest = n ln(2) + r and |r| <= ln(2) / 2.
#[inline(always)]
fn reduced(x: f32, rest: f32, round: f32, tail: impl Fn(f32) -> f32) -> (f32, f32) {
    let rounded = (x + rest) * LOG2_E + round;
    let n = rounded - round;
    // r = high - low, where `high` is exact. What rounding takes from the difference would be the
    // largest error of s, so that s is made of the two.
    let (high, low) = (x - n * LN_2.0, n * LN_2.1 - rest);
    let r = high - low;
    (rounded, high + (r * r * tail(r) - low))
}

/// n from n + ROUND.
#[inline(always)]
fn integer(rounded: f32) -> i32 {
    (rounded.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32)
}

/// (exp(r) - 1 - r) / r² to 2^-26 of exp(r) - 1, for |r| <= ln(2) / 2: a minimax polynomial, of
/// which parts can be calculated at the same time.
#[inline(always)]
fn tail_4(r: f32) -> f32 {
    let square = r * r;
    let pair_2 = 0.041_667_44 + r * 0.008_366_254;
    (0.499_999_97 + r * 0.166_665_46) + square * (pair_2 + square * 0.001_387_027_4)
}

/// The same to 2^-31.
#[inline(always)]
fn tail_5(r: f32) -> f32 {
    let square = r * r;
    let pair_2 = 0.041_666_493 + r * 0.008_333_547;
    let pair_4 = 0.001_393_231_3 + r * 0.000_197_609_87;
    (0.5 + r * 0.166_666_66) + square * (pair_2 + square * pair_4)
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
