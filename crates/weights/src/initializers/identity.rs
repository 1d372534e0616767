//! The identity matrix.

use ceratops_core::{Error, Result, Rng, Tensor};
use serde::{Deserialize, Serialize};

use super::Initialize;
use crate::numbers::finite;

/// `w[i, j] = gain` where `i = j`, else 0; for matrices, square or not (Keras: `Identity`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// What stands on the diagonal; 1 by default.
    pub gain: f64,
}

impl Identity {
    /// `gain` on the diagonal.
    pub fn new(gain: f64) -> Self {
        Self { gain }
    }
}

impl Default for Identity {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl Initialize for Identity {
    fn validate(&self) -> Result<()> {
        finite("gain", self.gain).map(|_| ())
    }

    fn draw(&self, shape: &[usize], _: &mut Rng) -> Result<Tensor> {
        let &[rows, columns] = shape else {
            let help = "take the Orthogonal initializer for more than two axes";
            return Err(Error::shape("the Identity initializer", "(rows, columns)", shape, help));
        };
        let gain = finite("gain", self.gain)?;
        let mut w = Tensor::try_full(shape, 0.0)?;
        for i in 0..rows.min(columns) {
            w.as_mut_slice()[i * columns + i] = gain;
        }
        Ok(w)
    }
}
