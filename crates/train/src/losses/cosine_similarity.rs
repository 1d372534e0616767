//! CosineSimilarity: the angle between prediction and label.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Axes, EPSILON, Loss, entry, labels};

/// -Σ t p / (‖t‖ ‖p‖) over each row: -1 for the same direction, 1 for opposite ones.
///
/// Norms below 1e-7 count as 1e-7, so that it is 0 for a vector of zeros.
///
/// Keras leaves the axis out of the files that it writes; here it is written unless it is -1, and
/// Keras reads it.
///
/// Source: Keras, `keras.losses.CosineSimilarity`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CosineSimilarity {
    /// The axis along which the vectors lie.
    pub axis: i64,
}

impl Default for CosineSimilarity {
    fn default() -> Self {
        Self { axis: -1 }
    }
}

impl CosineSimilarity {
    /// The loss along the last axis.
    pub fn new() -> Self {
        Self::default()
    }

    /// The loss along another axis.
    #[must_use]
    pub fn axis(self, axis: i64) -> Self {
        Self { axis }
    }
}

/// Σ t p / (‖t‖ ‖p‖), and the inverses of both norms; `None` where ‖p‖ is below the smallest one.
pub(crate) fn cosine(y_true: &[f32], y_pred: &[f32]) -> (f64, f64, f64, bool) {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    let most = 1.0 / f64::from(EPSILON);
    let (t, p) = (dot(y_true, y_true).sqrt().recip(), dot(y_pred, y_pred).sqrt().recip());
    // What is no number stays so.
    let least = |x: f64| if x > most { most } else { x };
    (dot(y_true, y_pred) * least(t) * least(p), least(t), least(p), p > most)
}

impl Loss for CosineSimilarity {
    fn name(&self) -> &str {
        "cosine_similarity"
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        -cosine(y_true, y_pred).0
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        // dL/dp = (cos p / ‖p‖ - t / ‖t‖) / ‖p‖, without the first term where ‖p‖ is held.
        let (cos, t_inverse, p_inverse, held) = cosine(y_true, y_pred);
        let along = if held { 0.0 } else { cos * p_inverse };
        for ((&t, &p), dy) in y_true.iter().zip(y_pred).zip(dy) {
            *dy = ((along * f64::from(p) - t_inverse * f64::from(t)) * p_inverse) as f32;
        }
    }

    fn axes(&self) -> Axes {
        self.axis.into()
    }

    fn check_labels(&self, y_true: &Tensor, _: usize) -> Result<()> {
        labels::check_finite(y_true)
    }

    fn to_json(&self) -> Result<Value> {
        if self.axis == -1 {
            return entry("CosineSimilarity", self.name(), &Map::new());
        }
        entry("CosineSimilarity", self.name(), self)
    }
}
