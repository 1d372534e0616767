//! CategoricalHinge: until the right class leads all others by a margin of 1.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Loss, entry, labels};

/// max(max((1 - t) p) - Σ t p + 1, 0) over each row, for labels t of 0 and 1.
///
/// As in Keras, the largest of the wrong classes is sought among the products, in which the right
/// class is a 0; where several are largest, they share the gradient.
///
/// Source: Keras, `keras.losses.CategoricalHinge`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CategoricalHinge {}

impl CategoricalHinge {
    /// max((1 - t) p), and max((1 - t) p) - Σ t p + 1.
    fn margin(y_true: &[f32], y_pred: &[f32]) -> (f64, f64) {
        let (mut wrong, mut right) = (f64::NEG_INFINITY, 0.0);
        for (&t, &p) in y_true.iter().zip(y_pred) {
            wrong = wrong.max(Self::product(t, p));
            right += f64::from(t) * f64::from(p);
        }
        (wrong, wrong - right + 1.0)
    }

    fn product(t: f32, p: f32) -> f64 {
        (1.0 - f64::from(t)) * f64::from(p)
    }
}

impl Loss for CategoricalHinge {
    fn name(&self) -> &str {
        "categorical_hinge"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        let (_, margin) = Self::margin(y_true, y_pred);
        if margin.is_nan() { margin } else { margin.max(0.0) }
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        // dL/dp = (1 - t) / (number of largest) for the largest - t, and 0 beyond the margin.
        let (largest, margin) = Self::margin(y_true, y_pred);
        if margin < 0.0 {
            return dy.fill(0.0);
        }
        let is_largest = |t: f32, p: f32| Self::product(t, p) == largest;
        let ties = y_true.iter().zip(y_pred).filter(|&(&t, &p)| is_largest(t, p)).count() as f64;
        for ((&t, &p), dy) in y_true.iter().zip(y_pred).zip(dy) {
            let wrong = if is_largest(t, p) { (1.0 - f64::from(t)) / ties } else { 0.0 };
            *dy = (wrong - f64::from(t)) as f32;
        }
    }

    fn check_labels(&self, y_true: &Tensor, _: usize) -> Result<()> {
        labels::check_finite(y_true)
    }

    fn to_json(&self) -> Result<Value> {
        entry("CategoricalHinge", self.name(), self)
    }
}
