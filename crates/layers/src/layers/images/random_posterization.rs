//! RandomPosterization: leaves fewer shades, while training.

use ceratops_core::{Error, Result, Rng};
use rand::Rng as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    Factor, Frame,
    augmentation::{Augmentation, BYTES, check_range, rescaled},
};
use crate::DataFormat;

/// y = the first b bits of x, while training, where b is drawn for each image and values are whole numbers from 0 to
/// 255, whatever their range; y = x otherwise.
///
/// As in Keras, b is at least the first and less than the second number of `factor`, or both where they are the same.
/// A step has no slope: the gradient of x is 0.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::RandomPosterization;
///
/// let x = Tensor::new(&[1, 1, 2, 1], vec![0b1011_0110 as f32, 77.5])?;
/// let layer = RandomPosterization::new(1).factor([3, 3]);
/// let (y, _) = layer.forward(x, &mut Context::training(0, 0, 0))?;
/// assert_eq!(y.as_slice(), [0b1010_0000 as f32, 64.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomPosterization`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomPosterization {
    /// The least b, and the first one that is too large; a number f stands for 1 to f.
    #[serde(deserialize_with = "bits")]
    pub factor: [u8; 2],
    /// The least and the largest value.
    pub value_range: [f64; 2],
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

/// Without a change of whole numbers.
impl Default for RandomPosterization {
    fn default() -> Self {
        Self::new(1).factor([8, 8])
    }
}

impl RandomPosterization {
    /// The layer that keeps from 1 to less than so many bits.
    pub fn new(bits: u8) -> Self {
        Self {
            factor: [1, bits],
            value_range: BYTES,
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }

    builders! { seed data_format value_range }

    /// Keeps from the first to less than the second number of bits.
    #[must_use]
    pub fn factor(self, factor: [u8; 2]) -> Self {
        Self { factor, ..self }
    }
}

/// Reads one or two numbers of bits, which Keras puts in order.
fn bits<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 2], D::Error> {
    let (lower, upper) = match Factor::deserialize(from)? {
        Factor::Number(bits) => (1.0, bits),
        Factor::Range(a, b) => (a.min(b), a.max(b)),
    };
    let whole =
        |bits: f64| (bits.fract() == 0.0 && (0.0..=255.0).contains(&bits)).then_some(bits as u8);
    match (whole(lower), whole(upper)) {
        (Some(lower), Some(upper)) => Ok([lower, upper]),
        _ => Err(serde::de::Error::custom("expected an integer, or two, from 1 to 8")),
    }
}

impl Augmentation for RandomPosterization {
    /// How many bits go.
    type Draw = u8;

    fn check(&self) -> Result<()> {
        let [lower, upper] = self.factor;
        if lower >= 1 && lower <= upper && upper <= 8 {
            return check_range(self.value_range);
        }
        let expected = "an integer, or two in order, from 1 to 8";
        Err(Error::argument("factor", expected, format!("[{lower}, {upper}]")))
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, _: Frame, rng: &mut Rng) -> u8 {
        let [lower, upper] = self.factor;
        8u8.saturating_sub(if lower < upper { rng.random_range(lower..upper) } else { lower })
    }

    fn apply(&self, gone: &u8, _: Frame, x: &[f32], y: &mut [f32]) {
        let kept = u8::MAX.checked_shl(u32::from(*gone)).unwrap_or(0);
        for (y, x) in y.iter_mut().zip(x) {
            let byte = rescaled(*x, self.value_range, BYTES) as u8;
            *y = rescaled(f32::from(byte & kept), BYTES, self.value_range);
        }
    }

    fn pull(&self, _: &u8, _: Frame, _: &[f32], _: &[f32], _: &mut [f32]) {}
}

augmentation!(RandomPosterization);
