//! RandomShear: slants images, while training.

use ceratops_core::{Result, Rng};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::{
    Factor, FillMode, Frame, Sampling,
    augmentation::between,
    factor::symmetric,
    projective::{Map, projective},
};
use crate::DataFormat;

/// y\[r, c\] = x\[r + v · c, c + u · r\] while training, where u and v are drawn for each image; y = x
/// otherwise.
///
/// Both are drawn from their ranges; in half of the images both change their sign.
///
/// ```
/// use ceratops_layers::{Input, RandomShear, sequential};
///
/// let model = sequential![Input::new([28, 28, 1]), RandomShear::new(0.2, 0.0)]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomShear`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomShear {
    /// The range of u; a number f stands for -f to f.
    #[serde(deserialize_with = "symmetric")]
    pub x_factor: Factor,
    /// The range of v.
    #[serde(deserialize_with = "symmetric")]
    pub y_factor: Factor,
    /// What lies beyond the border.
    pub fill_mode: FillMode,
    /// How pixels between the pixels are made.
    pub interpolation: Sampling,
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// The number that lies beyond the border, where it is constant.
    pub fill_value: f64,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

/// Without a slant.
impl Default for RandomShear {
    fn default() -> Self {
        Self::new(0.0, 0.0)
    }
}

impl RandomShear {
    /// The layer that slants rows by up to `x_factor` of their height, columns by up to `y_factor`.
    pub fn new(x_factor: impl Into<Factor>, y_factor: impl Into<Factor>) -> Self {
        Self {
            x_factor: x_factor.into().symmetric(),
            y_factor: y_factor.into().symmetric(),
            fill_mode: FillMode::Reflect,
            interpolation: Sampling::Bilinear,
            seed: None,
            fill_value: 0.0,
            data_format: DataFormat::ChannelsLast,
        }
    }

    fn check_factors(&self) -> Result<()> {
        // Keras takes numbers from 0 to 1, of which it makes ranges that reach down to -1.
        self.x_factor.within("x_factor", -1.0, 1.0)?;
        self.y_factor.within("y_factor", -1.0, 1.0)
    }

    fn map(&self, _: Frame, rng: &mut Rng) -> Map {
        let sign = if rng.random() { 1.0 } else { -1.0 };
        let v = sign * between(self.y_factor.bounds(), rng);
        let u = sign * between(self.x_factor.bounds(), rng);
        [1.0, u, 0.0, v, 1.0, 0.0, 0.0, 0.0]
    }
}

projective!(RandomShear);
