//! Solarization: turns what is light into dark, while training.

use ceratops_core::{Result, Rng};
use serde::{Deserialize, Serialize};

use super::{
    Factor, Frame,
    augmentation::{Augmentation, BYTES, between, check_range, clip, is_within, rescaled},
    factor::positive,
};
use crate::DataFormat;

/// y = z where z < t, else 255 - z, with z = clip(x + a), while training, where a and t are drawn for each image and
/// values are counted from 0 to 255, whatever their range; y = x otherwise.
///
/// As in Keras, a and t are drawn from lower to 255 · upper: only the upper bounds of the factors count in shares of
/// the range.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::Solarization;
///
/// let x = Tensor::new(&[1, 1, 2, 1], vec![10.0, 200.0])?;
/// let (y, _) = Solarization::new().forward(x, &mut Context::training(0, 0, 0))?;
/// assert_eq!(y.as_slice(), [245.0, 55.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Solarization`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Solarization {
    /// The range of a; a number f stands for 0 to f.
    #[serde(deserialize_with = "positive")]
    pub addition_factor: Factor,
    /// The range of t; a number f stands for 0 to f.
    #[serde(deserialize_with = "positive")]
    pub threshold_factor: Factor,
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Default for Solarization {
    fn default() -> Self {
        Self {
            addition_factor: Factor::Range(0.0, 0.0),
            threshold_factor: Factor::Range(0.0, 0.0),
            value_range: BYTES,
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }
}

impl Solarization {
    /// The layer that adds nothing, and turns all values.
    pub fn new() -> Self {
        Self::default()
    }

    builders! { seed data_format value_range }

    /// Adds up to this share of the range of values first.
    #[must_use]
    pub fn addition_factor(self, factor: impl Into<Factor>) -> Self {
        Self { addition_factor: factor.into().positive(), ..self }
    }

    /// Leaves values below up to this share of the range.
    #[must_use]
    pub fn threshold_factor(self, factor: impl Into<Factor>) -> Self {
        Self { threshold_factor: factor.into().positive(), ..self }
    }
}

impl Augmentation for Solarization {
    /// a and t.
    type Draw = [f32; 2];

    fn check(&self) -> Result<()> {
        self.addition_factor.within("addition_factor", 0.0, 1.0)?;
        self.threshold_factor.within("threshold_factor", 0.0, 1.0)?;
        check_range(self.value_range)
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, _: Frame, rng: &mut Rng) -> [f32; 2] {
        [self.addition_factor, self.threshold_factor].map(|factor| {
            let (lower, upper) = factor.bounds();
            between((lower, upper * 255.0), rng)
        })
    }

    fn apply(&self, [addition, threshold]: &[f32; 2], _: Frame, x: &[f32], y: &mut [f32]) {
        for (y, x) in y.iter_mut().zip(x) {
            let z = clip(rescaled(*x, self.value_range, BYTES) + addition, BYTES);
            let z = if z < *threshold { z } else { 255.0 - z };
            *y = rescaled(z, BYTES, self.value_range);
        }
    }

    fn pull(
        &self,
        [addition, threshold]: &[f32; 2],
        _: Frame,
        x: &[f32],
        dy: &[f32],
        dx: &mut [f32],
    ) {
        for ((dx, dy), x) in dx.iter_mut().zip(dy).zip(x) {
            let z = rescaled(*x, self.value_range, BYTES) + addition;
            let sign = if clip(z, BYTES) < *threshold { 1.0 } else { -1.0 };
            *dx = if is_within(z, BYTES) { sign * dy } else { 0.0 };
        }
    }
}

augmentation!(Solarization);
