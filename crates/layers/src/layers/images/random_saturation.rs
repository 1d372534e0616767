//! RandomSaturation: makes colours paler or stronger, while training.

use ceratops_core::{Result, Rng, Shape};
use serde::{Deserialize, Serialize};

use super::{
    Factor, Frame,
    augmentation::{Augmentation, BYTES, between, check_range},
    factor::symmetric,
    hsv::{Recolour, check_three, each_pixel},
};
use crate::DataFormat;

/// y = x with another saturation, clip(s · f / (1 - f)), while training, where f is drawn for each image; y = x
/// otherwise. 0.5 changes nothing, 0 leaves grays.
///
/// A number f stands for -f to f, as Keras has it, where all below 0 leaves grays. The saturation, from 0 to 1, is
/// kept in the range of the values, which is wider than it for values to 255.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::RandomSaturation;
///
/// let x = Tensor::new(&[1, 1, 1, 3], vec![200.0, 100.0, 50.0])?;
/// let (y, _) = RandomSaturation::new([0.0, 0.0]).forward(x, &mut Context::training(0, 0, 0))?;
/// assert_eq!(y.as_slice(), [200.0; 3]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomSaturation`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomSaturation {
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
impl Default for RandomSaturation {
    fn default() -> Self {
        Self::new([0.5, 0.5])
    }
}

impl RandomSaturation {
    /// The layer with this range.
    pub fn new(factor: impl Into<Factor>) -> Self {
        Self {
            factor: factor.into().symmetric(),
            value_range: BYTES,
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }

    builders! { seed data_format value_range }

    fn recolour(&self, stretch: f32) -> Recolour {
        Recolour { shift: 0.0, stretch, bounds: self.value_range.map(|bound| bound as f32) }
    }
}

impl Augmentation for RandomSaturation {
    /// By what the saturation is multiplied.
    type Draw = f32;

    fn check(&self) -> Result<()> {
        self.factor.within("factor", -1.0, 1.0)?;
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
        let f = between(self.factor.bounds(), rng);
        f / (1.0 - f + 1e-7)
    }

    fn apply(&self, stretch: &f32, _: Frame, x: &[f32], y: &mut [f32]) {
        let recolour = self.recolour(*stretch);
        each_pixel(x, y, |x, y, _| y.copy_from_slice(&recolour.apply(x)));
    }

    fn pull(&self, stretch: &f32, _: Frame, x: &[f32], dy: &[f32], dx: &mut [f32]) {
        let recolour = self.recolour(*stretch);
        each_pixel(x, dx, |x, dx, place| {
            dx.copy_from_slice(&recolour.pull(x, [dy[place], dy[place + 1], dy[place + 2]]));
        });
    }
}

augmentation!(RandomSaturation);
