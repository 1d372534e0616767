//! The sum of absolute values.

use ceratops_core::{Regularize, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{Penalty, add_each};
use crate::numbers::non_negative;

/// `l1 Σ|w|`, with the derivative `l1 sign(w)`, which is 0 at 0 (Keras: `L1`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct L1 {
    /// The factor; 0.01 by default.
    pub l1: f64,
}

impl L1 {
    /// `l1` times the sum of absolute values.
    pub fn new(l1: f64) -> Self {
        Self { l1 }
    }
}

impl Default for L1 {
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl Regularize for L1 {
    fn loss(&self, w: &Tensor) -> f64 {
        self.l1 * w.as_slice().iter().map(|&w| f64::from(w).abs()).sum::<f64>()
    }

    fn add_gradient(&self, w: &Tensor, dw: &mut Tensor) -> Result<()> {
        let l1 = self.l1 as f32;
        // `f32::signum` would say 1 at 0.
        add_each(w, dw, |w| if w == 0.0 { 0.0 } else { l1 * w.signum() })
    }
}

impl Penalty for L1 {
    fn validate(&self) -> Result<()> {
        non_negative("l1", self.l1).map(|_| ())
    }
}
