//! ReduceLROnPlateau: lets updates go less far where a value no longer gets better.

use ceratops_core::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Callback, Mode, Monitor, Training};
use crate::{Logs, exact};

/// Multiplies the learning rate by a factor where a value no longer gets better. It adds
/// `learning_rate` to the logs: the rate of the epoch that ends.
///
/// ```
/// use ceratops_train::{FitOptions, callbacks::ReduceLROnPlateau};
///
/// let reduce = ReduceLROnPlateau::new().factor(0.2).patience(5).min_lr(0.001);
/// let options = FitOptions::new().validation_split(0.1).callback(reduce);
/// # let _ = options;
/// ```
///
/// `fit` ends with an error where the monitored value is missing, as with
/// [`EarlyStopping`](super::EarlyStopping), and where the learning rate follows a schedule.
///
/// Source: Keras, `keras.callbacks.ReduceLROnPlateau`.
#[derive(Debug, Clone)]
#[must_use]
pub struct ReduceLROnPlateau {
    monitor: Monitor,
    factor: f64,
    patience: usize,
    cooldown: usize,
    min_lr: f64,
    waiting: Waiting,
}

/// How long it has been waiting, and for what.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Waiting {
    wait: usize,
    cooldown_counter: usize,
    /// The bits of the best value, for others to keep.
    best: Option<u64>,
}

impl Default for ReduceLROnPlateau {
    fn default() -> Self {
        Self {
            monitor: Monitor::new("val_loss").min_delta(1e-4),
            factor: 0.1,
            patience: 10,
            cooldown: 0,
            min_lr: 0.0,
            waiting: Waiting::default(),
        }
    }
}

impl ReduceLROnPlateau {
    /// A tenth of the rate after ten epochs whose `val_loss` is not better by 0.0001.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which value of the logs is watched; `val_loss` unless set.
    pub fn monitor(mut self, name: impl Into<String>) -> Self {
        self.monitor.set_name(name);
        self
    }

    /// What the learning rate is multiplied by; below 1.
    pub fn factor(self, factor: f64) -> Self {
        Self { factor, ..self }
    }

    /// How many epochs without a better value make the rate smaller.
    pub fn patience(self, epochs: usize) -> Self {
        Self { patience: epochs, ..self }
    }

    /// Whether less or more is better.
    pub fn mode(self, mode: Mode) -> Self {
        Self { monitor: self.monitor.mode(mode), ..self }
    }

    /// How much better a value must be to count.
    pub fn min_delta(self, min_delta: f64) -> Self {
        Self { monitor: self.monitor.min_delta(min_delta), ..self }
    }

    /// How many epochs after a smaller rate it does not count.
    pub fn cooldown(self, epochs: usize) -> Self {
        Self { cooldown: epochs, ..self }
    }

    /// The learning rate becomes no smaller than this.
    pub fn min_lr(self, min_lr: f64) -> Self {
        Self { min_lr, ..self }
    }

    /// The best value.
    pub fn best(&self) -> Option<f64> {
        self.monitor.best()
    }

    /// How many epochs it has been waiting for a better value.
    pub fn wait(&self) -> usize {
        self.waiting.wait
    }

    /// How many epochs more it does not count.
    pub fn cooldown_counter(&self) -> usize {
        self.waiting.cooldown_counter
    }

    /// Takes a value that is no better into account.
    fn worsened(&mut self, training: &mut Training<'_>) {
        self.waiting.wait += 1;
        let rate = training.learning_rate();
        if self.waiting.wait >= self.patience && rate > self.min_lr {
            training.set_learning_rate((rate * self.factor).max(self.min_lr));
            (self.waiting.cooldown_counter, self.waiting.wait) = (self.cooldown, 0);
        }
    }
}

impl Callback for ReduceLROnPlateau {
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        if self.factor.is_nan() || self.factor >= 1.0 {
            return Err(Error::argument("factor", "a number below 1", self.factor));
        }
        self.monitor.begin(training)?;
        self.monitor.set_best(None);
        self.waiting = Waiting::default();
        Ok(())
    }

    fn on_epoch_end(
        &mut self,
        _: usize,
        logs: &mut Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        logs.insert("learning_rate", training.learning_rate());
        let Some(value) = self.monitor.value(logs, training)? else { return Ok(()) };
        if self.waiting.cooldown_counter > 0 {
            self.waiting.cooldown_counter -= 1;
            self.waiting.wait = 0;
        }
        if self.monitor.improves(value) {
            self.waiting.wait = 0;
        } else if self.waiting.cooldown_counter == 0 {
            self.worsened(training);
        }
        Ok(())
    }

    fn on_train_end(&mut self, _: &Logs, _: &mut Training<'_>) -> Result<()> {
        self.monitor.end()
    }

    fn state(&self) -> Value {
        let best = self.monitor.best().map(f64::to_bits);
        exact::to_json(&Waiting { best, ..self.waiting.clone() })
    }

    fn set_state(&mut self, state: &Value) -> Result<()> {
        self.waiting = exact::from_json("ReduceLROnPlateau", state)?;
        self.monitor.set_best(self.waiting.best.map(f64::from_bits));
        Ok(())
    }
}
