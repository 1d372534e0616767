//! tanh(x).

use super::exp_m1;

/// tanh(x) = -t / (2 + t) with t = exp(-2 |x|) - 1, and the sign of x.
///
/// t neither overflows nor loses digits: near 0 it is -2 |x|, far out -1.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let t = exp_m1(-2.0 * x.abs());
    (-t / (2.0 + t)).copysign(x)
}
