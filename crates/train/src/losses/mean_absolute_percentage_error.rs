//! MeanAbsolutePercentageError: the mean of the absolute differences in percent of the label.

use serde::{Deserialize, Serialize};

use super::{EPSILON, elementwise::Elementwise};

/// 100 mean(|y_true - y_pred| / max(|y_true|, 1e-7)) over each row.
///
/// A label of 0 makes it huge.
///
/// Source: Keras, `keras.losses.MeanAbsolutePercentageError`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MeanAbsolutePercentageError {}

impl Elementwise for MeanAbsolutePercentageError {
    const CLASS_NAME: &'static str = "MeanAbsolutePercentageError";
    const NAME: &'static str = "mean_absolute_percentage_error";

    fn term(&self, t: f64, p: f64) -> (f64, f64) {
        // dL/dp = 100 sign(p - t) / max(|t|, ε), and 0 where they agree.
        let (gap, percent) = (p - t, 100.0 / t.abs().max(f64::from(EPSILON)));
        (percent * gap.abs(), if gap == 0.0 { 0.0 } else { percent * gap.signum() })
    }
}
