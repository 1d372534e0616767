//! Factor: how far something goes at random, a number or a range.

use ceratops_core::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize};

/// The range from which a layer draws: in JSON a number or `[lower, upper]`.
///
/// ```
/// use ceratops_layers::Factor;
///
/// assert_eq!(Factor::from([-0.1, 0.3]), Factor::Range(-0.1, 0.3));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number or a list of two")]
pub enum Factor {
    /// One number, of which the layer makes a range.
    Number(f64),
    /// From the first to the second.
    Range(f64, f64),
}

impl From<f64> for Factor {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<[f64; 2]> for Factor {
    fn from([lower, upper]: [f64; 2]) -> Self {
        Self::Range(lower, upper)
    }
}

impl From<(f64, f64)> for Factor {
    fn from((lower, upper): (f64, f64)) -> Self {
        Self::Range(lower, upper)
    }
}

impl Factor {
    /// From -f to f for a number f, as a range; from the smaller to the larger of two.
    pub(super) fn symmetric(self) -> Self {
        match self {
            Self::Number(f) => Self::Range(-f.abs(), f.abs()),
            Self::Range(a, b) => Self::Range(a.min(b), a.max(b)),
        }
    }

    /// From 0 to f for a number f, as a range; from the smaller to the larger of two.
    pub(super) fn positive(self) -> Self {
        match self {
            // A negative number is kept, to be refused.
            Self::Number(f) if f < 0.0 => self,
            Self::Number(f) => Self::Range(0.0, f),
            range @ Self::Range(..) => range.symmetric(),
        }
    }

    /// The bounds, a number f standing for -f to f.
    pub(super) fn bounds(self) -> (f64, f64) {
        match self.symmetric() {
            Self::Range(lower, upper) => (lower, upper),
            Self::Number(f) => (f, f),
        }
    }

    /// Refuses bounds outside of `least` to `most`.
    pub(super) fn within(self, argument: &str, least: f64, most: f64) -> Result<()> {
        let (lower, upper) = match self {
            Self::Number(f) => (f, f),
            Self::Range(lower, upper) => (lower, upper),
        };
        let inside = |bound: f64| bound >= least && bound <= most;
        if inside(lower) && inside(upper) {
            return Ok(());
        }
        let expected = format!("a number, or two, from {least} to {most}");
        Err(Error::argument(argument, expected, self.text()))
    }

    /// As a person writes it.
    pub(super) fn text(self) -> String {
        match self {
            Self::Number(f) => f.to_string(),
            Self::Range(lower, upper) => format!("[{lower}, {upper}]"),
        }
    }
}

/// Reads a factor of which a number f stands for -f to f.
pub(super) fn symmetric<'de, D: Deserializer<'de>>(from: D) -> Result<Factor, D::Error> {
    Factor::deserialize(from).map(Factor::symmetric)
}

/// Reads a factor of which a number f stands for 0 to f, and two numbers for themselves.
pub(super) fn positive<'de, D: Deserializer<'de>>(from: D) -> Result<Factor, D::Error> {
    Ok(match Factor::deserialize(from)? {
        number @ Factor::Number(_) => number.positive(),
        range @ Factor::Range(..) => range,
    })
}
