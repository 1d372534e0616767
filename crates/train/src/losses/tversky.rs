//! Tversky: how little of a region was found, false alarms and misses weighted apart.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Axes, EPSILON, Loss, entry, labels};
use crate::optimizers::within;

/// 1 - I / (I + α Σ (1 - p) t + β Σ p (1 - t) + 1e-7) with I = Σ t p, over each row.
///
/// A row is the whole batch unless `axis` says other. Keras calls the first sum, what was missed, the
/// false positives and the second the false negatives; α and β weigh them as there.
///
/// Source: Keras, `keras.losses.Tversky`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tversky {
    /// The weight of what was missed.
    pub alpha: f64,
    /// The weight of false alarms.
    pub beta: f64,
    /// The axes over which the sums go.
    pub axis: Axes,
}

impl Default for Tversky {
    fn default() -> Self {
        Self { alpha: 0.5, beta: 0.5, axis: Axes::All }
    }
}

impl Tversky {
    /// The loss with both weights one half, over the whole batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Weighs what was missed.
    #[must_use]
    pub fn alpha(self, alpha: f64) -> Self {
        Self { alpha, ..self }
    }

    /// Weighs false alarms.
    #[must_use]
    pub fn beta(self, beta: f64) -> Self {
        Self { beta, ..self }
    }

    /// Sums over these axes only.
    #[must_use]
    pub fn axis(self, axis: impl Into<Axes>) -> Self {
        Self { axis: axis.into(), ..self }
    }

    /// I, and what it is divided by.
    fn sums(&self, y_true: &[f32], y_pred: &[f32]) -> (f64, f64) {
        let (mut found, mut missed, mut alarms) = (0.0, 0.0, 0.0);
        for (&t, &p) in y_true.iter().zip(y_pred) {
            let (t, p) = (f64::from(t), f64::from(p));
            found += t * p;
            missed += (1.0 - p) * t;
            alarms += p * (1.0 - t);
        }
        (found, found + self.alpha * missed + self.beta * alarms + f64::from(EPSILON))
    }
}

impl Loss for Tversky {
    fn name(&self) -> &str {
        "tversky"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        let (found, all) = self.sums(y_true, y_pred);
        1.0 - found / all
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        // dL/dp = (I D' - t D) / D² with D the divisor and D' = t - α t + β (1 - t)
        let (found, all) = self.sums(y_true, y_pred);
        for (&t, dy) in y_true.iter().zip(dy) {
            let t = f64::from(t);
            let slope = t - self.alpha * t + self.beta * (1.0 - t);
            *dy = ((found * slope - t * all) / (all * all)) as f32;
        }
    }

    fn axes(&self) -> Axes {
        self.axis.clone()
    }

    fn check_labels(&self, y_true: &Tensor, _: usize) -> Result<()> {
        labels::check_finite(y_true)
    }

    fn validate(&self) -> Result<()> {
        within("alpha", self.alpha, 0.0..=f64::MAX)?;
        within("beta", self.beta, 0.0..=f64::MAX)
    }

    fn to_json(&self) -> Result<Value> {
        entry("Tversky", self.name(), self)
    }
}
