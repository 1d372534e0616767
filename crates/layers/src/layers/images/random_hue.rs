//! RandomHue: turns colours along the rainbow, while training.

use ceratops_core::{Result, Rng, Shape};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::{
    Factor, Frame,
    augmentation::{Augmentation, BYTES, between, check_range, clip, is_within, rescaled},
    factor::positive,
    hsv::{Recolour, check_three, each_pixel},
};
use crate::DataFormat;

/// y = x with another hue, h ± f / 2, while training, where h goes around a circle of 1, and f and the sign are drawn
/// for each image; y = x otherwise.
///
/// Values are kept within their range.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::RandomHue;
///
/// // Half a circle from red: cyan
/// let x = Tensor::new(&[1, 1, 1, 3], vec![255.0, 0.0, 0.0])?;
/// let (y, _) = RandomHue::new([1.0, 1.0]).forward(x, &mut Context::training(0, 0, 0))?;
/// assert_eq!(y.as_slice(), [0.0, 255.0, 255.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomHue`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomHue {
    /// The range of f; a number stands for 0 to that.
    #[serde(deserialize_with = "positive")]
    pub factor: Factor,
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

/// Without a turn.
impl Default for RandomHue {
    fn default() -> Self {
        Self::new(0.0)
    }
}

/// The range in which colours are turned.
const UNIT: [f64; 2] = [0.0, 1.0];

impl RandomHue {
    /// The layer that turns by up to this share of half the circle, or one within a range.
    pub fn new(factor: impl Into<Factor>) -> Self {
        Self {
            factor: factor.into().positive(),
            value_range: BYTES,
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }

    builders! { seed data_format value_range }

    fn recolour(shift: f32) -> Recolour {
        Recolour { shift, stretch: 1.0, bounds: [f32::NEG_INFINITY, f32::INFINITY] }
    }
}

impl Augmentation for RandomHue {
    /// How far the hue turns.
    type Draw = f32;

    fn check(&self) -> Result<()> {
        self.factor.within("factor", 0.0, 1.0)?;
        check_range(self.value_range)
    }

    fn check_input(&self, input: &Shape) -> Result<()> {
        check_three(input, self.data_format)
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, _: Frame, rng: &mut Rng) -> f32 {
        let sign = if rng.random() { 0.5 } else { -0.5 };
        sign * between(self.factor.bounds(), rng)
    }

    fn apply(&self, shift: &f32, _: Frame, x: &[f32], y: &mut [f32]) {
        each_pixel(x, y, |x, y, _| {
            let x = x.map(|x| rescaled(x, self.value_range, UNIT));
            let turned = Self::recolour(*shift).apply(x);
            y.copy_from_slice(&turned.map(|y| rescaled(clip(y, UNIT), UNIT, self.value_range)));
        });
    }

    fn pull(&self, shift: &f32, _: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        each_pixel(x, dx, |x, dx, place| {
            let (x, recolour) =
                (x.map(|x| rescaled(x, self.value_range, UNIT)), Self::recolour(*shift));
            let mut g = recolour.apply(x).map(|y| if is_within(y, UNIT) { 1.0 } else { 0.0 });
            g.iter_mut().zip(&dy[place..]).for_each(|(g, dy)| *g *= dy);
            dx.copy_from_slice(&recolour.pull(x, g));
        });
    }
}

augmentation!(RandomHue);
