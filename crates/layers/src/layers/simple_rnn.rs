//! SimpleRNN: a layer that sees its own last output beside the input.

use ceratops_core::{Context, Gradients, Result, Rng, Tensor};

use super::recurrent::{Back, Cell, Governing, Linear, Recurrent, WEIGHTS, Weights, back};
use crate::any_activation::SavedActivation;

/// h = φ(x · kernel + h₋₁ · recurrent_kernel + bias), for each time: from (batch, time, features) to
/// (batch, units).
///
/// φ is `activation`; the state h₋₁ is that of the time before. What every such layer does with its
/// sequence is said at [`Recurrent`].
///
/// Weights: `kernel` (features, units), `recurrent_kernel` (units, units) and `bias` (units,).
///
/// ```
/// use ceratops_layers::{Input, SimpleRNN, sequential};
///
/// let model = sequential![Input::new([None, Some(3)]), SimpleRNN::new(4).return_sequences(true)]?;
/// assert_eq!(model.predict([[[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]])?.shape(), [1, 2, 4]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Elman 1990, "Finding Structure in Time"; Keras, `keras.layers.SimpleRNN`.
pub type SimpleRNN = Recurrent<SimpleRNNCell>;

cell! {
    /// One step of a [`SimpleRNN`], for [`RNN`](crate::RNN).
    ///
    /// Source: Keras, `keras.layers.SimpleRNNCell`.
    SimpleRNNCell, units: "How many outputs.",
}

cell_builders! { SimpleRNNCell: }
cell_builders! { SimpleRNN: }

impl SimpleRNNCell {
    /// A cell of `units` outputs with Keras' defaults.
    pub fn new(units: usize) -> Self {
        Self { units, ..Self::default() }
    }
}

impl SimpleRNN {
    /// A layer of `units` outputs with Keras' defaults.
    pub fn new(units: usize) -> Self {
        Self::over(SimpleRNNCell::new(units))
    }
}

impl Cell for SimpleRNNCell {
    const LAYER: &'static str = "SimpleRNN";
    const CLASS_NAME: &'static str = "SimpleRNNCell";
    const STATES: usize = 1;
    const GATES: usize = 1;
    const DROPS_ALL: bool = true;
    /// What the function keeps.
    type Step = Option<SavedActivation>;

    fn first_bias(&self, rng: &mut Rng) -> Result<Option<Tensor>> {
        self.use_bias.then(|| self.bias_initializer.draw(&[self.units], rng)).transpose()
    }

    fn step(
        &self,
        mut z: Tensor,
        states: &mut [Tensor],
        recurrent: &Linear<'_>,
        cx: &mut Context,
    ) -> Result<Option<Self::Step>> {
        recurrent.multiply(&states[0], 0..1, &mut z);
        let (h, saved) = self.activation.forward(z, cx, WEIGHTS)?;
        states[0] = h;
        Ok(cx.save(|| saved))
    }

    fn step_back(
        &self,
        saved: Self::Step,
        states: &mut [Tensor],
        _: (&Linear<'_>, &Tensor),
        dw: &mut Gradients<'_>,
    ) -> Result<Back> {
        let dz = back(&self.activation, saved, states[0].clone(), dw)?;
        Ok(Back { dz, recurrent: None, inner: None, direct: None })
    }

    cell_arguments! { units, activation }
}
