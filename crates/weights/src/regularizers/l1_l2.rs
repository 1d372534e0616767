//! The sum of absolute values and that of squares.

use ceratops_core::{Regularize, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{L1, L2, Penalty};

/// `l1 Σ|w| + l2 Σw²` (Keras: `L1L2`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct L1L2 {
    /// The factor of the absolute values; 0 by default.
    pub l1: f64,
    /// The factor of the squares; 0 by default.
    pub l2: f64,
}

impl L1L2 {
    /// `l1` times the sum of absolute values and `l2` times that of squares.
    pub fn new(l1: f64, l2: f64) -> Self {
        Self { l1, l2 }
    }
}

impl Regularize for L1L2 {
    fn loss(&self, w: &Tensor) -> f64 {
        L1::new(self.l1).loss(w) + L2::new(self.l2).loss(w)
    }

    fn add_gradient(&self, w: &Tensor, dw: &mut Tensor) -> Result<()> {
        L1::new(self.l1).add_gradient(w, dw)?;
        L2::new(self.l2).add_gradient(w, dw)
    }
}

impl Penalty for L1L2 {
    fn validate(&self) -> Result<()> {
        L1::new(self.l1).validate().and(L2::new(self.l2).validate())
    }
}
