//! Norms up to a limit.

use ceratops_core::{Constrain, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{Axes, Condition};
use crate::numbers::non_negative;

/// `w · min(norm, max_value) / (1e-7 + norm)` (Keras: `MaxNorm`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MaxNorm {
    /// The largest norm; 2 by default.
    pub max_value: f64,
    /// The axes that the norm is taken over; 0 by default.
    pub axis: Axes,
}

impl MaxNorm {
    /// Norms over axis 0 of at most `max_value`.
    pub fn new(max_value: f64) -> Self {
        Self { max_value, axis: Axes::default() }
    }

    /// The same condition on the norms over other axes.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<Axes>) -> Self {
        self.axis = axis.into();
        self
    }
}

impl Default for MaxNorm {
    fn default() -> Self {
        Self::new(2.0)
    }
}

impl Constrain for MaxNorm {
    fn apply(&self, w: Tensor) -> Tensor {
        self.axis.rescale(w, |norm| norm.min(self.max_value))
    }
}

impl Condition for MaxNorm {
    fn validate(&self) -> Result<()> {
        non_negative("max_value", self.max_value).map(|_| ())
    }

    fn check(&self, shape: &[usize]) -> Result<()> {
        self.axis.of(shape).map(|_| ())
    }
}
