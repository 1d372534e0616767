//! RandomRotation: turns images by an angle, while training.

use std::f32::consts::PI;

use ceratops_core::{Result, Rng};
use serde::{Deserialize, Serialize};

use super::{
    Factor, FillMode, Frame, Sampling,
    augmentation::between,
    factor::symmetric,
    projective::{Map, projective, turned},
};
use crate::DataFormat;

/// y\[p\] = x\[R(α) · (p - m) + m\] while training, for each place p of an image whose middle is m, where R(α)
/// turns by an angle α that is drawn for each image; y = x otherwise.
///
/// The angle is a share of the full circle, all within the range as likely. A positive one turns the
/// image clockwise as it is seen, with its first row above (Keras' documentation has it the other way).
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::RandomRotation;
///
/// // By half a circle, always.
/// let layer = RandomRotation::new([0.5, 0.5]);
/// let x = Tensor::new(&[1, 2, 2, 1], vec![1.0, 2.0, 3.0, 4.0])?;
/// let (y, _) = layer.forward(x, &mut Context::training(0, 0, 0))?;
/// assert!(y.zip_map(&Tensor::new(&[1, 2, 2, 1], vec![4.0, 3.0, 2.0, 1.0])?, |a, b| a - b)?
///     .as_slice()
///     .iter()
///     .all(|difference| difference.abs() < 1e-5));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomRotation`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomRotation {
    /// The angle as a share of the full circle: a range; a number f stands for -f to f.
    #[serde(deserialize_with = "symmetric")]
    pub factor: Factor,
    /// What lies beyond the border.
    pub fill_mode: FillMode,
    /// The number that lies there, where it is constant.
    pub fill_value: f64,
    /// How pixels between the pixels are made.
    pub interpolation: Sampling,
    /// Told apart by it, two layers draw different angles; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

/// With an angle of 0.
impl Default for RandomRotation {
    fn default() -> Self {
        Self::new(0.0)
    }
}

impl RandomRotation {
    /// The layer that turns by up to this share of the full circle either way, or by one within a range.
    pub fn new(factor: impl Into<Factor>) -> Self {
        Self {
            factor: factor.into().symmetric(),
            fill_mode: FillMode::Reflect,
            fill_value: 0.0,
            interpolation: Sampling::Bilinear,
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }

    fn check_factors(&self) -> Result<()> {
        self.factor.within("factor", -1.0, 1.0)
    }

    fn map(&self, frame: Frame, rng: &mut Rng) -> Map {
        let (lower, upper) = self.factor.bounds();
        let degrees = between((lower * 360.0, upper * 360.0), rng);
        turned(degrees * (PI / 180.0), frame)
    }
}

projective!(RandomRotation);
