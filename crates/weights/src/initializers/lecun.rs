//! The variance `1 / fan_in`, which keeps the variance of a layer's output.
//!
//! Source: LeCun et al., Efficient BackProp, 1998.

use ceratops_core::{Result, Rng, Tensor};
use serde::{Deserialize, Serialize};

use super::{Distribution, Initialize, Mode, VarianceScaling};

/// Of variance `1 / fan_in`, normal within two standard deviations (Keras: `LecunNormal`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LecunNormal {
    /// Draws the same numbers every time, if given.
    pub seed: Option<i64>,
}

impl LecunNormal {
    /// Numbers that differ at every draw; see [`seed`](Self::seed).
    pub fn new() -> Self {
        Self::default()
    }
}

impl Initialize for LecunNormal {
    fn seed(&self) -> Option<i64> {
        self.seed
    }

    fn draw(&self, shape: &[usize], rng: &mut Rng) -> Result<Tensor> {
        VarianceScaling::new(1.0, Mode::FanIn, Distribution::TruncatedNormal).draw(shape, rng)
    }
}

/// Of variance `1 / fan_in`, uniform around 0 (Keras: `LecunUniform`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LecunUniform {
    /// Draws the same numbers every time, if given.
    pub seed: Option<i64>,
}

impl LecunUniform {
    /// Numbers that differ at every draw; see [`seed`](Self::seed).
    pub fn new() -> Self {
        Self::default()
    }
}

impl Initialize for LecunUniform {
    fn seed(&self) -> Option<i64> {
        self.seed
    }

    fn draw(&self, shape: &[usize], rng: &mut Rng) -> Result<Tensor> {
        VarianceScaling::new(1.0, Mode::FanIn, Distribution::Uniform).draw(shape, rng)
    }
}
