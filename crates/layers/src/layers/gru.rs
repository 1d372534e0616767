//! GRU: a state that gates renew or keep, step by step.

use ceratops_core::{Context, Gradients, Inside, Result, Rng, Tensor};

use super::recurrent::{
    Back, Cell, Governing, Linear, Recurrent, WEIGHTS, Weights, back, columns_beside, combine,
    join, product, repeat, split,
};
use crate::{AnyActivation, any_activation::SavedActivation};

/// h = z · h₋₁ + (1 - z) · φ(a), z = σ(a_z), r = σ(a_r), for each time: from (batch, time, features) to
/// (batch, units).
///
/// a_z and a_r are the columns of x · kernel + h₋₁ · recurrent_kernel + bias. Those of the candidate are
/// a = x · kernel + b + r · (h₋₁ · recurrent_kernel + b'), with a bias of its own for the recurrent
/// product; or, with `reset_after(false)`, x · kernel + b + (r · h₋₁) · recurrent_kernel.
///
/// φ is `activation`, σ is `recurrent_activation`; the state h₋₁ is that of the time before. What every
/// such layer does with its sequence is said at [`Recurrent`].
///
/// Weights: `kernel` (features, 3 units), `recurrent_kernel` (units, 3 units) and `bias`, (2, 3 units),
/// its second row for the recurrent product, or (3 units,) with `reset_after(false)`; each with its
/// columns in the order z, r, h.
///
/// ```
/// use ceratops_layers::{Dense, GRU, Input, sequential};
///
/// let model = sequential![Input::new([None, Some(3)]), GRU::new(4), Dense::new(1)]?;
/// assert_eq!(model.get_weights()[2].shape(), [2, 12]);
/// assert_eq!(model.predict([[[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]])?.shape(), [1, 1]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder for Statistical
/// Machine Translation"; Keras, `keras.layers.GRU`.
pub type GRU = Recurrent<GRUCell>;

cell! {
    /// One step of a [`GRU`], for [`RNN`](crate::RNN).
    ///
    /// Source: Keras, `keras.layers.GRUCell`.
    GRUCell, units: "How many outputs.",
    /// σ, applied to the gates.
    recurrent_activation: AnyActivation = "sigmoid".into(),
    /// Whether r is applied behind the recurrent product, or to h₋₁ before it.
    reset_after: bool = true,
}

cell_builders! { GRUCell: recurrent_activation reset_after }
cell_builders! { GRU: recurrent_activation reset_after }

impl GRUCell {
    /// A cell of `units` outputs with Keras' defaults.
    pub fn new(units: usize) -> Self {
        Self { units, ..Self::default() }
    }

    /// The bias of the recurrent product, if it has one of its own.
    fn recurrent_bias(&self) -> Option<&[f32]> {
        let bias = self.weights.bias.as_ref()?.value().as_slice();
        bias.get(3 * self.units..).filter(|row| !row.is_empty())
    }
}

impl GRU {
    /// A layer of `units` outputs with Keras' defaults.
    pub fn new(units: usize) -> Self {
        Self::over(GRUCell::new(units))
    }
}

/// What the gradient of a step needs.
#[derive(Debug)]
pub struct Step {
    /// h₋₁
    before: Tensor,
    /// z and r, one below the other: (2 batch, units).
    gates: Tensor,
    /// φ(a)
    candidate: Tensor,
    /// What r is multiplied with: h₋₁ · recurrent_kernel + b', or h₋₁.
    reset: Tensor,
    /// What the functions keep for the gates and the candidate.
    saved: [Option<SavedActivation>; 2],
}

/// Which columns are z and r, and which the candidate.
const GATES: [usize; 2] = [0, 1];
const CANDIDATE: [usize; 1] = [2];

impl Cell for GRUCell {
    const LAYER: &'static str = "GRU";
    const CLASS_NAME: &'static str = "GRUCell";
    const STATES: usize = 1;
    const GATES: usize = 3;
    type Step = Step;

    fn first_bias(&self, rng: &mut Rng) -> Result<Option<Tensor>> {
        let columns = self.units.saturating_mul(3);
        let shape = [2, columns];
        let shape = if self.reset_after { &shape[..] } else { &shape[1..] };
        self.use_bias.then(|| self.bias_initializer.draw(shape, rng)).transpose()
    }

    fn direct_gates(&self) -> usize {
        if self.reset_after { 3 } else { 2 }
    }

    fn step(
        &self,
        mut a: Tensor,
        states: &mut [Tensor],
        recurrent: &Linear<'_>,
        cx: &mut Context,
    ) -> Result<Option<Step>> {
        let [h] = states else { return Ok(None) };
        let mut reset = h.clone();
        if self.reset_after {
            let mut inner = columns_beside(h, 3);
            repeat(self.recurrent_bias(), &mut inner);
            recurrent.multiply(h, 0..3, &mut inner);
            reset = split(&inner, &CANDIDATE, 3);
            // The candidate's column waits for r.
            join(&Tensor::zeros(reset.shape()), &CANDIDATE, 3, &mut inner);
            a.add_scaled(1.0, &inner)?;
        } else {
            recurrent.multiply(h, 0..2, &mut a);
        }
        let (gates, of_gates) =
            self.recurrent_activation.forward(split(&a, &GATES, 3), cx, WEIGHTS)?;
        cx.show(Inside::Gates, &gates);
        let (z, r) = halves(&gates);
        let was_reset = product(r, &reset);
        let mut candidate;
        if self.reset_after {
            candidate = split(&a, &CANDIDATE, 3);
            candidate.add_scaled(1.0, &was_reset)?;
        } else {
            recurrent.multiply(&was_reset, 2..3, &mut a);
            candidate = split(&a, &CANDIDATE, 3);
        }
        let (candidate, of_candidate) = self.activation.forward(candidate, cx, WEIGHTS)?;
        // h = z · h₋₁ + (1 - z) · φ(a)
        let new = combine(&candidate, h.as_slice(), z, |new, h, z| z * h + (1.0 - z) * new);
        let before = std::mem::replace(h, new);
        let saved = [of_gates, of_candidate];
        Ok(cx.save(|| Step { before, gates, candidate, reset, saved }))
    }

    fn step_back(
        &self,
        step: Step,
        states: &mut [Tensor],
        (recurrent, turned): (&Linear<'_>, &Tensor),
        dw: &mut Gradients<'_>,
    ) -> Result<Back> {
        let Step { before, gates, candidate, reset, saved: [of_gates, of_candidate] } = step;
        let (z, r) = halves(&gates);
        let dh = &states[0];
        let mut direct = product(z, dh);
        // dL/dz = dL/dh · (h₋₁ - φ(a)), dL/dφ(a) = dL/dh · (1 - z)
        let dz = combine(dh, before.as_slice(), candidate.as_slice(), |dh, h, new| dh * (h - new));
        let dcandidate = combine(dh, z, z, |dh, z, _| dh * (1.0 - z));
        let dcandidate = back(&self.activation, of_candidate, dcandidate, dw)?;
        let mut da = columns_beside(&dcandidate, 3);
        join(&dcandidate, &CANDIDATE, 3, &mut da);
        // What r · (…) is given
        let dreset = match self.reset_after {
            true => dcandidate,
            false => recurrent.input_gradient(&da, 2..3, turned)?,
        };
        let dr = product(dreset.as_slice(), &reset);
        let dgates = Tensor::concat(&[dz, dr])?;
        let dgates = back(&self.recurrent_activation, of_gates, dgates, dw)?;
        join(&dgates, &GATES, 3, &mut da);
        let through = product(r, &dreset);
        if self.reset_after {
            let mut of_recurrent = da.clone();
            join(&through, &CANDIDATE, 3, &mut of_recurrent);
            let recurrent = Some(of_recurrent);
            return Ok(Back { dz: da, recurrent, inner: None, direct: Some(direct) });
        }
        direct.add_scaled(1.0, &through)?;
        let inner = Some(product(r, &reset));
        Ok(Back { dz: da, recurrent: None, inner, direct: Some(direct) })
    }

    cell_arguments! { units, activation recurrent_activation }
}

/// z and r.
fn halves(gates: &Tensor) -> (&[f32], &[f32]) {
    gates.as_slice().split_at(gates.len() / 2)
}
