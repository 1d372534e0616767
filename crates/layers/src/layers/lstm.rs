//! LSTM: a memory that is written, kept and read through gates, step by step.

use ceratops_core::{Context, Gradients, Inside, Result, Rng, Tensor, vectorize};

use ceratops_weights::Initializer;

use super::recurrent::{
    Back, Cell, Governing, Linear, Recurrent, WEIGHTS, Weights, back, columns_beside, join,
    product, split,
};
use crate::{AnyActivation, any_activation::SavedActivation};

/// h = o · φ(c), c = f · c₋₁ + i · φ(z_c), i = σ(z_i), f = σ(z_f), o = σ(z_o), for each time, where
/// z = x · kernel + h₋₁ · recurrent_kernel + bias: from (batch, time, features) to (batch, units).
///
/// φ is `activation`, σ is `recurrent_activation`; the states h₋₁ and c₋₁ are those of the time before.
/// The output is h. What every such layer does with its sequence is said at [`Recurrent`].
///
/// Weights: `kernel` (features, 4 units), `recurrent_kernel` (units, 4 units) and `bias`
/// (4 units,), each with its columns in the order i, f, c, o.
///
/// ```
/// use ceratops_layers::{Dense, Input, LSTM, sequential};
///
/// let model = sequential![
///     Input::new([None, Some(3)]),
///     LSTM::new(8).return_sequences(true),
///     LSTM::new(4),
///     Dense::new(1),
/// ]?;
/// assert_eq!(model.layers()[0].output_shape().unwrap().to_string(), "(None, None, 8)");
/// assert_eq!(model.predict([[[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]])?.shape(), [1, 1]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Hochreiter and Schmidhuber 1997, "Long Short-Term Memory"; Keras, `keras.layers.LSTM`.
pub type LSTM = Recurrent<LSTMCell>;

cell! {
    /// One step of an [`LSTM`], for [`RNN`](crate::RNN).
    ///
    /// Source: Keras, `keras.layers.LSTMCell`.
    LSTMCell, units: "How many outputs.",
    /// σ, applied to the gates.
    recurrent_activation: AnyActivation = "sigmoid".into(),
    /// Whether the bias of f is 1 at first, whatever the initializer: nothing is forgotten so far.
    unit_forget_bias: bool = true,
}

cell_builders! { LSTMCell: recurrent_activation unit_forget_bias }
cell_builders! { LSTM: recurrent_activation unit_forget_bias }

impl LSTMCell {
    /// A cell of `units` outputs with Keras' defaults.
    pub fn new(units: usize) -> Self {
        Self { units, ..Self::default() }
    }
}

impl LSTM {
    /// A layer of `units` outputs with Keras' defaults.
    pub fn new(units: usize) -> Self {
        Self::over(LSTMCell::new(units))
    }
}

/// What the gradient of a step needs.
#[derive(Debug)]
pub struct Step {
    /// i, f and o, one below the other: (3 batch, units).
    gates: Tensor,
    /// φ(z_c)
    candidate: Tensor,
    /// c₋₁
    before: Tensor,
    /// φ(c)
    squashed: Tensor,
    /// What the functions keep for the gates, the candidate and c.
    saved: [Option<SavedActivation>; 3],
}

/// Which columns are i, f and o, and which the candidate.
const GATES: [usize; 3] = [0, 1, 3];
const CANDIDATE: [usize; 1] = [2];

impl Cell for LSTMCell {
    const LAYER: &'static str = "LSTM";
    const CLASS_NAME: &'static str = "LSTMCell";
    const STATES: usize = 2;
    const GATES: usize = 4;
    type Step = Step;

    fn first_bias(&self, rng: &mut Rng) -> Result<Option<Tensor>> {
        let forgets = self.unit_forget_bias;
        let draw = || first_bias(&self.bias_initializer, forgets, self.units, rng);
        self.use_bias.then(draw).transpose()
    }

    fn step(
        &self,
        mut z: Tensor,
        states: &mut [Tensor],
        recurrent: &Linear<'_>,
        cx: &mut Context,
    ) -> Result<Option<Step>> {
        let [h, c] = states else { return Ok(None) };
        recurrent.multiply(h, 0..4, &mut z);
        remember([&self.activation, &self.recurrent_activation], &z, [h, c], cx)
    }

    fn step_back(
        &self,
        step: Step,
        states: &mut [Tensor],
        _: (&Linear<'_>, &Tensor),
        dw: &mut Gradients<'_>,
    ) -> Result<Back> {
        let dz = remember_back([&self.activation, &self.recurrent_activation], step, states, dw)?;
        Ok(Back { dz, recurrent: None, inner: None, direct: None })
    }

    cell_arguments! { units, activation recurrent_activation }
}

/// The bias' first values: as the initializer has it, but 1 for f unless nothing is wanted there.
pub(super) fn first_bias(
    initializer: &Initializer,
    unit_forget_bias: bool,
    units: usize,
    rng: &mut Rng,
) -> Result<Tensor> {
    let mut draw = |len| initializer.draw(&[len], rng);
    if !unit_forget_bias {
        return draw(units.saturating_mul(4));
    }
    let before = draw(units)?;
    Tensor::concat(&[before, Tensor::full(&[units], 1.0), draw(units.saturating_mul(2))?])
}

/// Takes h and c a step further, by φ and σ, where z has four columns a unit.
pub(super) fn remember(
    [activation, recurrent_activation]: [&AnyActivation; 2],
    z: &Tensor,
    [h, c]: [&mut Tensor; 2],
    cx: &mut Context,
) -> Result<Option<Step>> {
    let (gates, candidate) = (split(z, &GATES, 4), split(z, &CANDIDATE, 4));
    let (gates, of_gates) = recurrent_activation.forward(gates, cx, WEIGHTS)?;
    cx.show(Inside::Gates, &gates);
    let (candidate, of_candidate) = activation.forward(candidate, cx, WEIGHTS)?;
    let before = cx.save(|| c.clone());
    let [i, f, o] = thirds(&gates);
    // c = f · c₋₁ + i · φ(z_c)
    write(c.as_mut_slice(), f, i, candidate.as_slice());
    let (squashed, of_c) = activation.forward(c.clone(), cx, WEIGHTS)?;
    // h = o · φ(c)
    *h = product(o, &squashed);
    let saved = [of_gates, of_candidate, of_c];
    Ok(before.map(|before| Step { gates, candidate, before, squashed, saved }))
}

/// dL/dz, where `states` hold dL/dh and what the next step says of dL/dc; the second then holds what
/// this step says of dL/dc₋₁.
pub(super) fn remember_back(
    [activation, recurrent_activation]: [&AnyActivation; 2],
    step: Step,
    states: &mut [Tensor],
    dw: &mut Gradients<'_>,
) -> Result<Tensor> {
    let Step { gates, candidate, before, squashed, saved: [of_gates, of_candidate, of_c] } = step;
    let [dh, dc] = states else { return Ok(gates) };
    let [i, f, o] = thirds(&gates);
    // dL/dc = o · φ'(c) · dL/dh + what the next step says
    dc.add_scaled(1.0, &back(activation, of_c, product(o, dh), dw)?)?;
    // dL/di = dL/dc · φ(z_c), dL/df = dL/dc · c₋₁, dL/do = dL/dh · φ(c)
    let parts = [
        product(dc.as_slice(), &candidate),
        product(dc.as_slice(), &before),
        product(dh.as_slice(), &squashed),
    ];
    let dgates = back(recurrent_activation, of_gates, Tensor::concat(&parts)?, dw)?;
    // dL/dφ(z_c) = dL/dc · i
    let dcandidate = back(activation, of_candidate, product(i, dc), dw)?;
    // dL/dc₋₁ = dL/dc · f
    *dc = product(f, dc);
    let mut dz = columns_beside(&dcandidate, 4);
    join(&dgates, &GATES, 4, &mut dz);
    join(&dcandidate, &CANDIDATE, 4, &mut dz);
    Ok(dz)
}

/// i, f and o.
fn thirds(gates: &Tensor) -> [&[f32]; 3] {
    let (i, others) = gates.as_slice().split_at(gates.len() / 3);
    let (f, o) = others.split_at(others.len() / 2);
    [i, f, o]
}

/// c = f · c + i · candidate
fn write(c: &mut [f32], f: &[f32], i: &[f32], candidate: &[f32]) {
    vectorize(
        #[inline(always)]
        move || {
            for (((c, f), i), candidate) in c.iter_mut().zip(f).zip(i).zip(candidate) {
                *c = f * *c + i * candidate;
            }
        },
    );
}
