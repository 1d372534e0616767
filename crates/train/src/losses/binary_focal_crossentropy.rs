//! BinaryFocalCrossentropy: binary crossentropy that cares less for what is right already.

use ceratops_core::{Closing, Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Axes, BinaryCrossentropy, Loss, entry, labels};
use crate::optimizers::within;

/// mean(w (1 - q)^γ BCE) over each row, with q = t p + (1 - t) (1 - p) how sure the prediction is of
/// the right answer, BCE the binary crossentropy and w = t α + (1 - t) (1 - α) if classes are balanced,
/// else 1.
///
/// On logits it is computed from them, and a model that closes with `sigmoid` trains on logits by
/// itself. For γ < 1 Keras' gradient is NaN where a prediction is exactly right; here it is 0.
///
/// Source: Keras, `keras.losses.BinaryFocalCrossentropy`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BinaryFocalCrossentropy {
    /// Whether predictions are logits instead of probabilities.
    pub from_logits: bool,
    /// Draws labels to one half: t (1 - s) + s / 2.
    pub label_smoothing: f64,
    /// The axis along which the mean is taken.
    pub axis: i64,
    /// Whether the classes are weighted by `alpha`.
    pub apply_class_balancing: bool,
    /// α, the weight of the class 1; that of the class 0 is 1 - α.
    pub alpha: f64,
    /// γ, how much less a prediction counts that is right.
    pub gamma: f64,
}

impl Default for BinaryFocalCrossentropy {
    fn default() -> Self {
        let (label_smoothing, alpha, gamma) = (0.0, 0.25, 2.0);
        let (from_logits, apply_class_balancing) = (false, false);
        let axis = -1;
        Self { from_logits, label_smoothing, axis, apply_class_balancing, alpha, gamma }
    }
}

impl BinaryFocalCrossentropy {
    /// The loss on probabilities with γ = 2, without smoothing and balancing.
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

    /// Sets γ.
    #[must_use]
    pub fn gamma(self, gamma: f64) -> Self {
        Self { gamma, ..self }
    }

    /// Balances the classes: `alpha` for 1, and 1 - `alpha` for 0.
    #[must_use]
    pub fn balanced(self, alpha: f64) -> Self {
        Self { apply_class_balancing: true, alpha, ..self }
    }

    /// Takes the mean along another axis.
    #[must_use]
    pub fn axis(self, axis: i64) -> Self {
        Self { axis, ..self }
    }

    /// The loss of one number, and its derivative.
    fn term(&self, bce: &BinaryCrossentropy, label: f32, p: f32) -> (f64, f64) {
        let t = bce.smooth(label);
        let (loss, slope) = bce.term(label, p);
        // The probability, and its derivative.
        let (probability, dp) = if self.from_logits {
            let sigmoid = 1.0 / (1.0 + (-f64::from(p)).exp());
            (sigmoid, sigmoid * (1.0 - sigmoid))
        } else {
            (f64::from(p), 1.0)
        };
        let wrong = 1.0 - (t * probability + (1.0 - t) * (1.0 - probability));
        let weight = if self.apply_class_balancing {
            t * self.alpha + (1.0 - t) * (1.0 - self.alpha)
        } else {
            1.0
        };
        // d(1 - q)^γ = γ (1 - q)^(γ - 1) (1 - 2t) dp
        let focus = wrong.powf(self.gamma);
        let flat = self.gamma == 0.0 || (wrong == 0.0 && self.gamma < 1.0);
        let d_focus = if flat { 0.0 } else { self.gamma * wrong.powf(self.gamma - 1.0) };
        let derivative = d_focus * (1.0 - 2.0 * t) * dp * loss + focus * slope;
        (weight * focus * loss, weight * derivative)
    }

    fn bce(&self) -> BinaryCrossentropy {
        let bce = BinaryCrossentropy::new().from_logits(self.from_logits);
        bce.label_smoothing(self.label_smoothing)
    }
}

impl Loss for BinaryFocalCrossentropy {
    fn name(&self) -> &str {
        "binary_focal_crossentropy"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        let bce = self.bce();
        let terms = y_true.iter().zip(y_pred).map(|(&t, &p)| self.term(&bce, t, p).0);
        terms.sum::<f64>() / y_pred.len() as f64
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        self.value_and_gradient(y_true, y_pred, dy);
    }

    fn value_and_gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) -> f64 {
        let (bce, n) = (self.bce(), y_pred.len() as f64);
        let mut sum = 0.0;
        for ((&t, &p), dy) in y_true.iter().zip(y_pred).zip(dy) {
            let (value, derivative) = self.term(&bce, t, p);
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
        within("label_smoothing", self.label_smoothing, 0.0..=1.0)?;
        within("alpha", self.alpha, 0.0..=1.0)?;
        within("gamma", self.gamma, 0.0..=f64::MAX)
    }

    fn to_json(&self) -> Result<Value> {
        entry("BinaryFocalCrossentropy", self.name(), self)
    }
}
