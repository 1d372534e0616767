//! Normal and uniform numbers that do not depend on the weight's shape.

use ceratops_core::{Error, Result, Rng, Tensor};
use ndarray_rand::rand_distr::{Normal, Uniform};
use serde::{Deserialize, Serialize};

use super::{Initialize, sample};
use crate::numbers::{finite, non_negative};

/// `w ~ N(mean, stddev)` (Keras: `RandomNormal`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RandomNormal {
    /// Draws the same numbers every time, if given.
    pub seed: Option<i64>,
    /// The mean; 0 by default.
    pub mean: f64,
    /// The standard deviation; 0.05 by default.
    pub stddev: f64,
}

impl RandomNormal {
    /// Normal numbers of that mean and standard deviation.
    pub fn new(mean: f64, stddev: f64) -> Self {
        Self { seed: None, mean, stddev }
    }
}

impl Default for RandomNormal {
    fn default() -> Self {
        Self::new(0.0, 0.05)
    }
}

impl Initialize for RandomNormal {
    fn validate(&self) -> Result<()> {
        finite("mean", self.mean).and(non_negative("stddev", self.stddev)).map(|_| ())
    }

    fn seed(&self) -> Option<i64> {
        self.seed
    }

    fn draw(&self, shape: &[usize], rng: &mut Rng) -> Result<Tensor> {
        let (mean, stddev) = (finite("mean", self.mean)?, non_negative("stddev", self.stddev)?);
        let normal = Normal::new(mean, stddev)
            .map_err(|_| Error::argument("stddev", "a standard deviation", stddev))?;
        sample(shape, normal, rng)
    }
}

/// `w ~ U(minval, maxval)`, the upper end excluded (Keras: `RandomUniform`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RandomUniform {
    /// Draws the same numbers every time, if given.
    pub seed: Option<i64>,
    /// The lower end; -0.05 by default.
    pub minval: f64,
    /// The upper end; 0.05 by default.
    pub maxval: f64,
}

impl RandomUniform {
    /// Numbers from `minval` to `maxval`.
    pub fn new(minval: f64, maxval: f64) -> Self {
        Self { seed: None, minval, maxval }
    }
}

impl Default for RandomUniform {
    fn default() -> Self {
        Self::new(-0.05, 0.05)
    }
}

impl Initialize for RandomUniform {
    fn validate(&self) -> Result<()> {
        let (minval, maxval) = (finite("minval", self.minval)?, finite("maxval", self.maxval)?);
        if minval > maxval {
            let expected = format!("at most `maxval`, which is {maxval}");
            return Err(Error::argument("minval", expected, minval));
        }
        finite("maxval - minval", self.maxval - self.minval).map(|_| ())
    }

    fn seed(&self) -> Option<i64> {
        self.seed
    }

    fn draw(&self, shape: &[usize], rng: &mut Rng) -> Result<Tensor> {
        let (minval, maxval) = (finite("minval", self.minval)?, finite("maxval", self.maxval)?);
        if minval == maxval {
            return Tensor::try_full(shape, minval);
        }
        let uniform = Uniform::new(minval, maxval)
            .map_err(|e| Error::argument("minval", format!("less than {maxval} ({e})"), minval))?;
        sample(shape, uniform, rng)
    }
}
