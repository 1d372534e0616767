//! The `Callback` trait, and what a callback can do to a training.

use ceratops_core::{Error, Result, Tensor};
use ceratops_layers::Model;
use serde_json::Value;

use crate::{Batch, CompiledModel, LearningRate, Logs};

/// How long a training is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrainParams {
    /// The number of epochs.
    pub epochs: usize,
    /// The number of batches in an epoch, if it is known beforehand.
    pub steps: Option<usize>,
}

/// The training that a callback is told of: it can be stopped, slowed down, looked into.
///
/// `fit` makes it; so can a training loop of one's own that has callbacks.
///
/// ```
/// use ceratops_core::{Result, Tensor};
/// use ceratops_layers::{Dense, Input, sequential};
/// use ceratops_train::{Callback, Compile, TrainParams, Training, callbacks::TerminateOnNaN};
///
/// let mut model = sequential![Input::new([1]), Dense::new(1)]?.compile("sgd", "mse", ())?;
/// let (mut callback, mut stop) = (TerminateOnNaN::new(), false);
/// while !stop {
///     let logs = model.train_on_batch(Tensor::full(&[2, 1], f32::NAN), Tensor::full(&[2, 1], 1.0))?;
///     let mut training = Training::new(&mut model, TrainParams { epochs: 1, steps: Some(1) }, &mut stop);
///     callback.on_train_batch_end(0, &logs, &mut training)?;
///     training.result()?;
/// }
/// # Ok::<(), ceratops_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Training<'a> {
    compiled: &'a mut CompiledModel,
    params: TrainParams,
    stop: &'a mut bool,
    /// Whether there is validation, after some epochs at least; `None` where nobody said.
    has_validation: Option<bool>,
    /// What the model has just learned from.
    batch: Option<&'a Batch>,
    /// What ends the training with an error.
    failed: Option<Error>,
}

impl<'a> Training<'a> {
    /// The training of `compiled`; `stop` becomes true where a callback ends it.
    pub fn new(compiled: &'a mut CompiledModel, params: TrainParams, stop: &'a mut bool) -> Self {
        Self { compiled, params, stop, has_validation: None, batch: None, failed: None }
    }

    /// The same, of which it is known whether there is validation, after some epochs at least.
    #[must_use]
    pub fn with_validation(self, has_validation: bool) -> Self {
        Self { has_validation: Some(has_validation), ..self }
    }

    /// Whether there is validation, after some epochs at least; `None` where nobody said.
    pub fn has_validation(&self) -> Option<bool> {
        self.has_validation
    }

    /// The same, which has just learned from `batch`.
    #[must_use]
    pub fn with_batch(self, batch: &'a Batch) -> Self {
        Self { batch: Some(batch), ..self }
    }

    /// What the model has just learned from, in `on_train_batch_end`.
    pub fn batch(&self) -> Option<&Batch> {
        self.batch
    }

    /// Gives back the error that somebody has caused.
    pub fn result(self) -> Result<()> {
        self.failed.map_or(Ok(()), Err)
    }

    /// How long it is.
    pub fn params(&self) -> TrainParams {
        self.params
    }

    /// The model as it is now.
    pub fn model(&self) -> &Model {
        &self.compiled.model
    }

    /// The model, to be changed: its weights, say.
    pub fn model_mut(&mut self) -> &mut Model {
        &mut self.compiled.model
    }

    /// The model with its optimizer and what that remembers.
    pub fn compiled(&self) -> &CompiledModel {
        self.compiled
    }

    /// The model with its optimizer, to be changed.
    pub fn compiled_mut(&mut self) -> &mut CompiledModel {
        self.compiled
    }

    /// How far the next update goes.
    pub fn learning_rate(&self) -> f64 {
        self.compiled.learning_rate()
    }

    /// Lets updates go so far from now on, or as a schedule says. A number where the learning rate
    /// follows a schedule ends `fit` with an error.
    pub fn set_learning_rate(&mut self, learning_rate: impl Into<LearningRate>) {
        let set = self.compiled.set_learning_rate(learning_rate);
        self.failed = self.failed.take().or(set.err());
    }

    /// Ends the training after this batch or epoch: Keras' `model.stop_training = True`.
    pub fn stop(&mut self) {
        *self.stop = true;
    }

    /// Whether somebody ended the training.
    pub fn is_stopped(&self) -> bool {
        *self.stop
    }
}

/// Is told how a training goes; does nothing unless a method is written. An error ends `fit`.
///
/// ```
/// use ceratops_core::Result;
/// use ceratops_train::{Callback, Logs, Training};
///
/// /// Stops where the loss is small enough.
/// struct Until(f64);
///
/// impl Callback for Until {
///     fn on_epoch_end(&mut self, _: usize, logs: &mut Logs, training: &mut Training<'_>) -> Result<()> {
///         if logs["loss"] < self.0 {
///             training.stop();
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Callback {
    /// Before the first epoch.
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        let _ = training;
        Ok(())
    }

    /// After the last epoch, with the logs of that epoch.
    fn on_train_end(&mut self, logs: &Logs, training: &mut Training<'_>) -> Result<()> {
        let _ = (logs, training);
        Ok(())
    }

    /// Before epoch `epoch`, counted from 0.
    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training<'_>) -> Result<()> {
        let _ = (epoch, training);
        Ok(())
    }

    /// After epoch `epoch`, with its loss and metrics, those of validation too. What is added to
    /// `logs` appears in the [`History`](crate::History).
    fn on_epoch_end(
        &mut self,
        epoch: usize,
        logs: &mut Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        let _ = (epoch, logs, training);
        Ok(())
    }

    /// After batch `batch` of an epoch, counted from 0, with the epoch's means so far.
    fn on_train_batch_end(
        &mut self,
        batch: usize,
        logs: &Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        let _ = (batch, logs, training);
        Ok(())
    }

    /// Before the validation that follows an epoch.
    fn on_test_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        let _ = training;
        Ok(())
    }

    /// After the validation that follows an epoch, with its loss and metrics (not yet called
    /// `val_`) and before `on_epoch_end`.
    fn on_test_end(&mut self, logs: &Logs, training: &mut Training<'_>) -> Result<()> {
        let _ = (logs, training);
        Ok(())
    }

    /// What it must remember for a training that is interrupted and goes on in another process, as
    /// JSON: how long it has been waiting, the best value it saw. Weights are for
    /// [`Callback::tensors`].
    fn state(&self) -> Value {
        Value::Null
    }

    /// Remembers what [`Callback::state`] gave, after `on_train_begin`.
    fn set_state(&mut self, state: &Value) -> Result<()> {
        let _ = state;
        Ok(())
    }

    /// The tensors that it must remember likewise: weights that it keeps for later, say.
    fn tensors(&self) -> Vec<Tensor> {
        Vec::new()
    }

    /// Remembers what [`Callback::tensors`] gave, after [`Callback::set_state`].
    fn set_tensors(&mut self, tensors: &[Tensor]) -> Result<()> {
        let _ = tensors;
        Ok(())
    }
}

/// A callback that is only lent, and can be asked afterwards.
impl<C: Callback + ?Sized> Callback for &mut C {
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        (**self).on_train_begin(training)
    }

    fn on_train_end(&mut self, logs: &Logs, training: &mut Training<'_>) -> Result<()> {
        (**self).on_train_end(logs, training)
    }

    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training<'_>) -> Result<()> {
        (**self).on_epoch_begin(epoch, training)
    }

    fn on_epoch_end(
        &mut self,
        epoch: usize,
        logs: &mut Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        (**self).on_epoch_end(epoch, logs, training)
    }

    fn on_train_batch_end(
        &mut self,
        batch: usize,
        logs: &Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        (**self).on_train_batch_end(batch, logs, training)
    }

    fn on_test_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        (**self).on_test_begin(training)
    }

    fn on_test_end(&mut self, logs: &Logs, training: &mut Training<'_>) -> Result<()> {
        (**self).on_test_end(logs, training)
    }

    fn state(&self) -> Value {
        (**self).state()
    }

    fn set_state(&mut self, state: &Value) -> Result<()> {
        (**self).set_state(state)
    }

    fn tensors(&self) -> Vec<Tensor> {
        (**self).tensors()
    }

    fn set_tensors(&mut self, tensors: &[Tensor]) -> Result<()> {
        (**self).set_tensors(tensors)
    }
}
