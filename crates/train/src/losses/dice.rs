//! Dice: how little two regions overlap.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Axes, EPSILON, Loss, entry, labels};

/// 1 - 2 Σ t p / (Σ t + Σ p + 1e-7) over each row.
///
/// A row is the whole batch unless `axis` says other. It is 1 where both regions are empty, as in
/// Keras.
///
/// Source: Keras, `keras.losses.Dice`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dice {
    /// The axes over which the sums go.
    pub axis: Axes,
}

impl Default for Dice {
    fn default() -> Self {
        Self { axis: Axes::All }
    }
}

impl Dice {
    /// The loss over the whole batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sums over these axes only.
    #[must_use]
    pub fn axis(self, axis: impl Into<Axes>) -> Self {
        Self { axis: axis.into() }
    }

    /// Σ t p, and Σ t + Σ p + ε.
    fn sums(y_true: &[f32], y_pred: &[f32]) -> (f64, f64) {
        let (mut both, mut all) = (0.0, f64::from(EPSILON));
        for (&t, &p) in y_true.iter().zip(y_pred) {
            both += f64::from(t) * f64::from(p);
            all += f64::from(t) + f64::from(p);
        }
        (both, all)
    }
}

impl Loss for Dice {
    fn name(&self) -> &str {
        "dice"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        let (both, all) = Self::sums(y_true, y_pred);
        1.0 - 2.0 * both / all
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        // dL/dp = 2 (Σ t p - t D) / D² with D the divisor
        let (both, all) = Self::sums(y_true, y_pred);
        for (&t, dy) in y_true.iter().zip(dy) {
            *dy = (2.0 * (both - f64::from(t) * all) / (all * all)) as f32;
        }
    }

    fn axes(&self) -> Axes {
        self.axis.clone()
    }

    fn check_labels(&self, y_true: &Tensor, _: usize) -> Result<()> {
        labels::check_finite(y_true)
    }

    fn to_json(&self) -> Result<Value> {
        entry("Dice", self.name(), self)
    }
}
