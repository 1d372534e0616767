//! SquaredHinge: the hinge loss, squared.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Loss, entry, labels,
    mean::mean,
    signed::{Labels, margin},
};

/// mean(max(1 - y_true y_pred, 0)²) over each row.
///
/// Labels are -1 or 1. Those of a batch that are all 0 or 1 are taken for -1 and 1, as in Keras.
///
/// Source: Keras, `keras.losses.SquaredHinge`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SquaredHinge {
    #[serde(skip)]
    labels: Labels,
}

impl Loss for SquaredHinge {
    fn name(&self) -> &str {
        "squared_hinge"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        let sign = self.labels.sign(y_true);
        mean(y_true, y_pred, |t, p| margin(sign(t), p).powi(2))
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        // dL/dp = -2 t max(1 - t p, 0) / n
        let (sign, n) = (self.labels.sign(y_true), y_pred.len() as f64);
        for ((&t, &p), dy) in y_true.iter().zip(y_pred).zip(dy) {
            let t = sign(t.into());
            *dy = (-2.0 * t * (1.0 - t * f64::from(p)).max(0.0) / n) as f32;
        }
    }

    fn for_labels(&self, y_true: &[f32]) -> Option<Box<dyn Loss>> {
        Some(Box::new(Self { labels: Labels::of(y_true) }))
    }

    fn check_labels(&self, y_true: &Tensor, _: usize) -> Result<()> {
        labels::check_finite(y_true)
    }

    fn to_json(&self) -> Result<Value> {
        entry("SquaredHinge", self.name(), self)
    }
}
