//! Hinge: for labels of -1 or 1, until the prediction is on the right side by a margin of 1.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use ceratops_core::{Result, Tensor};

use super::{
    Loss, entry, labels,
    mean::mean,
    signed::{Labels, margin},
};

/// mean(max(1 - y_true y_pred, 0)) over each row.
///
/// Labels are -1 or 1. Those of a batch that are all 0 or 1 are taken for -1 and 1, as in Keras.
///
/// Source: Keras, `keras.losses.Hinge`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hinge {
    #[serde(skip)]
    labels: Labels,
}

impl Loss for Hinge {
    fn name(&self) -> &str {
        "hinge"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        let sign = self.labels.sign(y_true);
        mean(y_true, y_pred, |t, p| margin(sign(t), p))
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        // dL/dp = -t / n, and 0 beyond the margin.
        let (sign, n) = (self.labels.sign(y_true), y_pred.len() as f64);
        for ((&t, &p), dy) in y_true.iter().zip(y_pred).zip(dy) {
            let t = sign(t.into());
            *dy = if 1.0 - t * f64::from(p) >= 0.0 { (-t / n) as f32 } else { 0.0 };
        }
    }

    fn for_labels(&self, y_true: &[f32]) -> Option<Box<dyn Loss>> {
        Some(Box::new(Self { labels: Labels::of(y_true) }))
    }

    fn check_labels(&self, y_true: &Tensor, _: usize) -> Result<()> {
        labels::check_finite(y_true)
    }

    fn to_json(&self) -> Result<Value> {
        entry("Hinge", self.name(), self)
    }
}
