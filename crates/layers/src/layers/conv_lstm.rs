//! ConvLSTM1D, ConvLSTM2D and ConvLSTM3D: an LSTM whose products are convolutions.

mod cell;
mod linear;

pub use self::cell::{ConvLSTMCell, ConvLSTMRank};
use super::recurrent::Recurrent;
use crate::{Extent, One, Three, Two};

/// An [`LSTM`](crate::LSTM) over sequences of images, whose products with the kernels are convolutions:
/// from (batch, time, height, width, channels) to (batch, rows, columns, filters), which is the shape of
/// its states too.
///
/// z = x ∗ kernel + h₋₁ ∗ recurrent_kernel + bias, of which the first convolution has these `strides`,
/// this `padding` and `dilation_rate`, and the second one has stride 1 and pads that keep the shape. What
/// every such layer does with its sequence is said at [`Recurrent`].
///
/// Weights: `kernel` (kernel height, kernel width, channels, 4 filters), `recurrent_kernel` (kernel
/// height, kernel width, filters, 4 filters) and `bias` (4 filters,), each with its filters in the order
/// i, f, c, o.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{ConvLSTM2D, Input, sequential};
///
/// let model = sequential![Input::new([5, 8, 8, 1]), ConvLSTM2D::new(4, 3)]?;
/// assert_eq!(model.predict(Tensor::zeros(&[2, 5, 8, 8, 1]))?.shape(), [2, 6, 6, 4]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Shi et al. 2015, "Convolutional LSTM Network: A Machine Learning Approach for Precipitation
/// Nowcasting"; Keras, `keras.layers.ConvLSTM2D`.
pub type ConvLSTM2D = Recurrent<ConvLSTMCell<Two>>;

/// The [`ConvLSTM2D`] of sequences of sequences: from (batch, time, steps, channels) to (batch, steps,
/// filters).
pub type ConvLSTM1D = Recurrent<ConvLSTMCell<One>>;

/// The [`ConvLSTM2D`] of sequences of volumes: from (batch, time, depth, height, width, channels) to
/// (batch, depth, rows, columns, filters).
pub type ConvLSTM3D = Recurrent<ConvLSTMCell<Three>>;

impl<R: ConvLSTMRank> Recurrent<ConvLSTMCell<R>> {
    /// A layer of `filters` kernels of size `kernel_size`, which is one number for all axes or one for
    /// each, with Keras' defaults.
    pub fn new(filters: usize, kernel_size: impl Into<Extent<R>>) -> Self {
        Self::over(ConvLSTMCell::new(filters, kernel_size.into()))
    }

    builders! { strides padding data_format dilation_rate }
}

cell_builders! {
    @ [<R: ConvLSTMRank>] Recurrent<ConvLSTMCell<R>>: recurrent_activation unit_forget_bias
}
