//! What a spectrogram says of a frequency's strength X = a + bi.

use serde::{Deserialize, Serialize};

/// What of X = a + bi comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpectrogramMode {
    /// The logarithm of the magnitude.
    #[default]
    Log,
    /// √(a² + b²), at least √1e-7.
    Magnitude,
    /// The power of X and of its mirror image: a² + b² for the first and the last frequency, twice as
    /// much for those between.
    Psd,
    /// a
    Real,
    /// b
    Imag,
    /// The angle from (1, 0) to (a, b).
    Angle,
    /// All a, then all b.
    Stft,
}

/// The least power that has a magnitude: Keras' `epsilon()`.
const EPSILON: f32 = 1e-7;

impl SpectrogramMode {
    /// Whether a and b come out as they are.
    pub(super) fn is_plain(self) -> bool {
        matches!(self, Self::Real | Self::Imag | Self::Stft)
    }

    /// Writes what comes out for a frame, of which `x` has all a, then all b.
    pub(super) fn write(self, x: &[f32], y: &mut [f32]) {
        let (a, b) = x.split_at(y.len());
        let last = y.len().saturating_sub(1);
        for (f, ((&a, &b), y)) in a.iter().zip(b).zip(y).enumerate() {
            let power = a * a + b * b;
            *y = match self {
                Self::Angle => b.atan2(a),
                Self::Log => power.max(EPSILON).sqrt().ln(),
                Self::Magnitude => power.max(EPSILON).sqrt(),
                _ if f == 0 || f == last => power,
                _ => 2.0 * power,
            };
        }
    }

    /// Writes dL/da and dL/db in the places of a and b.
    pub(super) fn turn_back(self, dy: &[f32], x: &mut [f32]) {
        let (a, b) = x.split_at_mut(dy.len());
        let last = dy.len().saturating_sub(1);
        for (f, ((a, b), dy)) in a.iter_mut().zip(b).zip(dy).enumerate() {
            let power = *a * *a + *b * *b;
            // d ln √p = (a da + b db) / p, d √p = (a da + b db) / √p, dp = 2 (a da + b db)
            let factor = match self {
                Self::Log | Self::Magnitude if power < EPSILON => 0.0,
                Self::Angle if power == 0.0 => 0.0,
                Self::Log | Self::Angle => dy / power,
                Self::Magnitude => dy / power.sqrt(),
                _ if f == 0 || f == last => 2.0 * dy,
                _ => 4.0 * dy,
            };
            // d atan2(b, a) = (a db - b da) / p
            let (along, across) = if self == Self::Angle { (-*b, *a) } else { (*a, *b) };
            (*a, *b) = (along * factor, across * factor);
        }
    }
}
