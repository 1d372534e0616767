//! The variance `2 / fan_in`, which keeps the variance of what passes a relu, which loses half of it.
//!
//! Source: He et al., Delving deep into rectifiers, 2015.

use ceratops_core::{Result, Rng, Tensor};
use serde::{Deserialize, Serialize};

use super::{Distribution, Initialize, Mode, VarianceScaling};

/// Of variance `2 / fan_in`, normal within two standard deviations (Keras: `HeNormal`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct HeNormal {
    /// Draws the same numbers every time, if given.
    pub seed: Option<i64>,
}

impl HeNormal {
    /// Numbers that differ at every draw; see [`seed`](Self::seed).
    pub fn new() -> Self {
        Self::default()
    }
}

impl Initialize for HeNormal {
    fn seed(&self) -> Option<i64> {
        self.seed
    }

    fn draw(&self, shape: &[usize], rng: &mut Rng) -> Result<Tensor> {
        VarianceScaling::new(2.0, Mode::FanIn, Distribution::TruncatedNormal).draw(shape, rng)
    }
}

/// Of variance `2 / fan_in`, uniform around 0 (Keras: `HeUniform`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct HeUniform {
    /// Draws the same numbers every time, if given.
    pub seed: Option<i64>,
}

impl HeUniform {
    /// Numbers that differ at every draw; see [`seed`](Self::seed).
    pub fn new() -> Self {
        Self::default()
    }
}

impl Initialize for HeUniform {
    fn seed(&self) -> Option<i64> {
        self.seed
    }

    fn draw(&self, shape: &[usize], rng: &mut Rng) -> Result<Tensor> {
        VarianceScaling::new(2.0, Mode::FanIn, Distribution::Uniform).draw(shape, rng)
    }
}
