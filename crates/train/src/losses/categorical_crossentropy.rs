//! CategoricalCrossentropy: for one-hot labels, or any distribution over the classes.

use ceratops_core::{Closing, Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Axes, EPSILON, Loss, entry, labels,
    softmax::{log_sum_exp, softmax},
};
use crate::optimizers::within;

/// -Σ t ln(p / Σp) over each row, the quotient clipped to [1e-7, 1 - 1e-7].
///
/// On logits x it is Σ t (ln Σ exp(x) - x), which never saturates. A model that closes with
/// `softmax` trains on logits by itself.
///
/// Source: Keras, `keras.losses.CategoricalCrossentropy`. Keras on TensorFlow takes the logits
/// behind a sigmoid too, as if a softmax had followed them; here they remain probabilities. With
/// another axis than the last, Keras smooths labels by the length of the last one; here it is the
/// number of classes always.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CategoricalCrossentropy {
    /// Whether predictions are logits instead of probabilities.
    pub from_logits: bool,
    /// Spreads this part of the label over all n classes: t (1 - s) + s / n.
    pub label_smoothing: f64,
    /// The axis along which the classes lie.
    pub axis: i64,
}

impl Default for CategoricalCrossentropy {
    fn default() -> Self {
        Self { from_logits: false, label_smoothing: 0.0, axis: -1 }
    }
}

impl CategoricalCrossentropy {
    /// The loss on probabilities, without smoothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes predictions for logits, or for probabilities.
    #[must_use]
    pub fn from_logits(self, from_logits: bool) -> Self {
        Self { from_logits, ..self }
    }

    /// Spreads so much of the label over all classes.
    #[must_use]
    pub fn label_smoothing(self, label_smoothing: f64) -> Self {
        Self { label_smoothing, ..self }
    }

    /// Looks for the classes along another axis.
    #[must_use]
    pub fn axis(self, axis: i64) -> Self {
        Self { axis, ..self }
    }

    /// Σ t (total - x), where total is ln Σ exp(x).
    fn on_logits(&self, y_true: &[f32], y_pred: &[f32], total: f64) -> f64 {
        // A class without a label counts nothing, even with an infinite logit.
        let terms = self.smooth(y_true).zip(y_pred).filter(|(t, _)| *t != 0.0);
        terms.map(|(t, &x)| t * (total - f64::from(x))).sum()
    }

    fn smooth<'a>(&'a self, y_true: &'a [f32]) -> impl Iterator<Item = f64> + 'a {
        let share = self.label_smoothing / y_true.len() as f64;
        y_true.iter().map(move |&t| f64::from(t) * (1.0 - self.label_smoothing) + share)
    }
}

impl Loss for CategoricalCrossentropy {
    fn name(&self) -> &str {
        "categorical_crossentropy"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        if self.from_logits {
            return self.on_logits(y_true, y_pred, log_sum_exp(y_pred));
        }
        let labels = self.smooth(y_true);
        let total: f32 = y_pred.iter().sum();
        let ln = |p: f32| f64::from((p / total).clamp(EPSILON, 1.0 - EPSILON)).ln();
        labels.zip(y_pred).map(|(t, &p)| -t * ln(p)).sum()
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        self.value_and_gradient(y_true, y_pred, dy);
    }

    fn value_and_gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) -> f64 {
        let labels = self.smooth(y_true);
        if self.from_logits {
            // dL/dx = softmax(x) Σt - t
            let sum: f64 = self.smooth(y_true).sum();
            let (total, softmax) = softmax(y_pred, dy);
            for (t, dy) in labels.zip(dy) {
                *dy = (softmax(*dy) * sum - t) as f32;
            }
            return self.on_logits(y_true, y_pred, total);
        }
        // With q = p / S, S = Σp: dL/dq = -t / q where clipping is not flat, and
        // dL/dp = (dL/dq - Σ q dL/dq) / S
        let total: f64 = y_pred.iter().map(|&p| f64::from(p)).sum();
        let mut mean = 0.0;
        for ((t, &p), dy) in labels.zip(y_pred).zip(dy.iter_mut()) {
            let q = f64::from(p) / total;
            let inside = (EPSILON..=1.0 - EPSILON).contains(&(q as f32));
            let dq = if inside { -t / q } else { 0.0 };
            mean += q * dq;
            *dy = dq as f32;
        }
        for dy in dy {
            *dy = ((f64::from(*dy) - mean) / total) as f32;
        }
        self.value(y_true, y_pred)
    }

    fn axes(&self) -> Axes {
        self.axis.into()
    }

    fn check_labels(&self, y_true: &Tensor, _: usize) -> Result<()> {
        labels::check_finite(y_true)
    }

    fn with_logits(&self, closing: Closing) -> Option<Box<dyn Loss>> {
        // A softmax is over the last axis.
        let joined = || Box::new(self.from_logits(true)) as Box<dyn Loss>;
        (closing == Closing::Softmax && self.axis == -1).then(joined)
    }

    fn validate(&self) -> Result<()> {
        within("label_smoothing", self.label_smoothing, 0.0..=1.0)
    }

    fn to_json(&self) -> Result<Value> {
        entry("CategoricalCrossentropy", self.name(), self)
    }
}
