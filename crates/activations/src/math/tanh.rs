//! tanh(x).

use super::exp::exp_both;

/// With t = exp(-2 |x|) - 1 and the sign of x: tanh(x) = -t / (2 + t) near 0, where t keeps the
/// digits of x; 1 - 2 (t + 1) / (2 + t) far out, where the exponential t + 1 keeps what is missing
/// to 1, since the derivative 1 - y² is made of it.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let a = x.abs();
    let (exp, exp_m1) = exp_both(-2.0 * a);
    let far = a > 1.0;
    let quotient = (if far { 2.0 * exp } else { -exp_m1 }) / (2.0 + exp_m1);
    (if far { 1.0 - quotient } else { quotient }).copysign(x)
}
