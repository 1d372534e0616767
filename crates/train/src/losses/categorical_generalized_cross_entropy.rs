//! CategoricalGeneralizedCrossEntropy: for labels that are the index of a class, some of them wrong.

use ceratops_core::{Error, Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{EPSILON, Loss, entry, labels};

/// (1 - p^q) / q for the probability p of the label's class: between crossentropy (q near 0) and the
/// absolute error (q near 1), which wrong labels disturb less.
///
/// The derivative is that at 1e-7 where p is below; Keras' is infinite at 0.
///
/// Source: Keras, `keras.losses.CategoricalGeneralizedCrossEntropy`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CategoricalGeneralizedCrossEntropy {
    /// A number between 0 and 1.
    pub q: f64,
}

impl Default for CategoricalGeneralizedCrossEntropy {
    fn default() -> Self {
        Self { q: 0.5 }
    }
}

impl CategoricalGeneralizedCrossEntropy {
    /// The loss with that `q`, between 0 and 1.
    pub fn new(q: f64) -> Self {
        Self { q }
    }
}

impl Loss for CategoricalGeneralizedCrossEntropy {
    fn name(&self) -> &str {
        "categorical_generalized_cross_entropy"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        let Some(&p) = labels::class(y_true).and_then(|class| y_pred.get(class)) else {
            return f64::NAN;
        };
        // What is no number is so in any class, or a broken model would look well.
        let p = if y_pred.iter().any(|p| p.is_nan()) { f64::NAN } else { f64::from(p) };
        (1.0 - p.powf(self.q)) / self.q
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        // dL/dp = -p^(q - 1) for the label's class, and 0 for others
        let class = labels::class(y_true);
        for (i, (&p, dy)) in y_pred.iter().zip(dy).enumerate() {
            let slope = -f64::from(p.max(EPSILON)).powf(self.q - 1.0);
            *dy = if class == Some(i) { slope as f32 } else { 0.0 };
        }
    }

    fn is_sparse(&self) -> bool {
        true
    }

    fn check_labels(&self, y_true: &Tensor, outputs: usize) -> Result<()> {
        labels::check_finite(y_true)?;
        labels::check_classes(y_true, outputs, |_| false)
    }

    fn validate(&self) -> Result<()> {
        if self.q > 0.0 && self.q < 1.0 {
            return Ok(());
        }
        Err(Error::argument("q", "a number between 0 and 1", self.q))
    }

    fn to_json(&self) -> Result<Value> {
        entry("CategoricalGeneralizedCrossEntropy", self.name(), self)
    }
}
