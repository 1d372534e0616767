//! One step of an LSTM, and its gradient.

use ceratops_core::{Context, Error, Gradients, Result, Rng, Shape, Tensor, vectorize};

use super::{WEIGHTS, sequence::Sizes};
use crate::{AnyActivation, any_activation::SavedActivation};

/// The functions that a step applies.
pub(super) struct Cell<'a> {
    pub(super) activation: &'a AnyActivation,
    pub(super) recurrent_activation: &'a AnyActivation,
}

/// What passes from one step to the next, or on the way back its gradient: (batch, units) each.
#[derive(Clone)]
pub(super) struct State {
    pub(super) h: Tensor,
    pub(super) c: Tensor,
}

impl State {
    pub(super) fn zeros(sizes: Sizes) -> Self {
        let shape = [sizes.batch, sizes.units];
        Self { h: Tensor::zeros(&shape), c: Tensor::zeros(&shape) }
    }
}

/// What the gradient of a step needs.
#[derive(Debug)]
pub(super) struct Step {
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

impl Cell<'_> {
    /// Refuses what cannot be applied.
    pub(super) fn validate(&self) -> Result<()> {
        self.activation.validate()?;
        self.recurrent_activation.validate()
    }

    /// Refuses functions that give another shape than that of the state.
    pub(super) fn check(&self, state: &Shape) -> Result<()> {
        for (key, activation) in
            [("activation", self.activation), ("recurrent_activation", self.recurrent_activation)]
        {
            if activation.output_shape(state)? != *state {
                let expected = "a function that keeps the shape of its input";
                return Err(Error::argument(key, expected, activation.name()));
            }
        }
        Ok(())
    }

    /// Takes the state a step further, where z is (batch, 4 units).
    pub(super) fn forward(
        &self,
        z: &Tensor,
        state: &mut State,
        cx: &mut Context,
    ) -> Result<Option<Step>> {
        let (gates, candidate) = split(z, state.h.shape());
        let (gates, of_gates) = self.recurrent_activation.forward(gates, cx, WEIGHTS)?;
        let (candidate, of_candidate) = self.activation.forward(candidate, cx, WEIGHTS)?;
        let before = cx.save(|| state.c.clone());
        let [i, f, o] = thirds(&gates);
        // c = f · c₋₁ + i · φ(z_c)
        remember(state.c.as_mut_slice(), f, i, candidate.as_slice());
        let (squashed, of_c) = self.activation.forward(state.c.clone(), cx, WEIGHTS)?;
        // h = o · φ(c)
        state.h = product(o, &squashed);
        let saved = [of_gates, of_candidate, of_c];
        Ok(before.map(|before| Step { gates, candidate, before, squashed, saved }))
    }

    /// dL/dz, where `state` holds dL/dh and what the next step says of dL/dc; it then holds what
    /// this one says of dL/dc₋₁.
    pub(super) fn backward(
        &self,
        step: Step,
        state: &mut State,
        dw: &mut Gradients<'_>,
    ) -> Result<Tensor> {
        let Step { gates, candidate, before, squashed, saved: [of_gates, of_candidate, of_c] } =
            step;
        let [i, f, o] = thirds(&gates);
        // dL/dc = o · φ'(c) · dL/dh + what the next step says
        let dc = back(self.activation, of_c, product(o, &state.h), dw)?;
        state.c.add_scaled(1.0, &dc)?;
        let dc = &state.c;
        // dL/di = dL/dc · φ(z_c), dL/df = dL/dc · c₋₁, dL/do = dL/dh · φ(c)
        let parts = [
            product(dc.as_slice(), &candidate),
            product(dc.as_slice(), &before),
            product(state.h.as_slice(), &squashed),
        ];
        let dgates = back(self.recurrent_activation, of_gates, Tensor::concat(&parts)?, dw)?;
        // dL/dφ(z_c) = dL/dc · i
        let dcandidate = back(self.activation, of_candidate, product(i, dc), dw)?;
        // dL/dc₋₁ = dL/dc · f
        state.c = product(f, dc);
        Ok(join(&dgates, &dcandidate))
    }
}

/// Builds an activation, which may be a layer, but not one that learns: it is applied three times
/// a step.
pub(super) fn build(
    key: &str,
    activation: &mut AnyActivation,
    state: &Shape,
    rng: &mut Rng,
) -> Result<()> {
    activation.build(state, rng)?;
    if activation.params().is_empty() {
        return Ok(());
    }
    Err(Error::argument(key, "an activation without weights of its own", activation.name()))
}

/// The gradient of what an activation was given.
fn back(
    activation: &AnyActivation,
    saved: Option<SavedActivation>,
    dy: Tensor,
    dw: &mut Gradients<'_>,
) -> Result<Tensor> {
    match saved {
        Some(saved) => activation.backward(saved, dy, &mut dw.part(WEIGHTS, 0, true)),
        None => Ok(dy),
    }
}

/// The three gates, one below the other, and the candidate, of rows with the four side by side.
fn split(z: &Tensor, state: &[usize]) -> (Tensor, Tensor) {
    let units = z.sample_len() / 4;
    let mut gates = Tensor::for_overwrite(&[3 * z.batch(), units]);
    let mut candidate = Tensor::for_overwrite(state);
    let third = candidate.len();
    let numbers = gates.as_mut_slice();
    let rows = z.as_slice().chunks_exact(z.sample_len().max(1));
    let candidates = candidate.as_mut_slice().chunks_exact_mut(units.max(1));
    for (b, (row, candidate)) in rows.zip(candidates).enumerate() {
        for (gate, quarter) in [0, 1, 3].into_iter().enumerate() {
            let start = gate * third + b * units;
            let from = &row[quarter * units..(quarter + 1) * units];
            numbers[start..start + units].copy_from_slice(from);
        }
        candidate.copy_from_slice(&row[2 * units..3 * units]);
    }
    (gates, candidate)
}

/// The reverse of [`split`].
fn join(gates: &Tensor, candidate: &Tensor) -> Tensor {
    let units = candidate.sample_len();
    let mut z = Tensor::for_overwrite(&[candidate.batch(), 4 * units]);
    let third = candidate.len();
    let numbers = gates.as_slice();
    let candidates = candidate.as_slice().chunks_exact(units.max(1));
    let rows = z.as_mut_slice().chunks_exact_mut((4 * units).max(1));
    for (b, (row, candidate)) in rows.zip(candidates).enumerate() {
        for (gate, quarter) in [0, 1, 3].into_iter().enumerate() {
            let start = gate * third + b * units;
            let to = &mut row[quarter * units..(quarter + 1) * units];
            to.copy_from_slice(&numbers[start..start + units]);
        }
        row[2 * units..3 * units].copy_from_slice(candidate);
    }
    z
}

/// i, f and o.
fn thirds(gates: &Tensor) -> [&[f32]; 3] {
    let (i, others) = gates.as_slice().split_at(gates.len() / 3);
    let (f, o) = others.split_at(others.len() / 2);
    [i, f, o]
}

/// c = f · c + i · candidate
fn remember(c: &mut [f32], f: &[f32], i: &[f32], candidate: &[f32]) {
    vectorize(
        #[inline(always)]
        move || {
            for (((c, f), i), candidate) in c.iter_mut().zip(f).zip(i).zip(candidate) {
                *c = f * *c + i * candidate;
            }
        },
    );
}

/// a · b, number by number, in the shape of b.
fn product(a: &[f32], b: &Tensor) -> Tensor {
    let mut y = Tensor::for_overwrite(b.shape());
    let (numbers, b) = (y.as_mut_slice(), b.as_slice());
    vectorize(
        #[inline(always)]
        move || {
            for ((y, a), b) in numbers.iter_mut().zip(a).zip(b) {
                *y = a * b;
            }
        },
    );
    y
}
