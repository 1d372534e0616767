//! Normal numbers without tails.

use ceratops_core::{Result, Rng, Tensor};
use ndarray_rand::rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use super::{Initialize, sample};
use crate::numbers::{finite, non_negative};

/// `w ~ N(mean, stddev)`, drawn again where `|w - mean| > 2 stddev` (Keras: `TruncatedNormal`).
///
/// What is left deviates less: by 0.8796 `stddev`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruncatedNormal {
    /// Draws the same numbers every time, if given.
    pub seed: Option<i64>,
    /// The mean; 0 by default.
    pub mean: f64,
    /// The standard deviation before truncation; 0.05 by default.
    pub stddev: f64,
}

impl TruncatedNormal {
    /// Truncated normal numbers of that mean, and that standard deviation before truncation.
    pub fn new(mean: f64, stddev: f64) -> Self {
        Self { seed: None, mean, stddev }
    }
}

impl Default for TruncatedNormal {
    fn default() -> Self {
        Self::new(0.0, 0.05)
    }
}

impl Initialize for TruncatedNormal {
    fn validate(&self) -> Result<()> {
        finite("mean", self.mean).and(non_negative("stddev", self.stddev)).map(|_| ())
    }

    fn seed(&self) -> Option<i64> {
        self.seed
    }

    fn draw(&self, shape: &[usize], rng: &mut Rng) -> Result<Tensor> {
        let (mean, stddev) = (finite("mean", self.mean)?, non_negative("stddev", self.stddev)?);
        sample(shape, WithinTwoSigma { mean, stddev }, rng)
    }
}

/// The normal distribution cut off at twice its standard deviation.
struct WithinTwoSigma {
    mean: f32,
    stddev: f32,
}

impl Distribution<f32> for WithinTwoSigma {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f32 {
        // 95 of 100 draws are taken, so that drawing anew costs little.
        loop {
            let z: f32 = StandardNormal.sample(rng);
            if z.abs() <= 2.0 {
                return self.mean + self.stddev * z;
            }
        }
    }
}
