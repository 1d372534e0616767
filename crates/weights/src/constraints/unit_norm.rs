//! Norms of 1.

use ceratops_core::{Constrain, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{Axes, Condition};

/// `w / (1e-7 + norm)` (Keras: `UnitNorm`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct UnitNorm {
    /// The axes that the norm is taken over; 0 by default.
    pub axis: Axes,
}

impl UnitNorm {
    /// Norms of 1 over `axis`.
    pub fn new(axis: impl Into<Axes>) -> Self {
        Self { axis: axis.into() }
    }
}

impl Constrain for UnitNorm {
    fn apply(&self, w: Tensor) -> Tensor {
        self.axis.rescale(w, |_| 1.0)
    }
}

impl Condition for UnitNorm {
    fn check(&self, shape: &[usize]) -> Result<()> {
        self.axis.of(shape).map(|_| ())
    }
}
