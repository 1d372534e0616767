//! RandomWidth: makes images wider or narrower, while training.

use serde::{Deserialize, Serialize};

use super::{
    Factor, Frame, Interpolation,
    factor::symmetric,
    sides::{sides, times},
};

/// y = x with ⌊(1 + f) · W⌋ columns, but no fewer than one, while training, where f is drawn for the whole batch; y = x
/// otherwise. How many come out is open.
///
/// Only Keras 2 has this class: files for Keras 3 are refused.
///
/// ```
/// use ceratops_layers::{Conv2D, GlobalAveragePooling2D, Input, RandomWidth, sequential};
///
/// let layers = sequential![
///     Input::new([28, 28, 1]),
///     RandomWidth::new(0.2),
///     Conv2D::new(4, 3),
///     GlobalAveragePooling2D::new(),
/// ]?;
/// assert_eq!(layers.output_shape().unwrap().to_string(), "(None, 4)");
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras 2, `tf_keras.layers.RandomWidth`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomWidth {
    /// The range of f; a number f stands for -f to f.
    #[serde(deserialize_with = "symmetric")]
    pub factor: Factor,
    /// How pixels between the pixels are made.
    pub interpolation: Interpolation,
    /// Told apart by it, two layers draw different numbers; without, by their place.
    pub seed: Option<u64>,
}

sides!(RandomWidth, 2, |frame: Frame, share| [frame.height, times(frame.width, share)]);
