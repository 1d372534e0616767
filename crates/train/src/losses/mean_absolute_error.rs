//! MeanAbsoluteError: the mean of the absolute differences.

use serde::{Deserialize, Serialize};

use super::Loss;

/// mean(|y_true - y_pred|) over each row.
///
/// Source: Keras, `keras.losses.MeanAbsoluteError`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MeanAbsoluteError {}

impl Loss for MeanAbsoluteError {
    fn name(&self) -> &str {
        "mean_absolute_error"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        let gaps = y_true.iter().zip(y_pred).map(|(&t, &p)| (f64::from(t) - f64::from(p)).abs());
        gaps.sum::<f64>() / y_pred.len() as f64
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        // dL/dp = sign(p - t) / n, and 0 where they agree.
        let scale = 1.0 / y_pred.len() as f32;
        for ((t, p), dy) in y_true.iter().zip(y_pred).zip(dy) {
            let gap = p - t;
            *dy = if gap == 0.0 { 0.0 } else { scale * gap.signum() };
        }
    }
}
