//! The times of a sequence (batch, time, ...), one by one.

use ceratops_core::{Error, Result, Shape, Tensor};

/// How many samples and times there are, and the shape of a state of one sample.
#[derive(Debug, Clone)]
pub(super) struct Sizes {
    pub(in crate::layers) batch: usize,
    pub(in crate::layers) time: usize,
    pub(in crate::layers) state: Vec<usize>,
}

impl Sizes {
    /// A sequence of states, to be written; or, with so many gates, one with a column for each gate of
    /// each unit.
    pub(in crate::layers) fn sequence(&self, gates: usize) -> Tensor {
        Tensor::for_overwrite(&with_gates(&[self.batch, self.time], &self.state, gates))
    }

    /// The states of one time, zeros.
    pub(in crate::layers) fn zeros(&self) -> Tensor {
        Tensor::zeros(&with_gates(&[self.batch], &self.state, 1))
    }

    /// Refuses a gradient that has not the shape of the output: all times, or the last one.
    pub(in crate::layers) fn expect_output(&self, all_times: bool, dy: &Tensor) -> Result<()> {
        let lead = [self.batch, self.time];
        let expected = with_gates(&lead[..if all_times { 2 } else { 1 }], &self.state, 1);
        expect("gradient of the output", &expected, dy)
    }

    /// Refuses a state, or its gradient, of another shape.
    pub(in crate::layers) fn expect_state(&self, what: &str, state: &Tensor) -> Result<()> {
        expect(what, &with_gates(&[self.batch], &self.state, 1), state)
    }
}

fn expect(what: &str, expected: &[usize], found: &Tensor) -> Result<()> {
    if found.shape() == expected {
        return Ok(());
    }
    Err(Error::shape(what, Shape::of(expected), found.shape(), ""))
}

fn with_gates(lead: &[usize], state: &[usize], gates: usize) -> Vec<usize> {
    let mut shape = [lead, state].concat();
    if let Some(last) = shape.last_mut() {
        *last = last.saturating_mul(gates);
    }
    shape
}

/// Writes `row` to all rows of `to`, or zeros.
pub(in crate::layers) fn repeat(row: Option<&[f32]>, to: &mut Tensor) {
    let numbers = to.as_mut_slice();
    match row {
        Some(row) => {
            numbers.chunks_exact_mut(row.len().max(1)).for_each(|to| to.copy_from_slice(row));
        }
        None => numbers.fill(0.0),
    }
}

/// What stands at time `t`: (batch, ...) of (batch, time, ...).
pub(in crate::layers) fn take(sequence: &Tensor, t: usize) -> Tensor {
    let (n, sample) = lengths(sequence);
    let shape = sequence.shape();
    let mut step = Tensor::for_overwrite(&[&shape[..1], &shape[2..]].concat());
    let samples = sequence.as_slice().chunks_exact(sample);
    for (to, from) in step.as_mut_slice().chunks_exact_mut(n).zip(samples) {
        to.copy_from_slice(&from[t * n..(t + 1) * n]);
    }
    step
}

/// Puts `step` to time `t`: (batch, ...) into (batch, time, ...).
pub(in crate::layers) fn put(step: &Tensor, sequence: &mut Tensor, t: usize) {
    let (n, sample) = lengths(sequence);
    let samples = sequence.as_mut_slice().chunks_exact_mut(sample);
    for (to, from) in samples.zip(step.as_slice().chunks_exact(n)) {
        to[t * n..(t + 1) * n].copy_from_slice(from);
    }
}

/// The same sequence from its end.
pub(in crate::layers) fn reversed(sequence: &Tensor) -> Tensor {
    let (n, sample) = lengths(sequence);
    let mut turned = Tensor::for_overwrite(sequence.shape());
    let samples = turned.as_mut_slice().chunks_exact_mut(sample);
    for (to, from) in samples.zip(sequence.as_slice().chunks_exact(sample)) {
        let times = to.chunks_exact_mut(n).rev();
        times.zip(from.chunks_exact(n)).for_each(|(to, from)| to.copy_from_slice(from));
    }
    turned
}

/// The numbers of one time, and of a whole sample, each at least 1.
fn lengths(sequence: &Tensor) -> (usize, usize) {
    let sample = sequence.sample_len();
    let time = sequence.shape().get(1).copied().unwrap_or(1);
    (sample.checked_div(time).unwrap_or(0).max(1), sample.max(1))
}
