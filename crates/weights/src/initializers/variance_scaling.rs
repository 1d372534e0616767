//! Numbers whose variance suits the number of connections.

use ceratops_core::{Error, Result, Rng, Tensor};
use serde::{Deserialize, Serialize};

use super::{Initialize, RandomNormal, RandomUniform, TruncatedNormal};
use crate::numbers::finite;

/// The standard deviation of a standard normal cut off at ±2, by which Keras widens the normal
/// so that the variance is right after truncation.
const TRUNCATED_STDDEV: f64 = 0.879_625_661_034_239_8;

/// Which connections are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Those that lead to one unit.
    #[default]
    FanIn,
    /// Those that leave one unit.
    FanOut,
    /// The mean of both.
    FanAvg,
}

/// How the numbers are distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Normal within two standard deviations; `normal` means this one.
    #[default]
    #[serde(alias = "normal")]
    TruncatedNormal,
    /// Normal.
    UntruncatedNormal,
    /// Uniform around 0.
    Uniform,
}

/// Of mean 0 and variance `scale / n`, where `n` counts connections: `fan_in`, `fan_out` or their
/// mean, but at least 1 (Keras: `VarianceScaling`).
///
/// | weight's shape | `fan_in` | `fan_out` |
/// |---|---|---|
/// | `()` | 1 | 1 |
/// | `(n)` | n | n |
/// | `(input, units)` | input | units |
/// | `(..., channels, filters)` | channels · ... | filters · ... |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VarianceScaling {
    /// Draws the same numbers every time, if given.
    pub seed: Option<i64>,
    /// The variance times `n`; 1 by default, and positive.
    pub scale: f64,
    /// Which connections `n` counts.
    pub mode: Mode,
    /// How the numbers are distributed.
    pub distribution: Distribution,
}

impl VarianceScaling {
    /// Of variance `scale / n`, with `n` as `mode` says.
    pub fn new(scale: f64, mode: Mode, distribution: Distribution) -> Self {
        Self { seed: None, scale, mode, distribution }
    }
}

impl Default for VarianceScaling {
    fn default() -> Self {
        Self::new(1.0, Mode::default(), Distribution::default())
    }
}

impl Initialize for VarianceScaling {
    fn validate(&self) -> Result<()> {
        if finite("scale", self.scale)? > 0.0 {
            return Ok(());
        }
        Err(Error::argument("scale", "a positive number", self.scale))
    }

    fn seed(&self) -> Option<i64> {
        self.seed
    }

    fn draw(&self, shape: &[usize], rng: &mut Rng) -> Result<Tensor> {
        let (fan_in, fan_out) = compute_fans(shape);
        let n = match self.mode {
            Mode::FanIn => fan_in,
            Mode::FanOut => fan_out,
            Mode::FanAvg => f64::midpoint(fan_in, fan_out),
        };
        let variance = self.scale / n.max(1.0);
        let stddev = variance.sqrt();
        match self.distribution {
            Distribution::TruncatedNormal => {
                TruncatedNormal::new(0.0, stddev / TRUNCATED_STDDEV).draw(shape, rng)
            }
            Distribution::UntruncatedNormal => RandomNormal::new(0.0, stddev).draw(shape, rng),
            Distribution::Uniform => {
                // U(-a, a) has the variance a²/3.
                let limit = (3.0 * variance).sqrt();
                RandomUniform::new(-limit, limit).draw(shape, rng)
            }
        }
    }
}

/// How many connections lead to a unit, and how many leave it.
fn compute_fans(shape: &[usize]) -> (f64, f64) {
    let product = |axes: &[usize]| axes.iter().map(|&len| len as f64).product::<f64>();
    match shape {
        [] => (1.0, 1.0),
        [n] => (*n as f64, *n as f64),
        [field @ .., channels, filters] => {
            let field = product(field);
            (field * *channels as f64, field * *filters as f64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::compute_fans;

    #[test]
    fn fans_follow_the_rank() {
        for (shape, fans) in [
            (&[][..], (1.0, 1.0)),
            (&[7], (7.0, 7.0)),
            (&[3, 5], (3.0, 5.0)),
            (&[4, 3, 5], (12.0, 20.0)),
            (&[3, 2, 64, 128], (384.0, 768.0)),
        ] {
            assert_eq!(compute_fans(shape), fans, "{shape:?}");
        }
    }
}
