//! RandomInvert: turns light into dark, while training.

use ceratops_core::{Result, Rng};
use serde::{Deserialize, Serialize};

use super::{
    Factor, Frame,
    augmentation::{Augmentation, check_range, happens},
    factor::positive,
};
use crate::DataFormat;

/// y = most - x with a probability that is drawn from a range, else x, while training; y = x otherwise. `most` is the
/// largest value.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::RandomInvert;
///
/// let x = Tensor::new(&[1, 1, 2, 1], vec![10.0, 255.0])?;
/// let (y, _) = RandomInvert::new([1.0, 1.0]).forward(x, &mut Context::training(0, 0, 0))?;
/// assert_eq!(y.as_slice(), [245.0, 0.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomInvert`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomInvert {
    /// The range of the probability; a number f stands for 0 to f.
    #[serde(deserialize_with = "positive")]
    pub factor: Factor,
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// Told apart by it, two layers invert different images; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Default for RandomInvert {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl RandomInvert {
    /// The layer with this probability, or this range of it.
    pub fn new(factor: impl Into<Factor>) -> Self {
        Self {
            factor: factor.into().positive(),
            value_range: [0.0, 255.0],
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }

    builders! { seed data_format value_range }
}

impl Augmentation for RandomInvert {
    /// Whether the image is inverted.
    type Draw = bool;

    fn check(&self) -> Result<()> {
        self.factor.within("factor", 0.0, 1.0)?;
        check_range(self.value_range)
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, _: Frame, rng: &mut Rng) -> bool {
        happens(self.factor, rng)
    }

    fn apply(&self, inverts: &bool, _: Frame, x: &[f32], y: &mut [f32]) {
        let most = self.value_range[1] as f32;
        y.iter_mut().zip(x).for_each(|(y, x)| *y = if *inverts { most - x } else { *x });
    }

    fn pull(&self, inverts: &bool, _: Frame, _: &[f32], dy: &[f32], dx: &mut [f32]) {
        dx.iter_mut().zip(dy).for_each(|(dx, dy)| *dx = if *inverts { -dy } else { *dy });
    }
}

augmentation!(RandomInvert);
