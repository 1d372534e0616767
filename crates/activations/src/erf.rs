//! erf: the error function, of which gelu is made.

use std::f32::consts::{FRAC_2_SQRT_PI, SQRT_2};

use crate::math::{bell, cumulative};

/// 2 / √π ∫₀ˣ exp(-t²) dt
#[inline(always)]
pub fn erf(x: f32) -> f32 {
    // Near 0, where the difference would lose digits: two terms of the series.
    if x.abs() < 0.01 {
        FRAC_2_SQRT_PI * (x - x * x * x / 3.0)
    } else {
        2.0 * cumulative(x * SQRT_2) - 1.0
    }
}

/// The slope of [`erf`]: 2 / √π exp(-x²).
#[inline(always)]
pub fn erf_slope(x: f32) -> f32 {
    2.0 * SQRT_2 * bell(x * SQRT_2)
}
