//! MeanAbsoluteError: the mean of the absolute differences.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Loss, entry, labels, mean::mean};

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
        mean(y_true, y_pred, |t, p| (t - p).abs())
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        // dL/dp = sign(p - t) / n, and 0 where they agree.
        let scale = 1.0 / y_pred.len() as f32;
        for ((t, p), dy) in y_true.iter().zip(y_pred).zip(dy) {
            let gap = p - t;
            *dy = if gap == 0.0 { 0.0 } else { scale * gap.signum() };
        }
    }

    fn check_labels(&self, y_true: &Tensor, _: usize) -> Result<()> {
        labels::check_finite(y_true)
    }

    fn to_json(&self) -> Result<Value> {
        entry("MeanAbsoluteError", self.name(), self)
    }
}
