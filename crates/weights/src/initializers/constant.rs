//! The same number everywhere.

use ceratops_core::{Result, Rng, Tensor};
use serde::{Deserialize, Serialize};

use super::Initialize;
use crate::numbers::finite;

/// `w = 0` (Keras: `Zeros`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Zeros;

impl Initialize for Zeros {
    fn draw(&self, shape: &[usize], _: &mut Rng) -> Result<Tensor> {
        Tensor::try_full(shape, 0.0)
    }
}

/// `w = 1` (Keras: `Ones`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Ones;

impl Initialize for Ones {
    fn draw(&self, shape: &[usize], _: &mut Rng) -> Result<Tensor> {
        Tensor::try_full(shape, 1.0)
    }
}

/// `w = value` (Keras: `Constant`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Constant {
    /// The number; 0 by default.
    pub value: f64,
}

impl Constant {
    /// `value` everywhere.
    pub fn new(value: f64) -> Self {
        Self { value }
    }
}

impl Initialize for Constant {
    fn validate(&self) -> Result<()> {
        finite("value", self.value).map(|_| ())
    }

    fn draw(&self, shape: &[usize], _: &mut Rng) -> Result<Tensor> {
        Tensor::try_full(shape, finite("value", self.value)?)
    }
}
