//! CategoricalFocalCrossentropy: categorical crossentropy that cares less for what is right already.

use ceratops_core::{Error, Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Axes, EPSILON, Loss, entry, labels, softmax::softmax};
use crate::optimizers::within;

/// -Σ α t (1 - q)^γ ln q over each row, with q = p / Σp clipped to [1e-7, 1 - 1e-7].
///
/// On logits p is their softmax. As in Keras it saturates there: where q is clipped there is no
/// gradient.
///
/// Source: Keras, `keras.losses.CategoricalFocalCrossentropy`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CategoricalFocalCrossentropy {
    /// Whether predictions are logits instead of probabilities.
    pub from_logits: bool,
    /// Spreads this part of the label over all n classes: t (1 - s) + s / n.
    pub label_smoothing: f64,
    /// The axis along which the classes lie.
    pub axis: i64,
    /// α, a weight for all classes, or for each.
    pub alpha: Alpha,
    /// γ, how much less a prediction counts that is right.
    pub gamma: f64,
}

/// A weight for all classes, or for each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Alpha {
    /// One for all.
    All(f64),
    /// One for each class.
    Each(Vec<f64>),
}

impl From<f64> for Alpha {
    fn from(alpha: f64) -> Self {
        Self::All(alpha)
    }
}

impl From<Vec<f64>> for Alpha {
    fn from(alpha: Vec<f64>) -> Self {
        Self::Each(alpha)
    }
}

impl Alpha {
    fn of(&self, class: usize) -> f64 {
        match self {
            Self::All(alpha) => *alpha,
            Self::Each(alphas) => alphas.get(class).copied().unwrap_or(f64::NAN),
        }
    }
}

impl Default for CategoricalFocalCrossentropy {
    fn default() -> Self {
        let (from_logits, label_smoothing, axis) = (false, 0.0, -1);
        Self { from_logits, label_smoothing, axis, alpha: Alpha::All(0.25), gamma: 2.0 }
    }
}

impl CategoricalFocalCrossentropy {
    /// The loss on probabilities with α = 1/4 and γ = 2, without smoothing.
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

    /// Sets α, for all classes or for each.
    #[must_use]
    pub fn alpha(self, alpha: impl Into<Alpha>) -> Self {
        Self { alpha: alpha.into(), ..self }
    }

    /// Sets γ.
    #[must_use]
    pub fn gamma(self, gamma: f64) -> Self {
        Self { gamma, ..self }
    }

    /// Looks for the classes along another axis.
    #[must_use]
    pub fn axis(self, axis: i64) -> Self {
        Self { axis, ..self }
    }
}

impl Loss for CategoricalFocalCrossentropy {
    fn name(&self) -> &str {
        "categorical_focal_crossentropy"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        self.value_and_gradient(y_true, y_pred, &mut vec![0.0; y_pred.len()])
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        self.value_and_gradient(y_true, y_pred, dy);
    }

    fn value_and_gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) -> f64 {
        // dL/dq = α t (γ (1 - q)^(γ - 1) ln q - (1 - q)^γ / q) where clipping is not flat, and with
        // S = Σp: dL/dp = (dL/dq - Σ q dL/dq) / S, or on logits dL/dx = q (dL/dq - Σ q dL/dq)
        let total: f64 = if self.from_logits {
            let (_, of) = softmax(y_pred, dy);
            dy.iter_mut().for_each(|dy| *dy = of(*dy) as f32);
            1.0
        } else {
            dy.copy_from_slice(y_pred);
            y_pred.iter().map(|&p| f64::from(p)).sum()
        };
        let (low, high) = (f64::from(EPSILON), f64::from(1.0 - EPSILON));
        let share = self.label_smoothing / y_true.len() as f64;
        let (mut loss, mut mean) = (0.0, 0.0);
        let mut slopes = Vec::with_capacity(dy.len());
        for (i, (&t, &p)) in y_true.iter().zip(dy.iter()).enumerate() {
            let q = f64::from(p) / total;
            let (clipped, inside) = (q.clamp(low, high), (low..=high).contains(&q));
            let weight = self.alpha.of(i) * (f64::from(t) * (1.0 - self.label_smoothing) + share);
            let focus = (1.0 - clipped).powf(self.gamma);
            loss -= weight * focus * clipped.ln();
            let d_focus = self.gamma * (1.0 - clipped).powf(self.gamma - 1.0);
            let slope = weight * (d_focus * clipped.ln() - focus / clipped);
            slopes.push(if inside { slope } else { 0.0 });
            mean += if inside { q * slope } else { 0.0 };
        }
        for (dy, slope) in dy.iter_mut().zip(slopes) {
            let scale = if self.from_logits { f64::from(*dy) } else { 1.0 / total };
            *dy = (scale * (slope - mean)) as f32;
        }
        loss
    }

    fn axes(&self) -> Axes {
        self.axis.into()
    }

    fn check_labels(&self, y_true: &Tensor, outputs: usize) -> Result<()> {
        labels::check_finite(y_true)?;
        match &self.alpha {
            Alpha::Each(alphas) if self.axis == -1 && alphas.len() != outputs => {
                let expected = format!("a number, or one for each of {outputs} classes");
                Err(Error::argument("alpha", expected, format!("{} numbers", alphas.len())))
            }
            _ => Ok(()),
        }
    }

    fn validate(&self) -> Result<()> {
        within("label_smoothing", self.label_smoothing, 0.0..=1.0)?;
        within("gamma", self.gamma, 0.0..=f64::MAX)
    }

    fn to_json(&self) -> Result<Value> {
        entry("CategoricalFocalCrossentropy", self.name(), self)
    }
}
