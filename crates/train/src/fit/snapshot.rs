//! Snapshot: a training between two batches, from which it goes on to the bit.

use ceratops_core::{Error, MultiLayer, Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{listeners::Listeners, plan::Plan};
use crate::{CompiledModel, LearningRate, exact, optimizers::OptimizerState};

/// A training between two batches: all that is needed to go on from there in another process, and to
/// end with the same bits. Everything random is drawn from the seed and these counts, so that there
/// is no state of a generator to keep.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// Where the training stands, what the metrics have gathered and what the callbacks remember, as
    /// JSON.
    pub progress: Value,
    /// The weights, what the optimizer remembers of them, what stateful layers keep, and what callbacks do,
    /// each with a name.
    pub tensors: Vec<(String, Tensor)>,
}

/// How many epochs are done, and how many batches of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Position {
    pub(super) epoch: usize,
    pub(super) batch: usize,
}

/// What [`Snapshot::progress`] holds.
#[derive(Serialize, Deserialize)]
struct Progress {
    plan: Plan,
    position: Position,
    /// Whether a callback has ended the training.
    stopped: bool,
    iterations: u64,
    /// The bits of the learning rate, if it is a number.
    learning_rate: Option<u64>,
    metrics: Value,
    callbacks: Vec<Value>,
}

impl Snapshot {
    /// The training of `model` as it is.
    pub(super) fn of(
        model: &CompiledModel,
        plan: &Plan,
        position: Position,
        listeners: &Listeners<'_>,
    ) -> Self {
        let learning_rate = match model.optimizer.base().learning_rate {
            LearningRate::Constant(rate) => Some(rate.to_bits()),
            LearningRate::Schedule(_) => None,
        };
        let mut tensors = Vec::new();
        let mut keep = |name: String, tensor: &Tensor| tensors.push((name, tensor.clone()));
        for (i, weight) in model.model.get_weights().iter().enumerate() {
            keep(format!("weight/{i}"), weight);
            for (j, slot) in model.state.slots(i).iter().enumerate() {
                keep(format!("optimizer/{i}/{j}"), slot);
            }
        }
        keep("optimizer/shared".into(), &Tensor::from(model.state.shared().to_vec()));
        let (mut callbacks, states) = (Vec::new(), listeners.states());
        for (i, (state, tensors)) in states.into_iter().enumerate() {
            callbacks.push(state);
            for (j, tensor) in tensors.iter().enumerate() {
                keep(format!("callback/{i}/{j}"), tensor);
            }
        }
        // What stateful layers go on from.
        for (i, states) in model.model.memories().iter().enumerate() {
            for (j, state) in states.iter().enumerate() {
                keep(format!("memory/{i}/{j}"), state);
            }
        }
        let progress = Progress {
            plan: plan.clone(),
            position,
            stopped: listeners.stop,
            iterations: model.state.iterations(),
            learning_rate,
            metrics: model.tracker.state(),
            callbacks,
        };
        Self { progress: exact::to_json(&progress), tensors }
    }

    /// How many epochs are done, and how many batches of the next.
    pub fn position(&self) -> Result<(usize, usize)> {
        let Position { epoch, batch } = self.read()?.position;
        Ok((epoch, batch))
    }

    fn read(&self) -> Result<Progress> {
        exact::from_json("a training", &self.progress)
    }

    /// Puts everything back where it was, and says where that is.
    ///
    /// # Errors
    /// Where the snapshot is of another training, or goes further than `epochs`; the weights are as
    /// they were then.
    pub(super) fn restore(
        &self,
        model: &mut CompiledModel,
        plan: &Plan,
        epochs: usize,
        listeners: &mut Listeners<'_>,
    ) -> Result<Position> {
        let progress = self.read()?;
        plan.goes_on(&progress.plan)?;
        let position = progress.position;
        if position.epoch + usize::from(position.batch > 0) > epochs {
            let (epoch, batch) = (position.epoch + 1, position.batch);
            return Err(Error::Data(format!(
                "the backup stands at epoch {epoch} (counted from 1), after {batch} of its batches, \
                 which is further than epochs = {epochs} goes; train for more epochs, or delete the \
                 backup to begin anew"
            )));
        }
        model.tracker.set_state(&progress.metrics)?;
        let states = progress.callbacks.into_iter().enumerate();
        let states: Vec<_> =
            states.map(|(i, state)| (state, self.under(&format!("callback/{i}/")))).collect();
        listeners.set_states(&states)?;
        let all = model.model.get_weights().len();
        let weights: Vec<Tensor> = self.under("weight/");
        let slots = (0..all).map(|i| self.under(&format!("optimizer/{i}/"))).collect();
        let shared = self.under("optimizer/shared").first().map(|t| t.as_slice().to_vec());
        model.model.set_weights(&weights).map_err(|e| Error::Data(format!("the backup: {e}")))?;
        let memories = model.model.memories().len();
        model.model.remember((0..memories).map(|i| self.under(&format!("memory/{i}/"))).collect());
        let shared = shared.unwrap_or_default();
        model.state = OptimizerState::restored(progress.iterations, slots, shared);
        model.state.set_paths(crate::optimizers::paths(&model.model));
        if let Some(rate) = progress.learning_rate {
            model.set_learning_rate(f64::from_bits(rate))?;
        }
        listeners.stop |= progress.stopped;
        Ok(position)
    }

    /// The tensors whose names begin so, in order.
    fn under(&self, prefix: &str) -> Vec<Tensor> {
        let those = self.tensors.iter().filter(|(name, _)| name.starts_with(prefix));
        those.map(|(_, tensor)| tensor.clone()).collect()
    }
}
