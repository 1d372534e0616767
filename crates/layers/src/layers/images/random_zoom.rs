//! RandomZoom: makes what images show larger or smaller, while training.

use ceratops_core::{Error, Result, Rng};
use serde::{Deserialize, Serialize};

use super::{
    Factor, FillMode, Frame, Sampling,
    augmentation::between,
    projective::{Map, projective, stretched},
};
use crate::DataFormat;

/// y\[p\] = x\[z · (p - m) + m\] while training, for each place p of an image whose middle is m, where
/// z = 1 + f, for rows and for columns, and f is drawn for each image; y = x otherwise.
///
/// A positive f makes what is seen smaller, a negative one larger.
///
/// ```
/// use ceratops_layers::{Input, RandomZoom, sequential};
///
/// let model = sequential![Input::new([28, 28, 1]), RandomZoom::new(0.2)]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomZoom`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomZoom {
    /// The range of f for the rows; a number f stands for -f to f.
    pub height_factor: Factor,
    /// The range of f for the columns; without it the proportions stay.
    pub width_factor: Option<Factor>,
    /// What lies beyond the border.
    pub fill_mode: FillMode,
    /// How pixels between the pixels are made.
    pub interpolation: Sampling,
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
    /// The number that lies beyond the border, where it is constant.
    pub fill_value: f64,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

/// With a zoom of 1.
impl Default for RandomZoom {
    fn default() -> Self {
        Self::new(0.0)
    }
}

impl RandomZoom {
    /// The layer that zooms by up to this share either way, or by one within a range.
    pub fn new(height_factor: impl Into<Factor>) -> Self {
        Self {
            height_factor: height_factor.into(),
            width_factor: None,
            fill_mode: FillMode::Reflect,
            interpolation: Sampling::Bilinear,
            seed: None,
            fill_value: 0.0,
            data_format: DataFormat::ChannelsLast,
        }
    }

    /// Draws another share for the columns, in this range.
    #[must_use]
    pub fn width_factor(self, width_factor: impl Into<Factor>) -> Self {
        Self { width_factor: Some(width_factor.into()), ..self }
    }

    fn check_factors(&self) -> Result<()> {
        let factors =
            [("height_factor", Some(self.height_factor)), ("width_factor", self.width_factor)];
        for (argument, factor) in factors {
            let Some(factor) = factor else { continue };
            factor.within(argument, -1.0, 1.0)?;
            // A zoom of 0 would show a single row.
            let is_open = match factor {
                Factor::Number(f) => f > -1.0,
                Factor::Range(a, b) => a > -1.0 && b > -1.0,
            };
            if !is_open {
                let expected = "a number, or two, above -1 and at most 1";
                return Err(Error::argument(argument, expected, factor.text()));
            }
        }
        Ok(())
    }

    fn map(&self, frame: Frame, rng: &mut Rng) -> Map {
        let zoom = |factor: Factor, rng: &mut Rng| {
            let (lower, upper) = factor.bounds();
            between((1.0 + lower, 1.0 + upper), rng)
        };
        let height = zoom(self.height_factor, rng);
        let width = self.width_factor.map_or(height, |factor| zoom(factor, rng));
        stretched(height, width, frame)
    }
}

projective!(RandomZoom);
