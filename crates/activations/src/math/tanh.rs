//! tanh(x).

use super::exp::exp_below_0;

/// Up to 1 by a polynomial; further out 1 - 2 e / (1 + e) with e = exp(-2 |x|), which keeps what is
/// missing to 1, since the derivative 1 - y² is made of it.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let a = x.abs();
    let e = exp_below_0(-2.0 * a);
    let far = 1.0 - 2.0 * e / (1.0 + e);
    (if a > 1.0 { far } else { a + a * rest(a * a) }).copysign(x)
}

/// tanh(x) / x - 1 to 2^-27 for z = x² <= 1: a minimax polynomial, of which parts can be calculated
/// at the same time. It is written about a point in the middle, where the first number is nearly
/// exact, so that the others add little to it, and little of their rounding.
#[inline(always)]
fn rest(z: f32) -> f32 {
    let d = z - 0.454_101_56;
    let square = d * d;
    let (pair_1, pair_3) = (-0.238_976_34 + d * 0.080_388_784, -0.027_460_493 + d * 0.009_389_993);
    let pair_5 = -0.003_227_756_6 + d * 0.001_157_768_7;
    let high = pair_3 + square * (pair_5 - square * 0.000_356_265_2);
    -0.128_140_93 + d * (pair_1 + square * high)
}
