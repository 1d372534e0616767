//! MeanSquaredError: the mean of the squared differences.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Loss, entry, labels, mean::mean};

/// mean((y_true - y_pred)²) over each row.
///
/// Source: Keras, `keras.losses.MeanSquaredError`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MeanSquaredError {}

impl Loss for MeanSquaredError {
    fn name(&self) -> &str {
        "mean_squared_error"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        mean(y_true, y_pred, |t, p| (t - p).powi(2))
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        // dL/dp = 2 (p - t) / n
        let scale = 2.0 / y_pred.len() as f32;
        for ((t, p), dy) in y_true.iter().zip(y_pred).zip(dy) {
            *dy = scale * (p - t);
        }
    }

    fn check_labels(&self, y_true: &Tensor, _: usize) -> Result<()> {
        labels::check_finite(y_true)
    }

    fn to_json(&self) -> Result<Value> {
        entry("MeanSquaredError", self.name(), self)
    }
}
