//! Windows: how much each sample of a frame counts.

use std::f64::consts::PI;

use ceratops_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::Numbers;

/// How much each sample of a frame counts: a function of SciPy by its name, or numbers.
///
/// Of `"hann"`, `"hamming"`, `"blackman"`, `"nuttall"`, `"blackmanharris"`, `"flattop"`, `"boxcar"`,
/// `"bartlett"`, `"triang"`, `"cosine"`, `"barthann"`, `"bohman"`, `"parzen"`, `"lanczos"` and
/// `"exponential"`, [`MelSpectrogram`](crate::MelSpectrogram) has the first two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected the name of a window, or a list of numbers")]
pub enum FrameWindow {
    /// The function of that name.
    Named(String),
    /// A number for each sample.
    Values(Numbers),
}

impl From<&str> for FrameWindow {
    fn from(name: &str) -> Self {
        Self::Named(name.into())
    }
}

impl From<Vec<f64>> for FrameWindow {
    fn from(values: Vec<f64>) -> Self {
        Self::Values(values.into())
    }
}

/// The names that [`named`] knows.
const NAMES: [&str; 15] = [
    "hann",
    "hamming",
    "blackman",
    "nuttall",
    "blackmanharris",
    "flattop",
    "boxcar",
    "bartlett",
    "triang",
    "cosine",
    "barthann",
    "bohman",
    "parzen",
    "lanczos",
    "exponential",
];

impl FrameWindow {
    /// Refuses a name that is none of `allowed`, or else of all, and lists of another length than `len`.
    pub(super) fn validate(
        &self,
        allowed: Option<&[&str]>,
        len: usize,
        length: &str,
    ) -> Result<()> {
        let allowed = allowed.unwrap_or(&NAMES);
        match self {
            Self::Named(name) if allowed.contains(&name.as_str()) => Ok(()),
            Self::Named(name) => {
                let expected = format!("None, numbers, or one of {}", allowed.join(", "));
                Err(Error::argument("window", expected, format!("{name:?}")))
            }
            Self::Values(values) => {
                values.validate("window")?;
                if values.shape() == [len] {
                    return Ok(());
                }
                let expected = format!("{len} numbers, as many as `{length}`");
                Err(Error::argument("window", expected, format!("{:?}", values.shape())))
            }
        }
    }

    /// The numbers for a frame of so many samples; a periodic window is the beginning of one that is
    /// longer by a sample.
    pub(super) fn values(&self, len: usize, periodic: bool) -> Vec<f64> {
        match self {
            Self::Values(values) => values.values().to_vec(),
            Self::Named(_) if len <= 1 => vec![1.0; len],
            Self::Named(name) => {
                let whole = len + usize::from(periodic);
                (0..len).map(|i| named(name, i as f64, whole as f64)).collect()
            }
        }
    }
}

/// The window `name` of `n` samples at sample `i`.
fn named(name: &str, i: f64, n: f64) -> f64 {
    // From 0 to 1, and from the middle, where both ends are at 1.
    let along = i / (n - 1.0);
    let off = (2.0 * along - 1.0).abs();
    match name {
        "hann" => cosines(&[0.5, 0.5], along),
        "hamming" => cosines(&[0.54, 0.46], along),
        "blackman" => cosines(&[0.42, 0.5, 0.08], along),
        "nuttall" => cosines(&[0.363_581_9, 0.489_177_5, 0.136_599_5, 0.010_641_1], along),
        "blackmanharris" => cosines(&[0.35875, 0.48829, 0.14128, 0.01168], along),
        "flattop" => cosines(
            &[0.215_578_95, 0.416_631_58, 0.277_263_158, 0.083_578_947, 0.006_947_368],
            along,
        ),
        "bartlett" => 1.0 - off,
        // Its ends are half a step, or a whole one, from 0.
        "triang" => 1.0 - (2.0 * i + 1.0 - n).abs() / if n % 2.0 == 0.0 { n } else { n + 1.0 },
        "cosine" => (PI * (i + 0.5) / n).sin(),
        "barthann" => 0.62 - 0.24 * off + 0.38 * (PI * off).cos(),
        "bohman" if off >= 1.0 => 0.0,
        "bohman" => (1.0 - off) * (PI * off).cos() + (PI * off).sin() / PI,
        "parzen" => {
            let off = (2.0 * i + 1.0 - n).abs() / n;
            let inner = off * n / 2.0 <= (n - 1.0) / 4.0;
            if inner {
                1.0 - 6.0 * off.powi(2) + 6.0 * off.powi(3)
            } else {
                2.0 * (1.0 - off).powi(3)
            }
        }
        "lanczos" if off == 0.0 => 1.0,
        "lanczos" => (PI * off).sin() / (PI * off),
        "exponential" => (-(i - (n - 1.0) / 2.0).abs()).exp(),
        // boxcar
        _ => 1.0,
    }
}

/// a₀ - a₁·cos(2πx) + a₂·cos(4πx) - …
fn cosines(factors: &[f64], x: f64) -> f64 {
    let term = |(k, a): (usize, &f64)| a * (2.0 * PI * k as f64 * (x - 0.5)).cos();
    factors.iter().enumerate().map(term).sum()
}
