//! LogCosh: nearly squared for small differences, nearly absolute for large ones.

use std::f64::consts::LN_2;

use serde::{Deserialize, Serialize};

use super::elementwise::Elementwise;

/// mean(ln(cosh(y_pred - y_true))) over each row, computed as |e| + ln(1 + exp(-2|e|)) - ln 2, which
/// does not overflow.
///
/// Source: Keras, `keras.losses.LogCosh`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogCosh {}

impl Elementwise for LogCosh {
    const CLASS_NAME: &'static str = "LogCosh";
    const NAME: &'static str = "log_cosh";

    fn term(&self, t: f64, p: f64) -> (f64, f64) {
        // dL/dp = tanh(e)
        let e = p - t;
        (e.abs() + (-2.0 * e.abs()).exp().ln_1p() - LN_2, e.tanh())
    }
}
