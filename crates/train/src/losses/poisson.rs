//! Poisson: for labels that are counts, and predictions that are their expectation.

use serde::{Deserialize, Serialize};

use super::{EPSILON, elementwise::Elementwise};

/// mean(p - t ln(p + 1e-7)) over each row. Predictions must not be negative: the loss is NaN then, as
/// in Keras; close the model with `softplus`, `exponential` or `relu`.
///
/// Source: Keras, `keras.losses.Poisson`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Poisson {}

impl Elementwise for Poisson {
    const CLASS_NAME: &'static str = "Poisson";
    const NAME: &'static str = "poisson";

    fn term(&self, t: f64, p: f64) -> (f64, f64) {
        // dL/dp = 1 - t / (p + ε)
        let above = p + f64::from(EPSILON);
        (p - t * above.ln(), 1.0 - t / above)
    }
}
