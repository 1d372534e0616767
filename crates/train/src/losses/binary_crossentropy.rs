//! BinaryCrossentropy: for labels that are 0 or 1, each by itself.

use ceratops_core::{Closing, Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Axes, EPSILON, Loss, entry, labels};
use crate::optimizers::within;

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
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BinaryCrossentropy {
    /// Whether predictions are logits instead of probabilities.
    pub from_logits: bool,
    /// Draws labels to one half: t (1 - s) + s / 2.
    pub label_smoothing: f64,
    /// The axis along which the mean is taken.
    pub axis: i64,
}

impl Default for BinaryCrossentropy {
    fn default() -> Self {
        Self { from_logits: false, label_smoothing: 0.0, axis: -1 }
    }
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

    /// Takes the mean along another axis.
    #[must_use]
    pub fn axis(self, axis: i64) -> Self {
        Self { axis, ..self }
    }

    /// The loss of one number, and its derivative.
    pub(super) fn term(&self, label: f32, p: f32) -> (f64, f64) {
        let t = self.smooth(label);
        if self.from_logits {
            // dL/dx = sigmoid(x) - t, where sigmoid(x) = 1 - sigmoid(-x) = 1 / (1 + exp(-x))
            let x = f64::from(p);
            let e = (-x.abs()).exp();
            let sigmoid = if x < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) };
            return (x.max(0.0) - t * x + e.ln_1p(), sigmoid - t);
        }
        let clipped = f64::from(p.clamp(EPSILON, 1.0 - EPSILON));
        let value = -t * clipped.ln() - (1.0 - t) * (1.0 - clipped).ln();
        // dL/dp = (1 - t) / (1 - p) - t / p, and 0 where clipping is flat
        let inside = (EPSILON..=1.0 - EPSILON).contains(&p);
        let derivative = (1.0 - t) / (1.0 - clipped) - t / clipped;
        (value, if inside { derivative } else { 0.0 })
    }

    pub(super) fn smooth(&self, label: f32) -> f64 {
        f64::from(label) * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing
    }
}

impl Loss for BinaryCrossentropy {
    fn name(&self) -> &str {
        "binary_crossentropy"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        let terms = y_true.iter().zip(y_pred).map(|(&t, &p)| self.term(t, p).0);
        terms.sum::<f64>() / y_pred.len() as f64
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        self.value_and_gradient(y_true, y_pred, dy);
    }

    fn value_and_gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) -> f64 {
        let n = y_pred.len() as f64;
        let mut sum = 0.0;
        for ((&t, &p), dy) in y_true.iter().zip(y_pred).zip(dy) {
            let (value, derivative) = self.term(t, p);
            sum += value;
            *dy = (derivative / n) as f32;
        }
        sum / n
    }

    fn axes(&self) -> Axes {
        self.axis.into()
    }

    fn check_labels(&self, y_true: &Tensor, _: usize) -> Result<()> {
        labels::check_probabilities(y_true)
    }

    fn with_logits(&self, closing: Closing) -> Option<Box<dyn Loss>> {
        let joined = || Box::new(self.from_logits(true)) as Box<dyn Loss>;
        (closing == Closing::Sigmoid).then(joined)
    }

    fn validate(&self) -> Result<()> {
        within("label_smoothing", self.label_smoothing, 0.0..=1.0)
    }

    fn to_json(&self) -> Result<Value> {
        entry("BinaryCrossentropy", self.name(), self)
    }
}
