//! RandomSharpness: makes images sharper or softer, while training.

use ceratops_core::{Result, Rng};
use serde::{Deserialize, Serialize};

use super::{
    Factor, Frame,
    augmentation::{Augmentation, BYTES, between, check_range, clip, is_within},
    blur::Kernel,
    factor::positive,
};
use crate::DataFormat;

/// y = clip(x + (1 - 2f) · (smooth - x)) while training, where f is drawn for each image, and smooth is 5/13 of a
/// pixel and 1/13 of each of the eight around it, with zeros beyond the border; y = x otherwise. Above ½, f sharpens.
///
/// ```
/// use ceratops_layers::{Input, RandomSharpness, sequential};
///
/// let model = sequential![Input::new([28, 28, 3]), RandomSharpness::new([0.4, 0.8])]?;
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomSharpness`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomSharpness {
    /// The range of f; a number f stands for 0 to f.
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
impl Default for RandomSharpness {
    fn default() -> Self {
        Self::new([0.5, 0.5])
    }
}

impl RandomSharpness {
    /// The layer with this range.
    pub fn new(factor: impl Into<Factor>) -> Self {
        Self {
            factor: factor.into().positive(),
            value_range: BYTES,
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }

    builders! { seed data_format value_range }
}

fn kernel() -> Kernel {
    let mut weights = vec![1.0 / 13.0; 9];
    weights[4] = 5.0 / 13.0;
    Kernel { rows: 3, columns: 3, weights }
}

impl Augmentation for RandomSharpness {
    /// 1 - 2f.
    type Draw = f32;

    fn check(&self) -> Result<()> {
        self.factor.within("factor", 0.0, 1.0)?;
        check_range(self.value_range)
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, _: Frame, rng: &mut Rng) -> f32 {
        1.0 - 2.0 * between(self.factor.bounds(), rng)
    }

    fn apply(&self, a: &f32, frame: Frame, x: &[f32], y: &mut [f32]) {
        kernel().apply(frame, x, y);
        y.iter_mut().zip(x).for_each(|(y, x)| *y = clip(x + a * (*y - x), self.value_range));
    }

    fn pull(&self, a: &f32, frame: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        // g = dy where nothing was clipped; dL/dx = (1 - a) · g + a · smooth(g)
        let mut g = vec![0.0; x.len()];
        kernel().apply(frame, x, &mut g);
        for ((g, dy), x) in g.iter_mut().zip(dy).zip(x) {
            *g = if is_within(x + a * (*g - x), self.value_range) { *dy } else { 0.0 };
        }
        kernel().reversed().apply(frame, &g, dx);
        dx.iter_mut().zip(g).for_each(|(dx, g)| *dx = (1.0 - a) * g + a * *dx);
    }
}

augmentation!(RandomSharpness);
