//! RandAugment: some changes of images out of many, while training.

use ceratops_core::{Error, Result, Rng, Shape};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::{
    Factor, Frame, Sampling,
    assortment::{ALL, Strength},
    augmentation::{Augmentation, BYTES, check_range},
    chain::Chain,
    factor::positive,
    random_grayscale::check_colours,
};
use crate::DataFormat;

/// y = g(f(x)) while training, of as many changes as `num_ops` says, each as likely to be any of RandomShear,
/// RandomTranslation, RandomRotation, RandomBrightness, RandomColorDegeneration, RandomContrast, RandomSharpness,
/// RandomPosterization, Solarization, AutoContrast and Equalization; y = x otherwise.
///
/// Each has the factor of this layer, RandomPosterization 8 times the upper bound of it. A change that comes twice is the
/// same both times. Each image is given changes of its own, and is equalized by itself; Keras chooses once for a batch,
/// and equalizes over it.
///
/// ```
/// use ceratops_layers::{Input, RandAugment, sequential};
///
/// let model = sequential![Input::new([28, 28, 3]), RandAugment::new().factor(0.3)]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandAugment`; Cubuk et al. 2020.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandAugment {
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// How many changes an image is given.
    pub num_ops: usize,
    /// The factor of each change; a number f stands for 0 to f.
    #[serde(deserialize_with = "positive")]
    pub factor: Factor,
    /// How pixels between the pixels are made.
    pub interpolation: Sampling,
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Default for RandAugment {
    fn default() -> Self {
        Self {
            value_range: BYTES,
            num_ops: 2,
            factor: Factor::Range(0.0, 0.5),
            interpolation: Sampling::Bilinear,
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }
}

impl RandAugment {
    /// The layer with two changes and a factor up to ½.
    pub fn new() -> Self {
        Self::default()
    }

    builders! { seed data_format value_range }

    /// Sets how many changes an image is given.
    #[must_use]
    pub fn num_ops(self, num_ops: usize) -> Self {
        Self { num_ops, ..self }
    }

    /// Sets the factor of each change.
    #[must_use]
    pub fn factor(self, factor: impl Into<Factor>) -> Self {
        Self { factor: factor.into().positive(), ..self }
    }

    /// Sets how pixels between the pixels are made.
    #[must_use]
    pub fn interpolation(self, interpolation: Sampling) -> Self {
        Self { interpolation, ..self }
    }
}

/// The most changes.
pub(super) const MOST: usize = 1000;

impl Augmentation for RandAugment {
    type Draw = Chain;

    fn check(&self) -> Result<()> {
        self.factor.within("factor", 0.0, 1.0)?;
        if self.num_ops > MOST {
            return Err(Error::argument("num_ops", format!("at most {MOST}"), self.num_ops));
        }
        check_range(self.value_range)
    }

    fn check_input(&self, input: &Shape) -> Result<()> {
        check_colours(input, self.data_format)
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, frame: Frame, rng: &mut Rng) -> Chain {
        let Self { factor, interpolation, value_range, .. } = *self;
        let strength = Strength { factor, interpolation, value_range };
        let order = (0..self.num_ops).map(|_| rng.random_range(0..ALL.len())).collect();
        let changes = ALL.into_iter().map(|kind| strength.draw(kind, frame, rng)).collect();
        Chain { changes, order }
    }

    fn apply(&self, chain: &Chain, frame: Frame, x: &[f32], y: &mut [f32]) {
        chain.apply(frame, x, y);
    }

    fn pull(&self, chain: &Chain, frame: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        chain.pull(frame, x, dy, dx);
    }
}

augmentation!(RandAugment);
