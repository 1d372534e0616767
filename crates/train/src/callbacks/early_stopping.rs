//! EarlyStopping: ends the training where a value no longer gets better.

use ceratops_core::{Error, Result, Tensor};
use serde_json::{Value, json};

use super::{
    Callback, Mode, Monitor, Training,
    state::{number, read_count, read_number, read_place},
};
use crate::Logs;

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
    wait: usize,
    best_epoch: usize,
    best_weights: Option<Vec<Tensor>>,
    stopped_epoch: Option<usize>,
}

impl Default for EarlyStopping {
    fn default() -> Self {
        Self {
            monitor: Monitor::new("val_loss"),
            patience: 0,
            baseline: None,
            restore_best_weights: false,
            start_from_epoch: 0,
            wait: 0,
            best_epoch: 0,
            best_weights: None,
            stopped_epoch: None,
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
        self.stopped_epoch
    }

    /// The epoch of the best value, counted from 0.
    pub fn best_epoch(&self) -> usize {
        self.best_epoch
    }

    /// The best value.
    pub fn best(&self) -> Option<f64> {
        self.monitor.best()
    }

    /// How many epochs it has been waiting for a better value.
    pub fn wait(&self) -> usize {
        self.wait
    }

    fn keep(&mut self, epoch: usize, training: &Training<'_>) {
        self.best_epoch = epoch;
        if self.restore_best_weights {
            self.best_weights = Some(training.model().get_weights());
        }
    }
}

impl Callback for EarlyStopping {
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        self.monitor.begin(training)?;
        self.monitor.set_best(None);
        (self.wait, self.best_epoch) = (0, 0);
        (self.stopped_epoch, self.best_weights) = (None, None);
        Ok(())
    }

    fn on_epoch_end(
        &mut self,
        epoch: usize,
        logs: &mut Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        let Some(value) = self.monitor.value(epoch, logs, training)? else { return Ok(()) };
        if epoch < self.start_from_epoch {
            return Ok(());
        }
        self.wait += 1;
        if self.monitor.improves(value) {
            self.keep(epoch, training);
            if self.baseline.is_none() || self.monitor.is_improvement(value, self.baseline) {
                self.wait = 0;
            }
        } else if self.wait >= self.patience && epoch > 0 {
            self.stopped_epoch = Some(epoch);
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
        json!({
            "best": number(self.monitor.best()),
            "best_epoch": self.best_epoch,
            "wait": self.wait,
            "stopped_epoch": self.stopped_epoch,
        })
    }

    fn set_state(&mut self, state: &Value) -> Result<()> {
        self.monitor.set_best(read_number(state, "best")?);
        self.best_epoch = read_count(state, "best_epoch")?;
        self.wait = read_count(state, "wait")?;
        self.stopped_epoch = read_place(state, "stopped_epoch")?;
        Ok(())
    }

    /// The best weights.
    fn tensors(&self) -> Vec<Tensor> {
        self.best_weights.clone().unwrap_or_default()
    }

    fn set_tensors(&mut self, tensors: Vec<Tensor>) -> Result<()> {
        if self.restore_best_weights && self.monitor.best().is_some() && tensors.is_empty() {
            let message = "EarlyStopping remembers a best epoch, but not its weights: the training \
                           began without restore_best_weights; begin it anew";
            return Err(Error::Model(message.into()));
        }
        self.best_weights = (self.restore_best_weights && !tensors.is_empty()).then_some(tensors);
        Ok(())
    }
}
