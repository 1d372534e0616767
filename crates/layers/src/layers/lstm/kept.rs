//! Which times of a sequence count for an LSTM, and what becomes of the others.

use ceratops_core::{Context, Error, Result, Shape, Tensor};

use super::{
    cell::State,
    sequence::{Sizes, reversed},
};

/// For each sample and time, in the order of the steps, 1 if it counts, else 0: (batch, time).
#[derive(Debug)]
pub(super) struct Kept(Tensor);

impl Kept {
    /// What the mask of the input says; `None` where all times count.
    pub(super) fn of(cx: &Context, sizes: Sizes, backwards: bool) -> Result<Option<Self>> {
        let Some(mask) = cx.mask().map(|mask| mask.tensor()) else { return Ok(None) };
        let expected = [sizes.batch, sizes.time];
        if mask.shape() != expected {
            let help = "it says of each time of the input whether it counts";
            return Err(Error::shape("mask", Shape::of(&expected), mask.shape(), help));
        }
        if !backwards {
            return Ok(Some(Self(mask.clone())));
        }
        let steps = reversed(&mask.clone().reshape(&[sizes.batch, sizes.time, 1])?);
        Ok(Some(Self(steps.reshape(&expected)?)))
    }

    /// Gives the samples for which time `t` does not count the state that they had before, or on
    /// the way back the gradient of it.
    pub(super) fn hold(&self, t: usize, state: &mut State, before: &State) {
        for (to, from) in [(&mut state.h, &before.h), (&mut state.c, &before.c)] {
            let n = from.sample_len().max(1);
            let rows = to.as_mut_slice().chunks_exact_mut(n).zip(from.as_slice().chunks_exact(n));
            let masked = rows.zip(self.at(t)).filter(|(_, keep)| *keep == 0.0);
            masked.for_each(|((to, from), _)| to.copy_from_slice(from));
        }
    }

    /// Makes the rows 0 of those samples for which time `t` does not count.
    pub(super) fn clear(&self, t: usize, rows: &mut Tensor) {
        clear(rows, self.at(t));
    }

    /// Makes what is put out, or its gradient, 0 at the times that do not count: (batch, time,
    /// units), or the last one, (batch, units).
    pub(super) fn silence(&self, output: &mut Tensor) {
        match output.ndim() {
            3 => clear(output, self.0.as_slice().iter().copied()),
            _ => clear(output, self.at(self.0.sample_len().saturating_sub(1))),
        }
    }

    /// What holds for each sample at time `t`.
    fn at(&self, t: usize) -> impl Iterator<Item = f32> {
        self.0.as_slice().iter().skip(t).step_by(self.0.sample_len().max(1)).copied()
    }
}

/// Makes each row 0, along the last axis, of which `keep` is 0.
fn clear(rows: &mut Tensor, keep: impl Iterator<Item = f32>) {
    let n = rows.shape().last().map_or(1, |&n| n.max(1));
    let rows = rows.as_mut_slice().chunks_exact_mut(n).zip(keep);
    rows.filter(|(_, keep)| *keep == 0.0).for_each(|(row, _)| row.fill(0.0));
}
