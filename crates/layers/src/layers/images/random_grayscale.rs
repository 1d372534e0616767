//! RandomGrayscale: takes the colours away, while training.

use ceratops_core::{Error, Result, Rng, Shape};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::{Frame, augmentation::Augmentation};
use crate::DataFormat;

/// y = 0.2989 red + 0.587 green + 0.114 blue in all channels, with a probability, else x, while training; y = x
/// otherwise.
///
/// Images of one channel stay as they are.
///
/// ```
/// use ceratops_layers::{Input, RandomGrayscale, sequential};
///
/// let model = sequential![Input::new([28, 28, 3]), RandomGrayscale::new(0.2)]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomGrayscale`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomGrayscale {
    /// The probability.
    pub factor: f64,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

impl Default for RandomGrayscale {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl RandomGrayscale {
    /// The layer with this probability.
    pub fn new(factor: f64) -> Self {
        Self { factor, data_format: DataFormat::ChannelsLast }
    }

    builders! { data_format }
}

/// How much each colour counts.
const SHARES: [f32; 3] = [0.2989, 0.587, 0.114];

/// The brightness of a pixel.
pub(super) fn brightness(pixel: &[f32]) -> f32 {
    if let [only] = pixel { *only } else { pixel.iter().zip(SHARES).map(|(x, a)| x * a).sum() }
}

/// The gradient of a pixel of which a gradient `dy` of its brightness makes this.
pub(super) fn pull_brightness(dy: f32, pixel: &mut [f32]) {
    match pixel {
        [only] => *only += dy,
        pixel => pixel.iter_mut().zip(SHARES).for_each(|(dx, share)| *dx += share * dy),
    }
}

/// Refuses images that have neither one channel nor three.
pub(super) fn check_colours(input: &Shape, format: DataFormat) -> Result<()> {
    let channels = format.shape_to_last(input).last();
    if channels.is_none_or(|channels| channels == 1 || channels == 3) {
        return Ok(());
    }
    let help = "put the layer where the images have their colours";
    Err(Error::argument("input", "images of one channel or three", input).with_help(help))
}

impl Augmentation for RandomGrayscale {
    /// Whether the colours go.
    type Draw = bool;

    fn check(&self) -> Result<()> {
        if (0.0..=1.0).contains(&self.factor) {
            return Ok(());
        }
        Err(Error::argument("factor", "a number from 0 to 1", self.factor))
    }

    fn check_input(&self, input: &Shape) -> Result<()> {
        check_colours(input, self.data_format)
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        // Keras writes none for this layer.
        None
    }

    fn draw(&self, _: Frame, rng: &mut Rng) -> bool {
        f64::from(rng.random::<f32>()) < self.factor
    }

    fn apply(&self, grays: &bool, frame: Frame, x: &[f32], y: &mut [f32]) {
        let channels = frame.channels.max(1);
        for (y, x) in y.chunks_mut(channels).zip(x.chunks(channels)) {
            if *grays { y.fill(brightness(x)) } else { y.copy_from_slice(x) }
        }
    }

    fn pull(&self, grays: &bool, frame: Frame, _: &[f32], dy: &[f32], dx: &mut [f32]) {
        let channels = frame.channels.max(1);
        for (dy, dx) in dy.chunks(channels).zip(dx.chunks_mut(channels)) {
            if *grays { pull_brightness(dy.iter().sum(), dx) } else { dx.copy_from_slice(dy) }
        }
    }
}

augmentation!(RandomGrayscale);
