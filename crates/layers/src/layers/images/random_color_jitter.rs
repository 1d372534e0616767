//! RandomColorJitter: changes brightness, contrast, saturation and hue, while training.

use ceratops_core::{Error, Result, Rng, Shape};
use serde::{Deserialize, Serialize};

use super::{
    Factor, Frame, RandomBrightness, RandomContrast, RandomHue, RandomSaturation,
    augmentation::{Augmentation, BYTES, check_range},
    chain::{Chain, drawn},
    hsv::check_three,
};
use crate::DataFormat;

/// y = hue(saturation(contrast(brightness(x)))) while training, of which each is left out that has no factor; y = x
/// otherwise.
///
/// They are [`RandomBrightness`], [`RandomContrast`], [`RandomSaturation`] and [`RandomHue`], each with its factor.
/// With the channels first Keras takes the columns for colours; here the channels are.
///
/// ```
/// use ceratops_layers::{Input, RandomColorJitter, sequential};
///
/// let jitter = RandomColorJitter::new().brightness_factor(0.2).hue_factor(0.1);
/// let model = sequential![Input::new([28, 28, 3]), jitter]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomColorJitter`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomColorJitter {
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// The factor of RandomBrightness.
    pub brightness_factor: Option<Factor>,
    /// The factor of RandomContrast.
    pub contrast_factor: Option<Factor>,
    /// The factor of RandomSaturation.
    pub saturation_factor: Option<Factor>,
    /// The factor of RandomHue.
    pub hue_factor: Option<Factor>,
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

/// Without a change.
impl Default for RandomColorJitter {
    fn default() -> Self {
        Self {
            value_range: BYTES,
            brightness_factor: None,
            contrast_factor: None,
            saturation_factor: None,
            hue_factor: None,
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }
}

impl RandomColorJitter {
    /// The layer without a factor, which changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    builders! { seed data_format value_range }

    /// Changes the brightness, too.
    #[must_use]
    pub fn brightness_factor(self, factor: impl Into<Factor>) -> Self {
        Self { brightness_factor: Some(factor.into()), ..self }
    }

    /// Changes the contrast, too.
    #[must_use]
    pub fn contrast_factor(self, factor: impl Into<Factor>) -> Self {
        Self { contrast_factor: Some(factor.into()), ..self }
    }

    /// Changes the saturation, too.
    #[must_use]
    pub fn saturation_factor(self, factor: impl Into<Factor>) -> Self {
        Self { saturation_factor: Some(factor.into()), ..self }
    }

    /// Changes the hue, too.
    #[must_use]
    pub fn hue_factor(self, factor: impl Into<Factor>) -> Self {
        Self { hue_factor: Some(factor.into()), ..self }
    }

    fn brightness(&self) -> Option<RandomBrightness> {
        self.brightness_factor.map(|f| RandomBrightness::new(f).value_range(self.value_range))
    }

    fn contrast(&self) -> Option<RandomContrast> {
        self.contrast_factor.map(|f| RandomContrast::new(f).value_range(self.value_range))
    }

    fn saturation(&self) -> Option<RandomSaturation> {
        self.saturation_factor.map(|f| RandomSaturation::new(f).value_range(self.value_range))
    }

    fn hue(&self) -> Option<RandomHue> {
        self.hue_factor.map(|f| RandomHue::new(f).value_range(self.value_range))
    }
}

/// Checks a layer within by the name that its factor has here.
fn check(layer: Option<impl Augmentation>, argument: &str) -> Result<()> {
    let renamed = |error| match error {
        Error::Argument { argument: own, expected, found, help } if own == "factor" => {
            Error::Argument { argument: argument.into(), expected, found, help }
        }
        other => other,
    };
    layer.map_or(Ok(()), |layer| layer.check().map_err(renamed))
}

impl Augmentation for RandomColorJitter {
    type Draw = Chain;

    fn check(&self) -> Result<()> {
        check(self.brightness(), "brightness_factor")?;
        check(self.contrast(), "contrast_factor")?;
        check(self.saturation(), "saturation_factor")?;
        check(self.hue(), "hue_factor")?;
        check_range(self.value_range)
    }

    fn check_input(&self, input: &Shape) -> Result<()> {
        let colours = self.saturation_factor.or(self.hue_factor);
        colours.map_or(Ok(()), |_| check_three(input, self.data_format))
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, frame: Frame, rng: &mut Rng) -> Chain {
        let mut changes = Vec::new();
        changes.extend(self.brightness().map(|layer| drawn(layer, frame, rng)));
        changes.extend(self.contrast().map(|layer| drawn(layer, frame, rng)));
        changes.extend(self.saturation().map(|layer| drawn(layer, frame, rng)));
        changes.extend(self.hue().map(|layer| drawn(layer, frame, rng)));
        Chain::of(changes)
    }

    fn apply(&self, chain: &Chain, frame: Frame, x: &[f32], y: &mut [f32]) {
        chain.apply(frame, x, y);
    }

    fn pull(&self, chain: &Chain, frame: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        chain.pull(frame, x, dy, dx);
    }
}

augmentation!(RandomColorJitter);
