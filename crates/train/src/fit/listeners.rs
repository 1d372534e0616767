//! Listeners: those who are told how a training goes.

use ceratops_core::{Error, Result, Tensor};
use serde_json::Value;

use crate::{Batch, Callback, CompiledModel, TrainParams, Training};

/// Those who are told how a training goes, and whether one of them ended it.
pub(super) struct Listeners<'a> {
    pub(super) callbacks: Vec<&'a mut dyn Callback>,
    /// The progress bar, which remembers nothing.
    pub(super) progress: Option<&'a mut dyn Callback>,
    pub(super) params: TrainParams,
    pub(super) stop: bool,
    pub(super) has_validation: bool,
}

impl Listeners<'_> {
    /// Tells every callback of an event.
    pub(super) fn tell(
        &mut self,
        compiled: &mut CompiledModel,
        event: impl FnMut(&mut dyn Callback, &mut Training<'_>) -> Result<()>,
    ) -> Result<()> {
        self.tell_of(compiled, None, event)
    }

    /// Tells every callback of an event, with the batch that the model has just learned from.
    pub(super) fn tell_of(
        &mut self,
        compiled: &mut CompiledModel,
        batch: Option<&Batch>,
        mut event: impl FnMut(&mut dyn Callback, &mut Training<'_>) -> Result<()>,
    ) -> Result<()> {
        let training = Training::new(compiled, self.params, &mut self.stop);
        let mut training = training.with_validation(self.has_validation);
        if let Some(batch) = batch {
            training = training.with_batch(batch);
        }
        let mut all = self.callbacks.iter_mut().chain(&mut self.progress);
        all.try_for_each(|callback| event(&mut **callback, &mut training))?;
        training.result()
    }

    /// What each of them remembers.
    pub(super) fn states(&self) -> Vec<(Value, Vec<Tensor>)> {
        self.callbacks.iter().map(|callback| (callback.state(), callback.tensors())).collect()
    }

    /// Lets each of them remember what it did when the training was interrupted.
    pub(super) fn set_states(&mut self, states: &[(Value, Vec<Tensor>)]) -> Result<()> {
        if states.len() != self.callbacks.len() {
            // The history is one of them.
            let (then, now) = (states.len().saturating_sub(1), self.callbacks.len() - 1);
            return Err(Error::Data(format!(
                "the backup is of a training with {then} callbacks, this one has {now}; go on with \
                 the same callbacks, or delete the backup to begin anew"
            )));
        }
        for (callback, (state, tensors)) in self.callbacks.iter_mut().zip(states) {
            callback.set_state(state)?;
            callback.set_tensors(tensors)?;
        }
        Ok(())
    }
}
