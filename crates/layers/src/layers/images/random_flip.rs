//! RandomFlip: mirrors images, while training.

use ceratops_core::{Result, Rng};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::{Frame, augmentation::Augmentation};
use crate::DataFormat;

/// y = x, or its mirror image with probability 1/2 while training; y = x otherwise.
///
/// Each image has its own chance. `HorizontalAndVertical` mirrors in both directions or in none, as
/// Keras 3 does; Keras 2 asks twice.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::{FlipMode, RandomFlip};
///
/// let x = Tensor::new(&[1, 1, 2, 1], vec![1.0, 2.0])?;
/// let layer = RandomFlip::new(FlipMode::Horizontal);
/// let (y, _) = layer.forward(x, &mut Context::training(0, 0, 0))?;
/// assert!([[1.0, 2.0], [2.0, 1.0]].contains(&[y.as_slice()[0], y.as_slice()[1]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RandomFlip`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomFlip {
    /// Told apart by it, two layers flip different images; without, by their place.
    pub seed: Option<u64>,
    /// In which direction.
    pub mode: FlipMode,
    /// Where the channels stand.
    pub data_format: DataFormat,
}

/// The directions in which RandomFlip mirrors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlipMode {
    /// Left becomes right.
    Horizontal,
    /// Above becomes below.
    Vertical,
    /// Both at once.
    #[default]
    HorizontalAndVertical,
}

impl RandomFlip {
    /// The layer that mirrors in this direction.
    pub fn new(mode: FlipMode) -> Self {
        Self { mode, ..Self::default() }
    }

    builders! { seed data_format }

    /// Copies `from`, mirrored.
    fn mirror(&self, frame: Frame, from: &[f32], to: &mut [f32]) {
        let (across, down) = match self.mode {
            FlipMode::Horizontal => (true, false),
            FlipMode::Vertical => (false, true),
            FlipMode::HorizontalAndVertical => (true, true),
        };
        let len = frame.row().max(1);
        for (row, to) in to.chunks_mut(len).enumerate() {
            let row = if down { frame.height - 1 - row } else { row };
            let from = &from[row * len..][..len];
            match across {
                false => to.copy_from_slice(from),
                true => {
                    let pixels = to.chunks_mut(frame.channels.max(1));
                    let mirrored = from.chunks(frame.channels.max(1)).rev();
                    pixels.zip(mirrored).for_each(|(to, from)| to.copy_from_slice(from));
                }
            }
        }
    }
}

impl Augmentation for RandomFlip {
    /// Whether the image is mirrored.
    type Draw = bool;

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn data_format(&self) -> DataFormat {
        self.data_format
    }

    fn seed(&self) -> Option<u64> {
        self.seed
    }

    fn draw(&self, _: Frame, rng: &mut Rng) -> bool {
        rng.random()
    }

    fn apply(&self, flips: &bool, frame: Frame, x: &[f32], y: &mut [f32]) {
        if *flips { self.mirror(frame, x, y) } else { y.copy_from_slice(x) }
    }

    fn pull(&self, flips: &bool, frame: Frame, _: &[f32], dy: &[f32], dx: &mut [f32]) {
        // A mirror image of a mirror image is the image.
        self.apply(flips, frame, dy, dx);
    }
}

augmentation!(RandomFlip);
