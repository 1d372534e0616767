//! Huber: squared for small differences, absolute for large ones.

use ceratops_core::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{elementwise::Elementwise, entry};

/// The mean over each row of e² / 2 where |e| ≤ δ, else of δ |e| - δ² / 2, for e = y_pred - y_true.
///
/// Keras leaves δ out of the files that it writes, so that a model comes back with δ = 1; here it is
/// written unless it is 1, and Keras reads it.
///
/// Source: Keras, `keras.losses.Huber`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Huber {
    /// δ, where the loss turns from a square into a line.
    pub delta: f64,
}

impl Default for Huber {
    fn default() -> Self {
        Self { delta: 1.0 }
    }
}

impl Huber {
    /// The loss that turns from a square into a line at `delta`.
    pub fn new(delta: f64) -> Self {
        Self { delta }
    }
}

impl Elementwise for Huber {
    const CLASS_NAME: &'static str = "Huber";
    const NAME: &'static str = "huber_loss";

    fn term(&self, t: f64, p: f64) -> (f64, f64) {
        // dL/dp = e, but not beyond ±δ.
        let (e, delta) = (p - t, self.delta);
        if e.abs() <= delta {
            return (0.5 * e * e, e);
        }
        (delta * e.abs() - 0.5 * delta * delta, delta * e.signum())
    }

    fn validate(&self) -> Result<()> {
        if self.delta > 0.0 && self.delta.is_finite() {
            return Ok(());
        }
        Err(Error::argument("delta", "a positive number", self.delta))
    }

    fn settings(&self) -> Result<Value> {
        if self.delta == 1.0 {
            return entry(Self::CLASS_NAME, Self::NAME, &Value::Object(Default::default()));
        }
        entry(Self::CLASS_NAME, Self::NAME, self)
    }
}
