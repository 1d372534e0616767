//! The sum of squares.

use ceratops_core::{Regularize, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{Penalty, add_each};
use crate::numbers::non_negative;

/// `l2 Σw²`, without a half, with the derivative `2 l2 w` (Keras: `L2`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct L2 {
    /// The factor; 0.01 by default.
    pub l2: f64,
}

impl L2 {
    /// `l2` times the sum of squares.
    pub fn new(l2: f64) -> Self {
        Self { l2 }
    }
}

impl Default for L2 {
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl Regularize for L2 {
    fn loss(&self, w: &Tensor) -> f64 {
        self.l2 * w.as_slice().iter().map(|&w| f64::from(w).powi(2)).sum::<f64>()
    }

    fn add_gradient(&self, w: &Tensor, dw: &mut Tensor) -> Result<()> {
        let factor = (2.0 * self.l2) as f32;
        add_each(w, dw, |w| factor * w)
    }
}

impl Penalty for L2 {
    fn validate(&self) -> Result<()> {
        non_negative("l2", self.l2).map(|_| ())
    }
}
