//! RNN: a cell, or several upon each other, over a sequence.

mod cells;

pub use self::cells::{HeldCells, RNNCell};
use super::recurrent::Recurrent;

/// What the cell gives for each time, from (batch, time, features) to (batch, units): the layer for a
/// cell of one's choice, [`LSTMCell`](crate::LSTMCell), [`GRUCell`](crate::GRUCell) or
/// [`SimpleRNNCell`](crate::SimpleRNNCell), or for several, of which each reads what the one before it
/// puts out: Keras' `RNN([cell, cell])`, which is a `StackedRNNCells`.
///
/// With `return_state` the states of all cells are put out, in the order of the cells. What every such
/// layer does with its sequence is said at [`Recurrent`].
///
/// Weights: those of the cells.
///
/// ```
/// use ceratops_layers::{GRUCell, Input, LSTMCell, RNN, sequential};
///
/// let stacked = RNN::stacked([LSTMCell::new(4).into(), GRUCell::new(3).into()]);
/// let model = sequential![Input::new([None, Some(2)]), stacked]?;
/// assert_eq!(model.predict([[[0.1, 0.2], [0.3, 0.4]]])?.shape(), [1, 3]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.RNN`, `keras.layers.StackedRNNCells`.
pub type RNN = Recurrent<HeldCells>;

impl RNN {
    /// The layer that runs this cell.
    pub fn new(cell: impl Into<RNNCell>) -> Self {
        Self::over(HeldCells::one(cell.into()))
    }

    /// The layer that runs these cells, of which each reads what the one before it puts out.
    pub fn stacked(cells: impl IntoIterator<Item = RNNCell>) -> Self {
        Self::over(HeldCells::stacked(cells))
    }
}
