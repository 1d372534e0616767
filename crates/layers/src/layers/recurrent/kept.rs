//! Which times of a sequence count for a recurrent layer, and what becomes of the others.

use ceratops_core::{Error, Mask, Result, Shape, Tensor};

use super::sequence::reversed;

/// For each sample and time, in the order of the steps, 1 if it counts, else 0: (batch, time).
#[derive(Debug, Clone)]
pub struct Kept(Tensor);

impl Kept {
    /// What the mask of the input (batch, time, ...) says; `None` where all times count.
    pub(in crate::layers) fn of(
        mask: Option<&Mask>,
        input: &Tensor,
        backwards: bool,
    ) -> Result<Option<Self>> {
        let Some(mask) = mask.map(Mask::tensor) else { return Ok(None) };
        let expected = input.shape().get(..2).unwrap_or_default();
        if mask.shape() != expected {
            let help = "it says of each time of the input whether it counts";
            return Err(Error::shape("mask", Shape::of(expected), mask.shape(), help));
        }
        Ok(Some(Self(if backwards { reversed(mask) } else { mask.clone() })))
    }

    /// Which times have one that counts before them, or count themselves.
    pub(in crate::layers) fn begun(&self) -> Self {
        let mut begun = self.0.clone();
        for sample in begun.as_mut_slice().chunks_exact_mut(self.0.sample_len().max(1)) {
            sample.iter_mut().fold(0.0, |before: f32, keep| {
                *keep = keep.max(before);
                *keep
            });
        }
        Self(begun)
    }

    /// Gives the samples for which time `t` does not count the states that they had before, or on
    /// the way back the gradients of them.
    pub(in crate::layers) fn hold(&self, t: usize, states: &mut [Tensor], before: &[Tensor]) {
        for (to, from) in states.iter_mut().zip(before) {
            let n = from.sample_len().max(1);
            let rows = to.as_mut_slice().chunks_exact_mut(n).zip(from.as_slice().chunks_exact(n));
            let masked = rows.zip(self.at(t)).filter(|(_, keep)| *keep == 0.0);
            masked.for_each(|((to, from), _)| to.copy_from_slice(from));
        }
    }

    /// Makes the samples 0 for which time `t` does not count.
    pub(in crate::layers) fn clear(&self, t: usize, step: &mut Tensor) {
        let n = step.sample_len();
        clear(step, n, self.at(t));
    }

    /// Makes what is put out, or its gradient, 0 at the times that do not count: (batch, time, ...),
    /// or the last one, (batch, ...).
    pub(in crate::layers) fn silence(&self, output: &mut Tensor, all_times: bool) {
        let time = self.0.sample_len();
        match all_times {
            true => {
                let n = output.sample_len().checked_div(time).unwrap_or(0);
                clear(output, n, self.0.as_slice().iter().copied());
            }
            false => self.clear(time.saturating_sub(1), output),
        }
    }

    /// What holds for each sample at time `t`.
    fn at(&self, t: usize) -> impl Iterator<Item = f32> {
        self.0.as_slice().iter().skip(t).step_by(self.0.sample_len().max(1)).copied()
    }
}

/// Makes each row of `n` numbers 0 of which `keep` is 0.
fn clear(rows: &mut Tensor, n: usize, keep: impl Iterator<Item = f32>) {
    let rows = rows.as_mut_slice().chunks_exact_mut(n.max(1)).zip(keep);
    rows.filter(|(_, keep)| *keep == 0.0).for_each(|(row, _)| row.fill(0.0));
}
