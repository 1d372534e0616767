//! MeanSquaredLogarithmicError: the mean of the squared differences of logarithms.

use serde::{Deserialize, Serialize};

use super::{EPSILON, elementwise::Elementwise};

/// mean((ln(1 + y_true) - ln(1 + y_pred))²) over each row, both at least 1e-7.
///
/// Source: Keras, `keras.losses.MeanSquaredLogarithmicError`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MeanSquaredLogarithmicError {}

impl Elementwise for MeanSquaredLogarithmicError {
    const CLASS_NAME: &'static str = "MeanSquaredLogarithmicError";
    const NAME: &'static str = "mean_squared_logarithmic_error";

    fn term(&self, t: f64, p: f64) -> (f64, f64) {
        // dL/dp = 2 (ln(1 + p) - ln(1 + t)) / (1 + p), and 0 below ε. What is no number stays so.
        let floor = |x: f64| if x < f64::from(EPSILON) { f64::from(EPSILON) } else { x };
        let gap = floor(p).ln_1p() - floor(t).ln_1p();
        let inside = p >= f64::from(EPSILON);
        (gap * gap, if inside { 2.0 * gap / (1.0 + p) } else { 0.0 })
    }
}
