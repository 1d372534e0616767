//! What a stateful layer keeps from one batch to the next.

use std::{
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use ceratops_core::{Context, Error, Result, Tensor};

/// The states behind the last batch, a row for each sample; none before the first. Chunks of a batch
/// read and write rows of their own, whichever comes first.
#[derive(Debug, Default)]
pub(in crate::layers) struct Memory(Mutex<Vec<Tensor>>);

impl Memory {
    fn states(&self) -> MutexGuard<'_, Vec<Tensor>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The states of the samples that the layer sees, where any were kept.
    pub(in crate::layers) fn recall(&self, samples: usize, cx: &Context) -> Result<Vec<Tensor>> {
        let rows = rows(samples, cx);
        let states = self.states();
        let fits = |state: &Tensor| match state.batch() {
            len if rows.end <= len && (!cx.keeps_states() || cx.batch() == len) => Ok(()),
            len => {
                let help =
                    "all batches have the same length; call reset_states() before another one";
                let found = cx.batch().max(rows.end);
                Err(Error::argument("batch", format!("{len} samples"), found).with_help(help))
            }
        };
        states.iter().try_for_each(fits)?;
        states.iter().map(|state| state.batch_slice(rows.clone())).collect()
    }

    /// Keeps the states of the samples that the layer sees, if another batch follows.
    pub(in crate::layers) fn keep(&self, own: &[Tensor], samples: usize, cx: &Context) {
        if !cx.keeps_states() {
            return;
        }
        let (rows, mut states) = (rows(samples, cx), self.states());
        let shape = |own: &Tensor| {
            [&[cx.batch().max(rows.end)], own.shape().get(1..).unwrap_or_default()].concat()
        };
        // Before the first batch, and where given states are of another shape than those that were.
        if !states.iter().map(Tensor::shape).eq(own.iter().map(shape)) {
            *states = own.iter().map(|own| Tensor::zeros(&shape(own))).collect();
        }
        for (all, own) in states.iter_mut().zip(own) {
            let n = all.sample_len();
            all.as_mut_slice()[rows.start * n..rows.end * n].copy_from_slice(own.as_slice());
        }
    }

    /// All states, to be kept elsewhere.
    pub(in crate::layers) fn told(&self) -> Vec<Tensor> {
        self.states().clone()
    }

    /// Goes on from these states.
    pub(in crate::layers) fn learn(&self, states: Vec<Tensor>) {
        *self.states() = states;
    }

    /// Forgets the states.
    pub(in crate::layers) fn forget(&self) {
        self.states().clear();
    }
}

/// Which samples of the batch the layer sees.
fn rows(samples: usize, cx: &Context) -> Range<usize> {
    cx.first_row()..cx.first_row().saturating_add(samples)
}

/// A copy goes on from the same states.
impl Clone for Memory {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.states().clone()))
    }
}
