//! Checks on the numbers of a config.

use ceratops_core::{Error, Result};

/// `value` as f32, which must hold it: neither infinite nor NaN.
pub(crate) fn finite(argument: &str, value: f64) -> Result<f32> {
    let single = value as f32;
    if single.is_finite() {
        Ok(single)
    } else {
        Err(Error::argument(argument, "a finite number that fits in f32", value))
    }
}

/// [`finite`], and not below zero.
pub(crate) fn non_negative(argument: &str, value: f64) -> Result<f32> {
    if value < 0.0 {
        return Err(Error::argument(argument, "a number that is not negative", value));
    }
    finite(argument, value)
}
