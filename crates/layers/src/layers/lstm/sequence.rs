//! The times of a sequence (batch, time, ...), one by one.

use ceratops_core::{Error, Result, Shape, Tensor};

/// How many samples, times and units there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) batch: usize,
    pub(super) time: usize,
    pub(super) units: usize,
}

impl Sizes {
    /// A sequence of states, to be written.
    pub(super) fn sequence(self) -> Tensor {
        Tensor::for_overwrite(&[self.batch, self.time, self.units])
    }

    /// A sequence with a column for each gate of each unit, to be written.
    pub(super) fn columns(self) -> Tensor {
        Tensor::for_overwrite(&[self.batch, self.time, 4 * self.units])
    }

    /// Refuses a gradient that has not the shape of the output: all times, or the last one.
    pub(super) fn expect_output(self, all_times: bool, dy: &Tensor) -> Result<()> {
        let all = [self.batch, self.time, self.units];
        let last = [self.batch, self.units];
        let expected = if all_times { &all[..] } else { &last };
        if dy.shape() == expected {
            return Ok(());
        }
        Err(Error::shape("gradient of the output", Shape::of(expected), dy.shape(), ""))
    }
}

/// A sequence in which `row` stands at every time, or zeros.
pub(super) fn repeated(row: Option<&Tensor>, sizes: Sizes) -> Tensor {
    let mut sequence = sizes.columns();
    let numbers = sequence.as_mut_slice();
    match row {
        Some(row) => numbers
            .chunks_exact_mut(row.len().max(1))
            .for_each(|to| to.copy_from_slice(row.as_slice())),
        None => numbers.fill(0.0),
    }
    sequence
}

/// What stands at time `t`: (batch, n) of (batch, time, n).
pub(super) fn take(sequence: &Tensor, t: usize) -> Tensor {
    let (batch, n, sample) = lengths(sequence);
    let mut step = Tensor::for_overwrite(&[batch, n]);
    let samples = sequence.as_slice().chunks_exact(sample);
    for (to, from) in step.as_mut_slice().chunks_exact_mut(n.max(1)).zip(samples) {
        to.copy_from_slice(&from[t * n..(t + 1) * n]);
    }
    step
}

/// Puts `step` to time `t`: (batch, n) into (batch, time, n).
pub(super) fn put(step: &Tensor, sequence: &mut Tensor, t: usize) {
    let (_, n, sample) = lengths(sequence);
    let samples = sequence.as_mut_slice().chunks_exact_mut(sample);
    for (to, from) in samples.zip(step.as_slice().chunks_exact(n.max(1))) {
        to[t * n..(t + 1) * n].copy_from_slice(from);
    }
}

/// The same sequence from its end.
pub(super) fn reversed(sequence: &Tensor) -> Tensor {
    let (_, n, sample) = lengths(sequence);
    let mut turned = Tensor::for_overwrite(sequence.shape());
    let samples = turned.as_mut_slice().chunks_exact_mut(sample);
    for (to, from) in samples.zip(sequence.as_slice().chunks_exact(sample)) {
        let times = to.chunks_exact_mut(n.max(1)).rev();
        times.zip(from.chunks_exact(n.max(1))).for_each(|(to, from)| to.copy_from_slice(from));
    }
    turned
}

/// The number of samples, the length of the last axis, and that of a whole sample, at least 1.
fn lengths(sequence: &Tensor) -> (usize, usize, usize) {
    let n = sequence.shape().last().copied().unwrap_or(0);
    (sequence.batch(), n, sequence.sample_len().max(1))
}
