//! RandomBrightness: makes images lighter or darker, while training.

use ceratops_core::{Result, Rng};
use serde::{Deserialize, Serialize};

use super::{
    Factor, Frame,
    augmentation::{Augmentation, between, check_range, clip, is_within},
    factor::symmetric,
};
use crate::DataFormat;

/// y = clip(x + f · (most - least)) while training, where f is drawn for each image and values are
/// kept from least to most; y = x otherwise.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::RandomBrightness;
///
/// let layer = RandomBrightness::new([0.5, 0.5]).value_range([0.0, 1.0]);
/// let x = Tensor::new(&[1, 1, 2, 1], vec![0.25, 0.75])?;
/// let (y, _) = layer.forward(x, &mut Context::training(0, 0, 0))?;
/// assert_eq!(y.as_slice(), [0.75, 1.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomBrightness`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomBrightness {
    /// The range of f; a number f stands for -f to f.
    #[serde(deserialize_with = "symmetric")]
    pub factor: Factor,
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

/// Without a change.
impl Default for RandomBrightness {
    fn default() -> Self {
        Self::new(0.0)
    }
}

impl RandomBrightness {
    /// The layer that adds up to this share of the range of values, or one within a range.
    pub fn new(factor: impl Into<Factor>) -> Self {
        Self {
            factor: factor.into().symmetric(),
            value_range: [0.0, 255.0],
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }

    builders! { seed data_format value_range }
}

impl Augmentation for RandomBrightness {
    /// What is added.
    type Draw = f32;

    fn check(&self) -> Result<()> {
        self.factor.within("factor", -1.0, 1.0)?;
        check_range(self.value_range)
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, _: Frame, rng: &mut Rng) -> f32 {
        let [least, most] = self.value_range;
        between(self.factor.bounds(), rng) * (most - least) as f32
    }

    fn apply(&self, shift: &f32, _: Frame, x: &[f32], y: &mut [f32]) {
        y.iter_mut().zip(x).for_each(|(y, x)| *y = clip(x + shift, self.value_range));
    }

    fn pull(&self, shift: &f32, _: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        for ((dx, dy), x) in dx.iter_mut().zip(dy).zip(x) {
            *dx = if is_within(x + shift, self.value_range) { *dy } else { 0.0 };
        }
    }
}

augmentation!(RandomBrightness);
