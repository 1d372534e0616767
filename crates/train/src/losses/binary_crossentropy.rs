//! BinaryCrossentropy: for labels that are 0 or 1, each by itself.

use ceratops_core::{Closing, Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{EPSILON, Loss, labels};
use crate::{config, optimizers::within};

/// mean(-t ln(p) - (1 - t) ln(1 - p)) over each row, p clipped to [1e-7, 1 - 1e-7].
///
/// On logits x it is mean(max(x, 0) - t x + ln(1 + exp(-|x|))), which never saturates. A model
/// that closes with `sigmoid` trains on logits by itself.
///
/// ```
/// use ceratops_train::losses::BinaryCrossentropy;
///
/// let loss = BinaryCrossentropy::new().from_logits(true).label_smoothing(0.1);
/// assert!(loss.from_logits);
/// ```
///
/// Source: Keras, `keras.losses.BinaryCrossentropy`. Keras on TensorFlow takes the logits behind a
/// softmax too, as if a sigmoid had followed them; here they remain probabilities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BinaryCrossentropy {
    /// Whether predictions are logits instead of probabilities.
    pub from_logits: bool,
    /// Draws labels to one half: t (1 - s) + s / 2.
    pub label_smoothing: f64,
}

impl BinaryCrossentropy {
    /// The loss on probabilities, without smoothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes predictions for logits, or for probabilities.
    #[must_use]
    pub fn from_logits(self, from_logits: bool) -> Self {
        Self { from_logits, ..self }
    }

    /// Draws labels so far to one half.
    #[must_use]
    pub fn label_smoothing(self, label_smoothing: f64) -> Self {
        Self { label_smoothing, ..self }
    }

    fn smooth(&self, label: f32) -> f64 {
        f64::from(label) * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing
    }
}

impl Loss for BinaryCrossentropy {
    fn name(&self) -> &str {
        "binary_crossentropy"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        let term = |(&t, &p): (&f32, &f32)| {
            let t = self.smooth(t);
            if self.from_logits {
                let x = f64::from(p);
                return x.max(0.0) - t * x + (-x.abs()).exp().ln_1p();
            }
            let p = f64::from(p.clamp(EPSILON, 1.0 - EPSILON));
            -t * p.ln() - (1.0 - t) * (1.0 - p).ln()
        };
        y_true.iter().zip(y_pred).map(term).sum::<f64>() / y_pred.len() as f64
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        let n = y_pred.len() as f64;
        for ((&t, &p), dy) in y_true.iter().zip(y_pred).zip(dy) {
            let t = self.smooth(t);
            let derivative = if self.from_logits {
                // dL/dx = sigmoid(x) - t
                1.0 / (1.0 + (-f64::from(p)).exp()) - t
            } else if (EPSILON..=1.0 - EPSILON).contains(&p) {
                // dL/dp = (1 - t) / (1 - p) - t / p
                let p = f64::from(p);
                (1.0 - t) / (1.0 - p) - t / p
            } else {
                // Clipping is flat.
                0.0
            };
            *dy = (derivative / n) as f32;
        }
    }

    fn check_labels(&self, y_true: &Tensor, _: usize) -> Result<()> {
        labels::check_probabilities(y_true)
    }

    fn with_logits(&self, closing: Closing) -> Option<Box<dyn Loss>> {
        (closing == Closing::Sigmoid).then(|| Box::new(self.from_logits(true)) as Box<dyn Loss>)
    }

    fn validate(&self) -> Result<()> {
        within("label_smoothing", self.label_smoothing, 0.0..=1.0)
    }

    fn to_json(&self) -> Result<Value> {
        config::entry("keras.losses", "BinaryCrossentropy", self)
    }
}
