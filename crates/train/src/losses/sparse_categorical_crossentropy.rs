//! SparseCategoricalCrossentropy: for labels that are the index of a class.

use ceratops_core::{Closing, Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    EPSILON, Loss, entry,
    labels::{self, class},
    softmax::{log_sum_exp, softmax},
};

/// ln Σp - ln(p of class t) over each row, every p clipped to [1e-7, 1 - 1e-7].
///
/// On logits x it is ln Σ exp(x) - (x of class t), which never saturates. A model that closes with
/// `softmax` trains on logits by itself.
///
/// Labels are integers from 0 to below the number of outputs, or `ignore_class`; `fit` refuses others.
///
/// Source: Keras, `keras.losses.SparseCategoricalCrossentropy`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SparseCategoricalCrossentropy {
    /// Whether predictions are logits instead of probabilities.
    pub from_logits: bool,
    /// A label that stands for no class, often -1 or 255: such rows have no loss and are not in the
    /// divisor.
    pub ignore_class: Option<i64>,
}

impl SparseCategoricalCrossentropy {
    /// The loss on probabilities.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes predictions for logits, or for probabilities.
    #[must_use]
    pub fn from_logits(self, from_logits: bool) -> Self {
        Self { from_logits, ..self }
    }

    /// Lets rows with this label not count.
    #[must_use]
    pub fn ignore_class(self, class: i64) -> Self {
        Self { ignore_class: Some(class), ..self }
    }

    fn is_ignored(&self, label: f32) -> bool {
        self.ignore_class.is_some_and(|class| label == class as f32)
    }
}

impl Loss for SparseCategoricalCrossentropy {
    fn name(&self) -> &str {
        "sparse_categorical_crossentropy"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        if !self.counts(y_true) {
            return 0.0;
        }
        let Some(&of_class) = class(y_true).and_then(|class| y_pred.get(class)) else {
            return f64::NAN;
        };
        if self.from_logits {
            return log_sum_exp(y_pred) - f64::from(of_class);
        }
        y_pred.iter().map(|&p| clip(p)).sum::<f64>().ln() - clip(of_class).ln()
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        self.value_and_gradient(y_true, y_pred, dy);
    }

    fn value_and_gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) -> f64 {
        if !self.counts(y_true) {
            dy.fill(0.0);
            return 0.0;
        }
        let class = class(y_true);
        let is_class = |i: usize| f64::from(class == Some(i));
        if self.from_logits {
            // dL/dx = softmax(x) - (1 for class t)
            let (total, softmax) = softmax(y_pred, dy);
            for (i, dy) in dy.iter_mut().enumerate() {
                *dy = (softmax(*dy) - is_class(i)) as f32;
            }
            let of_class = class.and_then(|class| y_pred.get(class));
            return of_class.map_or(f64::NAN, |&x| total - f64::from(x));
        }
        // dL/dp = 1 / Σp - (1 / p for class t) where clipping is not flat
        let total: f64 = y_pred.iter().map(|&p| clip(p)).sum();
        for (i, (p, dy)) in y_pred.iter().zip(dy).enumerate() {
            let inside = (EPSILON..=1.0 - EPSILON).contains(p);
            *dy = if inside { (1.0 / total - is_class(i) / f64::from(*p)) as f32 } else { 0.0 };
        }
        self.value(y_true, y_pred)
    }

    fn is_sparse(&self) -> bool {
        true
    }

    fn ignores(&self) -> bool {
        self.ignore_class.is_some()
    }

    fn counts(&self, y_true: &[f32]) -> bool {
        y_true.first().is_none_or(|&label| !self.is_ignored(label))
    }

    fn check_labels(&self, y_true: &Tensor, outputs: usize) -> Result<()> {
        labels::check_finite(y_true)?;
        labels::check_classes(y_true, outputs, |label| self.is_ignored(label))
    }

    fn with_logits(&self, closing: Closing) -> Option<Box<dyn Loss>> {
        (closing == Closing::Softmax).then(|| Box::new(self.from_logits(true)) as Box<dyn Loss>)
    }

    fn to_json(&self) -> Result<Value> {
        entry("SparseCategoricalCrossentropy", self.name(), self)
    }
}

fn clip(p: f32) -> f64 {
    f64::from(p.clamp(EPSILON, 1.0 - EPSILON))
}
