//! Conv1DTranspose: each step of a sequence spreads a kernel over a longer one.

use super::{ConvTranspose, TransposeRank};
use crate::One;

/// y\[q, f\] = activation(Σ x\[t, g\] · kernel\[k, f, g\] + bias\[f\]), summed over all steps t, taps k and
/// channels g with t·s + k·d = q + pads.
///
/// From (batch, steps, channels) to (batch, steps, filters); [`ConvTranspose`] says how many steps.
/// Weights: `kernel` (kernel size, filters, channels) and `bias` (filters,).
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Conv1DTranspose, Input, sequential};
///
/// let layer = Conv1DTranspose::new(1, 3).strides(2).kernel_initializer("ones");
/// let model = sequential![Input::new([2, 1]), layer]?;
/// let y = model.predict([[[1.0], [10.0]]])?;
/// assert_eq!(y, Tensor::from([[[1.0], [1.0], [11.0], [10.0], [10.0]]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Conv1DTranspose`.
pub type Conv1DTranspose = ConvTranspose<One>;

impl TransposeRank for One {
    const CONV_TRANSPOSE: &'static str = "Conv1DTranspose";
}
