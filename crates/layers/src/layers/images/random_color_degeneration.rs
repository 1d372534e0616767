//! RandomColorDegeneration: makes colours paler, while training.

use ceratops_core::{Result, Rng, Shape};
use serde::{Deserialize, Serialize};

use super::{
    Factor, Frame,
    augmentation::{Augmentation, between, check_range, clip, is_within},
    factor::symmetric,
    random_grayscale::{brightness, check_colours, pull_brightness},
};
use crate::DataFormat;

/// y = clip(x + f · (gray - x)) while training, where gray is the brightness of the pixel (see
/// [`RandomGrayscale`](crate::RandomGrayscale)), f is drawn for each image, and values are kept within their range; y = x
/// otherwise.
///
/// ```
/// use ceratops_layers::{Input, RandomColorDegeneration, sequential};
///
/// let model = sequential![Input::new([28, 28, 3]), RandomColorDegeneration::new(0.5)]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomColorDegeneration`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomColorDegeneration {
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
impl Default for RandomColorDegeneration {
    fn default() -> Self {
        Self::new(0.0)
    }
}

impl RandomColorDegeneration {
    /// The layer that takes away up to this share of the colours, or adds it, or one within a range.
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

impl Augmentation for RandomColorDegeneration {
    /// f.
    type Draw = f32;

    fn check(&self) -> Result<()> {
        self.factor.within("factor", -1.0, 1.0)?;
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

    fn draw(&self, _: Frame, rng: &mut Rng) -> f32 {
        between(self.factor.bounds(), rng)
    }

    fn apply(&self, f: &f32, frame: Frame, x: &[f32], y: &mut [f32]) {
        let channels = frame.channels.max(1);
        for (y, x) in y.chunks_mut(channels).zip(x.chunks(channels)) {
            let gray = brightness(x);
            y.iter_mut().zip(x).for_each(|(y, x)| *y = clip(x + f * (gray - x), self.value_range));
        }
    }

    fn pull(&self, f: &f32, frame: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        let channels = frame.channels.max(1);
        let gradients = dy.chunks(channels).zip(dx.chunks_mut(channels));
        for (x, (dy, dx)) in x.chunks(channels).zip(gradients) {
            // g = dy where nothing was clipped; dL/dx = (1 - f) · g + f · sum(g) · share of the colour
            let gray = brightness(x);
            let mut sum = 0.0;
            for ((dx, dy), x) in dx.iter_mut().zip(dy).zip(x) {
                let kept = is_within(x + f * (gray - x), self.value_range);
                let g = if kept { *dy } else { 0.0 };
                *dx = (1.0 - f) * g;
                sum += g;
            }
            pull_brightness(f * sum, dx);
        }
    }
}

augmentation!(RandomColorDegeneration);
