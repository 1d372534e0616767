//! RandomErasing: hides a part of images, while training.

use ceratops_core::{Error, Result, Rng, Shape};
use serde::{Deserialize, Serialize};

use super::{
    Factor, Frame,
    augmentation::{Augmentation, BYTES, between, check_range, clip, happens},
    chance::normal,
    factor::positive,
    patch::Patch,
};
use crate::DataFormat;

/// y = fill within a rectangle, x elsewhere, with a probability that is drawn from a range, while training; y = x
/// otherwise. The rectangle has √a of the width and √b of the height, of which a and b are drawn for each image, and
/// its place is.
///
/// Without a `fill_value` its pixels are drawn, too, from N(0, 1) times the largest value. Fills are kept within the
/// range of values.
///
/// ```
/// use ceratops_layers::{Input, RandomErasing, sequential};
///
/// let model = sequential![Input::new([28, 28, 3]), RandomErasing::new(0.5).fill_value(128.0)]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomErasing`; Zhong et al. 2017.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomErasing {
    /// The range of the probability; a number f stands for 0 to f.
    #[serde(deserialize_with = "positive")]
    pub factor: Factor,
    /// The range of a and b; a number f stands for 0 to f.
    #[serde(deserialize_with = "positive")]
    pub scale: Factor,
    /// What is put there: one number, or one for each of three channels; nothing for noise.
    pub fill_value: Option<Fill>,
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

/// What is put in the place of pixels: in JSON a number or a list of three.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number or a list of three")]
pub enum Fill {
    /// One number for all channels.
    Number(f64),
    /// One for each of three channels.
    Colour([f64; 3]),
}

impl From<f64> for Fill {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<[f64; 3]> for Fill {
    fn from(colour: [f64; 3]) -> Self {
        Self::Colour(colour)
    }
}

impl Default for RandomErasing {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl RandomErasing {
    /// The layer with this probability, or this range of it.
    pub fn new(factor: impl Into<Factor>) -> Self {
        Self {
            factor: factor.into().positive(),
            scale: Factor::Range(0.02, 0.33),
            fill_value: None,
            value_range: BYTES,
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }

    builders! { seed data_format value_range }

    /// Sets the range of a and b.
    #[must_use]
    pub fn scale(self, scale: impl Into<Factor>) -> Self {
        Self { scale: scale.into().positive(), ..self }
    }

    /// Puts this number, or these three, there.
    #[must_use]
    pub fn fill_value(self, fill_value: impl Into<Fill>) -> Self {
        Self { fill_value: Some(fill_value.into()), ..self }
    }

    /// What is put in the pixels of a rectangle.
    fn fill(&self, patch: Patch, frame: Frame, rng: &mut Rng) -> Vec<f32> {
        let most = self.value_range[1];
        let mut pixel = |channel: usize| match self.fill_value {
            Some(Fill::Number(number)) => number as f32,
            Some(Fill::Colour(colour)) => colour[channel % 3] as f32,
            None => (normal(rng) * most) as f32,
        };
        let channels = patch.pixels(frame).flat_map(|_| 0..frame.channels);
        channels.map(|channel| clip(pixel(channel), self.value_range)).collect()
    }
}

/// A rectangle and what is put there, pixel by pixel.
#[derive(Debug, Clone)]
pub struct Erased {
    pub(super) patch: Patch,
    pub(super) fill: Vec<f32>,
}

impl Augmentation for RandomErasing {
    /// Nothing where the image stays.
    type Draw = Option<Erased>;

    fn check(&self) -> Result<()> {
        self.factor.within("factor", 0.0, 1.0)?;
        self.scale.within("scale", 0.0, 1.0)?;
        check_range(self.value_range)
    }

    fn check_input(&self, input: &Shape) -> Result<()> {
        let channels = self.data_format.shape_to_last(input).last();
        match self.fill_value {
            Some(Fill::Colour(_)) if channels.is_some_and(|channels| channels != 3) => {
                let help = "give one number as `fill_value`";
                Err(Error::argument(
                    "input",
                    "images of three channels, as `fill_value` has",
                    input,
                )
                .with_help(help))
            }
            _ => Ok(()),
        }
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, frame: Frame, rng: &mut Rng) -> Option<Erased> {
        let sides = [(); 2].map(|()| between(self.scale.bounds(), rng).sqrt());
        let patch = Patch::draw(sides, frame, rng);
        let erases = happens(self.factor, rng);
        erases.then(|| Erased { patch, fill: self.fill(patch, frame, rng) })
    }

    fn apply(&self, erased: &Option<Erased>, frame: Frame, x: &[f32], y: &mut [f32]) {
        y.copy_from_slice(x);
        let Some(Erased { patch, fill }) = erased else { return };
        for (place, fill) in patch.pixels(frame).zip(fill.chunks(frame.channels.max(1))) {
            y[place..][..frame.channels].copy_from_slice(fill);
        }
    }

    fn pull(&self, erased: &Option<Erased>, frame: Frame, _: &[f32], dy: &[f32], dx: &mut [f32]) {
        dx.copy_from_slice(dy);
        for place in erased.iter().flat_map(|erased| erased.patch.pixels(frame)) {
            dx[place..][..frame.channels].fill(0.0);
        }
    }
}

augmentation!(RandomErasing);
