//! RandomContrast: makes images more or less lively, while training.

use ceratops_core::{Error, Result, Rng};
use serde::{Deserialize, Serialize};

use super::{
    Factor, Frame,
    augmentation::{Augmentation, between, check_range, clip, is_within},
    factor::positive,
};
use crate::DataFormat;

/// y = clip((x - mean) · f + mean) while training, where f from 1 - lower to 1 + upper is drawn for each
/// image, mean is that of a channel, and values are kept within their range; y = x otherwise.
///
/// A single number f stands, as in Keras 3, for 1 to 1 + f; of two, the smaller one is how far f goes down.
/// In Keras 2 a number stood for 1 - f to 1 + f, and two for themselves; files of Keras 2 are read so.
///
/// ```
/// use ceratops_layers::{Input, RandomContrast, sequential};
///
/// let model = sequential![Input::new([28, 28, 1]), RandomContrast::new([0.2, 0.2])]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomContrast`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomContrast {
    /// How far down and how far up f goes from 1.
    #[serde(deserialize_with = "positive")]
    pub factor: Factor,
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

/// Without a change.
impl Default for RandomContrast {
    fn default() -> Self {
        Self::new(0.0)
    }
}

impl RandomContrast {
    /// The layer with this range: `[lower, upper]`, or a number for `[0, number]`.
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

/// The mean of each channel.
fn means(frame: Frame, x: &[f32]) -> Vec<f32> {
    let mut sums = vec![0.0f64; frame.channels];
    for pixel in x.chunks(frame.channels.max(1)) {
        sums.iter_mut().zip(pixel).for_each(|(sum, x)| *sum += f64::from(*x));
    }
    let pixels = (frame.height * frame.width) as f64;
    sums.into_iter().map(|sum| (sum / pixels) as f32).collect()
}

impl Augmentation for RandomContrast {
    /// f.
    type Draw = f32;

    fn check(&self) -> Result<()> {
        // As Keras has it, which asks no more of the bounds.
        match self.factor {
            Factor::Range(down, up) if down <= 1.0 && up >= 0.0 && (down + up).is_finite() => {
                check_range(self.value_range)
            }
            other => {
                let expected = "a number, or two, from 0 to 1";
                Err(Error::argument("factor", expected, other.text()))
            }
        }
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, _: Frame, rng: &mut Rng) -> f32 {
        match self.factor {
            Factor::Range(down, up) => between((1.0 - down, 1.0 + up), rng),
            Factor::Number(_) => 1.0,
        }
    }

    fn apply(&self, f: &f32, frame: Frame, x: &[f32], y: &mut [f32]) {
        let means = means(frame, x);
        let pixels = x.chunks(means.len().max(1)).zip(y.chunks_mut(means.len().max(1)));
        for (x, y) in pixels {
            for ((y, x), mean) in y.iter_mut().zip(x).zip(&means) {
                *y = clip((x - mean) * f + mean, self.value_range);
            }
        }
    }

    fn pull(&self, f: &f32, frame: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        // g = dy where nothing was clipped; dL/dx = f · g + (1 - f) · mean(g)
        let own = means(frame, x);
        for (i, (dx, dy)) in dx.iter_mut().zip(dy).enumerate() {
            let mean = own[i % own.len()];
            let kept = is_within((x[i] - mean) * f + mean, self.value_range);
            *dx = if kept { *dy } else { 0.0 };
        }
        let gradients = means(frame, dx);
        for (i, dx) in dx.iter_mut().enumerate() {
            *dx = f * *dx + (1.0 - f) * gradients[i % gradients.len()];
        }
    }
}

augmentation!(RandomContrast);
