//! RandomTranslation: moves images, while training.

use ceratops_core::{Result, Rng};
use serde::{Deserialize, Serialize};

use super::{
    Factor, FillMode, Frame, Sampling,
    augmentation::between,
    projective::{Map, projective},
};
use crate::DataFormat;

/// y\[r, c\] = x\[r - h · H, c - w · W\] while training, for images of H rows and W columns, where h and w are
/// drawn for each; y = x otherwise.
///
/// A positive h moves the image down, a positive w to the right.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::{FillMode, RandomTranslation};
///
/// let layer = RandomTranslation::new(0.0, [0.25, 0.25]).fill_mode(FillMode::Constant);
/// let x = Tensor::new(&[1, 1, 4, 1], vec![1.0, 2.0, 3.0, 4.0])?;
/// let (y, _) = layer.forward(x, &mut Context::training(0, 0, 0))?;
/// assert_eq!(y.as_slice(), [0.0, 1.0, 2.0, 3.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomTranslation`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomTranslation {
    /// The range of h, a share of the height; a number f stands for -f to f.
    pub height_factor: Factor,
    /// The range of w, a share of the width.
    pub width_factor: Factor,
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

/// Without a move.
impl Default for RandomTranslation {
    fn default() -> Self {
        Self::new(0.0, 0.0)
    }
}

impl RandomTranslation {
    /// The layer that moves by up to these shares of height and width, or by some within ranges.
    pub fn new(height_factor: impl Into<Factor>, width_factor: impl Into<Factor>) -> Self {
        Self {
            height_factor: height_factor.into(),
            width_factor: width_factor.into(),
            fill_mode: FillMode::Reflect,
            interpolation: Sampling::Bilinear,
            seed: None,
            fill_value: 0.0,
            data_format: DataFormat::ChannelsLast,
        }
    }

    fn check_factors(&self) -> Result<()> {
        self.height_factor.within("height_factor", -1.0, 1.0)?;
        self.width_factor.within("width_factor", -1.0, 1.0)
    }

    fn map(&self, frame: Frame, rng: &mut Rng) -> Map {
        let down = between(self.height_factor.bounds(), rng) * frame.height as f32;
        let right = between(self.width_factor.bounds(), rng) * frame.width as f32;
        [1.0, 0.0, -right, 0.0, 1.0, -down, 0.0, 0.0]
    }
}

projective!(RandomTranslation);
