//! EarlyStopping: ends the training where a value no longer gets better.

use ceratops_core::{Error, Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Callback, Mode, Monitor, Training};
use crate::{Logs, exact};

/// Ends the training where a value no longer gets better.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Dense, Input, sequential};
/// use ceratops_train::{Compile, FitOptions, callbacks::EarlyStopping};
///
/// let mut model = sequential![Input::new([1]), Dense::new(1)]?.compile("adam", "mse", ())?;
/// let x = Tensor::full(&[4, 1], 1.0);
/// let mut stopping = EarlyStopping::new().monitor("loss").min_delta(0.5).patience(2);
/// let options = FitOptions::new().epochs(100).callback(&mut stopping);
/// assert!(model.fit(&x, &x, options)?.epoch.len() < 100);
/// assert!(stopping.stopped_epoch().is_some());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// `fit` ends with an error where the monitored value is missing: at the first epoch that should
/// have it. Keras warns, and trains to the last epoch.
///
/// Source: Keras, `keras.callbacks.EarlyStopping`.
#[derive(Debug, Clone)]
#[must_use]
pub struct EarlyStopping {
    monitor: Monitor,
    patience: usize,
    baseline: Option<f64>,
    restore_best_weights: bool,
    start_from_epoch: usize,
    waiting: Waiting,
    best_weights: Option<Vec<Tensor>>,
}

/// How long it has been waiting, and for what.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Waiting {
    wait: usize,
    best_epoch: usize,
    stopped_epoch: Option<usize>,
    /// The bits of the best value, for others to keep.
    best: Option<u64>,
}

impl Default for EarlyStopping {
    fn default() -> Self {
        Self {
            monitor: Monitor::new("val_loss"),
            patience: 0,
            baseline: None,
            restore_best_weights: false,
            start_from_epoch: 0,
            waiting: Waiting::default(),
            best_weights: None,
        }
    }
}

impl EarlyStopping {
    /// Stops after the first epoch whose `val_loss` is no better than the best before.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which value of the logs is watched; `val_loss` unless set.
    pub fn monitor(mut self, name: impl Into<String>) -> Self {
        self.monitor.set_name(name);
        self
    }

    /// How much better a value must be to count.
    pub fn min_delta(self, min_delta: f64) -> Self {
        Self { monitor: self.monitor.min_delta(min_delta), ..self }
    }

    /// How many epochs without a better value end the training.
    pub fn patience(self, epochs: usize) -> Self {
        Self { patience: epochs, ..self }
    }

    /// Whether less or more is better.
    pub fn mode(self, mode: Mode) -> Self {
        Self { monitor: self.monitor.mode(mode), ..self }
    }

    /// A value that must be beaten too for the waiting to begin anew.
    pub fn baseline(self, baseline: f64) -> Self {
        Self { baseline: Some(baseline), ..self }
    }

    /// Whether the model gets the weights of the best epoch in the end, also where the training was
    /// not stopped.
    pub fn restore_best_weights(self, restore: bool) -> Self {
        Self { restore_best_weights: restore, ..self }
    }

    /// How many epochs pass before it watches.
    pub fn start_from_epoch(self, epochs: usize) -> Self {
        Self { start_from_epoch: epochs, ..self }
    }

    /// The epoch after which it stopped the training, counted from 0.
    pub fn stopped_epoch(&self) -> Option<usize> {
        self.waiting.stopped_epoch
    }

    /// The epoch of the best value, counted from 0.
    pub fn best_epoch(&self) -> usize {
        self.waiting.best_epoch
    }

    /// The best value.
    pub fn best(&self) -> Option<f64> {
        self.monitor.best()
    }

    /// How many epochs it has been waiting for a better value.
    pub fn wait(&self) -> usize {
        self.waiting.wait
    }

    fn keep(&mut self, epoch: usize, training: &Training<'_>) {
        self.waiting.best_epoch = epoch;
        if self.restore_best_weights {
            self.best_weights = Some(training.model().get_weights());
        }
    }
}

impl Callback for EarlyStopping {
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        self.monitor.begin(training)?;
        self.monitor.set_best(None);
        (self.waiting, self.best_weights) = (Waiting::default(), None);
        Ok(())
    }

    fn on_epoch_end(
        &mut self,
        epoch: usize,
        logs: &mut Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        let Some(value) = self.monitor.value(logs, training)? else { return Ok(()) };
        if epoch < self.start_from_epoch {
            return Ok(());
        }
        self.waiting.wait += 1;
        if self.monitor.improves(value) {
            self.keep(epoch, training);
            if self.baseline.is_none() || self.monitor.is_improvement(value, self.baseline) {
                self.waiting.wait = 0;
            }
        } else if self.waiting.wait >= self.patience && epoch > 0 {
            self.waiting.stopped_epoch = Some(epoch);
            training.stop();
        }
        Ok(())
    }

    fn on_train_end(&mut self, _: &Logs, training: &mut Training<'_>) -> Result<()> {
        if let Some(weights) = self.best_weights.take() {
            training.model_mut().set_weights(&weights)?;
        }
        self.monitor.end()
    }

    fn state(&self) -> Value {
        let best = self.monitor.best().map(f64::to_bits);
        exact::to_json(&Waiting { best, ..self.waiting.clone() })
    }

    fn set_state(&mut self, state: &Value) -> Result<()> {
        self.waiting = exact::from_json("EarlyStopping", state)?;
        self.monitor.set_best(self.waiting.best.map(f64::from_bits));
        Ok(())
    }

    /// The best weights.
    fn tensors(&self) -> Vec<Tensor> {
        self.best_weights.clone().unwrap_or_default()
    }

    fn set_tensors(&mut self, tensors: &[Tensor]) -> Result<()> {
        if self.restore_best_weights && self.monitor.best().is_some() && tensors.is_empty() {
            let message = "EarlyStopping remembers a best epoch, but not its weights: the training \
                           began without restore_best_weights; begin it anew";
            return Err(Error::Model(message.into()));
        }
        let keeps = self.restore_best_weights && !tensors.is_empty();
        self.best_weights = keeps.then(|| tensors.to_vec());
        Ok(())
    }
}
