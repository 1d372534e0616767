//! The variance `2 / (fan_in + fan_out)`, which keeps the variance of a layer's output and that of its gradient.
//!
//! Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.

use ceratops_core::{Result, Rng, Tensor};
use serde::{Deserialize, Serialize};

use super::{Distribution, Initialize, Mode, VarianceScaling};

/// Of variance `2 / (fan_in + fan_out)`, normal within two standard deviations (Keras: `GlorotNormal`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct GlorotNormal {
    /// Draws the same numbers every time, if given.
    pub seed: Option<i64>,
}

impl GlorotNormal {
    /// Numbers that differ at every draw; see [`seed`](Self::seed).
    pub fn new() -> Self {
        Self::default()
    }
}

impl Initialize for GlorotNormal {
    fn seed(&self) -> Option<i64> {
        self.seed
    }

    fn draw(&self, shape: &[usize], rng: &mut Rng) -> Result<Tensor> {
        VarianceScaling::new(1.0, Mode::FanAvg, Distribution::TruncatedNormal).draw(shape, rng)
    }
}

/// Of variance `2 / (fan_in + fan_out)`, uniform around 0 (Keras: `GlorotUniform`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct GlorotUniform {
    /// Draws the same numbers every time, if given.
    pub seed: Option<i64>,
}

impl GlorotUniform {
    /// Numbers that differ at every draw; see [`seed`](Self::seed).
    pub fn new() -> Self {
        Self::default()
    }
}

impl Initialize for GlorotUniform {
    fn seed(&self) -> Option<i64> {
        self.seed
    }

    fn draw(&self, shape: &[usize], rng: &mut Rng) -> Result<Tensor> {
        VarianceScaling::new(1.0, Mode::FanAvg, Distribution::Uniform).draw(shape, rng)
    }
}
