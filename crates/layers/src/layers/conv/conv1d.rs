//! Conv1D: a kernel slides over a sequence.

use super::{Conv, ConvRank};
use crate::One;

/// y\[t, f\] = activation(Σ x\[t·s + k·d, g\] · kernel\[k, g, f\] + bias\[f\]), summed over the kernel's steps
/// k and the input channels g, with stride s and dilation d.
///
/// From (batch, steps, channels) to (batch, steps, filters). Weights: `kernel` (kernel size,
/// channels / groups, filters) and `bias` (filters,). With [`Padding::Causal`](crate::Padding::Causal) no
/// output sees a later step.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Conv1D, Input, Padding, sequential};
///
/// // The sum of this step and the one before.
/// let layer = Conv1D::new(1, 2).padding(Padding::Causal).kernel_initializer("ones");
/// let model = sequential![Input::new([3, 1]), layer]?;
/// let y = model.predict([[[1.0], [2.0], [3.0]]])?;
/// assert_eq!(y, Tensor::from([[[1.0], [3.0], [5.0]]]));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Conv1D`.
pub type Conv1D = Conv<One>;

impl ConvRank for One {
    const CONV: &'static str = "Conv1D";
}
