//! Norms between two limits.

use ceratops_core::{Constrain, Error, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{Axes, Condition};
use crate::numbers::{finite, non_negative};

/// `w · desired / (1e-7 + norm)` with
/// `desired = rate · clip(norm, min_value, max_value) + (1 - rate) · norm` (Keras: `MinMaxNorm`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MinMaxNorm {
    /// The smallest norm; 0 by default.
    pub min_value: f64,
    /// The largest norm; 1 by default.
    pub max_value: f64,
    /// Which part of the way is gone at once; 1, all of it, by default.
    pub rate: f64,
    /// The axes that the norm is taken over; 0 by default.
    pub axis: Axes,
}

impl MinMaxNorm {
    /// Norms over axis 0 from `min_value` to `max_value`, at once.
    pub fn new(min_value: f64, max_value: f64) -> Self {
        Self { min_value, max_value, rate: 1.0, axis: Axes::default() }
    }

    /// The same condition, met by and by.
    #[must_use]
    pub fn rate(mut self, rate: f64) -> Self {
        self.rate = rate;
        self
    }

    /// The same condition on the norms over other axes.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<Axes>) -> Self {
        self.axis = axis.into();
        self
    }
}

impl Default for MinMaxNorm {
    fn default() -> Self {
        Self::new(0.0, 1.0)
    }
}

impl Constrain for MinMaxNorm {
    fn apply(&self, w: Tensor) -> Tensor {
        self.axis.rescale(w, |norm| {
            // `f64::clamp` would panic where `validate` was not asked.
            let clipped = norm.max(self.min_value).min(self.max_value);
            self.rate * clipped + (1.0 - self.rate) * norm
        })
    }
}

impl Condition for MinMaxNorm {
    fn validate(&self) -> Result<()> {
        non_negative("min_value", self.min_value)?;
        non_negative("max_value", self.max_value)?;
        finite("rate", self.rate)?;
        if self.min_value > self.max_value {
            let expected = format!("at most `max_value`, which is {}", self.max_value);
            return Err(Error::argument("min_value", expected, self.min_value));
        }
        Ok(())
    }

    fn check(&self, shape: &[usize]) -> Result<()> {
        self.axis.of(shape).map(|_| ())
    }
}
