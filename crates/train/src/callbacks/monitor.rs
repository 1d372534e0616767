//! Monitor: a value of the logs that is watched, and which of two is better.

use std::str::FromStr;

use ceratops_core::{Error, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Training;
use crate::{Logs, exact, metrics::Direction};

/// Which of two values is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// As the metric has it: less of a loss, more of an accuracy.
    #[default]
    Auto,
    /// The smaller one.
    Min,
    /// The larger one.
    Max,
}

impl FromStr for Mode {
    type Err = Error;

    /// Keras' words: `auto`, `min`, `max`.
    fn from_str(word: &str) -> Result<Self> {
        match word {
            "auto" => Ok(Self::Auto),
            "min" => Ok(Self::Min),
            "max" => Ok(Self::Max),
            _ => Err(Error::unknown("mode", word, ["auto", "min", "max"])
                .with_help("there are auto, min, max")),
        }
    }
}

/// A value of the logs that is watched for its best: for callbacks of one's own as for
/// [`EarlyStopping`](super::EarlyStopping) and its like.
///
/// Whether less or more is better [`Mode::Auto`] asks the metric of that name. As in Keras, values
/// are compared as f32, and nothing is better than NaN.
///
/// ```
/// use ceratops_core::Result;
/// use ceratops_train::{Callback, Logs, Training, callbacks::Monitor};
///
/// /// Notes the best epoch.
/// struct Best { monitor: Monitor, epoch: usize }
///
/// impl Callback for Best {
///     fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
///         self.monitor.begin(training)
///     }
///     fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, training: &mut Training<'_>) -> Result<()> {
///         if let Some(value) = self.monitor.value(logs, training)? && self.monitor.improves(value) {
///             self.epoch = epoch;
///         }
///         Ok(())
///     }
///     fn on_train_end(&mut self, _: &Logs, _: &mut Training<'_>) -> Result<()> {
///         self.monitor.end()
///     }
/// }
/// ```
///
/// Source: Keras, `keras/src/callbacks/monitor_callback.py`.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Monitor {
    name: String,
    mode: Mode,
    min_delta: f64,
    direction: Direction,
    best: Option<f64>,
    /// What to say if the value never comes.
    missed: Option<Error>,
    seen: bool,
}

impl Monitor {
    /// Watches the value of that name: `val_loss`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            mode: Mode::Auto,
            min_delta: 0.0,
            direction: Direction::Down,
            best: None,
            missed: None,
            seen: false,
        }
    }

    /// The name of the value.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Watches the value of another name.
    pub fn set_name(&mut self, name: impl Into<String>) {
        self.name = name.into();
    }

    /// Which of two values is better.
    pub fn mode(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    /// How much better a value must be to count; its sign does not matter.
    pub fn min_delta(self, min_delta: f64) -> Self {
        Self { min_delta: min_delta.abs(), ..self }
    }

    /// The best value so far, or what is to be beaten.
    pub fn best(&self) -> Option<f64> {
        self.best
    }

    /// Sets what is to be beaten.
    pub fn set_best(&mut self, best: Option<f64>) {
        self.best = best;
    }

    /// Begins a training: finds out which of two values is better. The best value stays.
    ///
    /// # Errors
    /// Where that cannot be told: the metric of that name does not say, or there is none.
    pub fn begin(&mut self, training: &Training<'_>) -> Result<()> {
        (self.missed, self.seen) = (None, false);
        self.direction = match self.mode {
            Mode::Min => Direction::Down,
            Mode::Max => Direction::Up,
            Mode::Auto => {
                let name = self.name.strip_prefix("val_").unwrap_or(&self.name);
                let direction = training.compiled().tracker.direction(name);
                direction.ok_or_else(|| self.no_direction(name, training))?
            }
        };
        Ok(())
    }

    /// That nothing says which of two values is better.
    fn no_direction(&self, base: &str, training: &Training<'_>) -> Error {
        let names: Vec<&str> = training.compiled().tracker.names().collect();
        let mode = "the mode `min` or `max`";
        if names.contains(&base.split_once('[').map_or(base, |(name, _)| name)) {
            let expected = "a value of which it is known whether more is better";
            return Error::argument("monitor", expected, format!("`{}`", self.name))
                .with_help(format!("give {mode}"));
        }
        let mut all: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        if training.has_validation() != Some(false) {
            all.extend(names.iter().map(|name| format!("val_{name}")));
        }
        Error::unknown("monitor", &self.name, all.iter().map(String::as_str)).with_help(format!(
            "there are {}; a value that another callback adds needs {mode}",
            all.join(", ")
        ))
    }

    /// The value after an epoch; none after one that is not validated.
    ///
    /// # Errors
    /// Where `logs` have no such name, though they should. Keras warns and goes on for ever.
    pub fn value(&mut self, logs: &Logs, training: &Training<'_>) -> Result<Option<f64>> {
        if let Some(&value) = logs.get(&self.name) {
            self.seen = true;
            return Ok(Some(value));
        }
        let missing = self.missing(logs);
        let validated = logs.names().any(|name| name.starts_with("val_"));
        if validated || !self.name.starts_with("val_") {
            return Err(missing);
        }
        match training.has_validation() {
            Some(false) => return Err(missing),
            // Not after this epoch.
            Some(true) => {}
            None => {
                self.missed.get_or_insert(missing);
            }
        }
        Ok(None)
    }

    /// Ends a training.
    ///
    /// # Errors
    /// Where there was never a validation that the value could come from.
    pub fn end(&mut self) -> Result<()> {
        match self.missed.take() {
            Some(missing) if !self.seen => Err(missing),
            _ => Ok(()),
        }
    }

    /// That `logs` do not have the value.
    pub fn missing(&self, logs: &Logs) -> Error {
        let names: Vec<&str> = logs.names().collect();
        let mut help = format!("there are {}", names.join(", "));
        if self.name.starts_with("val_") && !names.iter().any(|name| name.starts_with("val_")) {
            help += "; give validation_data or validation_split, or monitor one of these";
        }
        Error::unknown("monitor", &self.name, names).with_help(help)
    }

    /// Whether `value` is better than `reference`, by more than the least difference that counts.
    /// Any value is better than none.
    pub fn is_improvement(&self, value: f64, reference: Option<f64>) -> bool {
        let Some(reference) = reference else { return true };
        match self.direction {
            Direction::Down => ((value + self.min_delta) as f32) < reference as f32,
            Direction::Up => (value - self.min_delta) as f32 > reference as f32,
        }
    }

    /// Whether `value` is better than the best so far, whose place it then takes.
    pub fn improves(&mut self, value: f64) -> bool {
        let improves = self.is_improvement(value, self.best);
        if improves {
            self.best = Some(value);
        }
        improves
    }

    /// The best value, for [`Callback::state`](super::Callback::state): its bits, since JSON has no
    /// words for NaN.
    pub fn state(&self) -> Value {
        json!({"best": self.best.map(f64::to_bits)})
    }

    /// Takes the best value of what [`Monitor::state`] gave, and whatever else stands beside it.
    pub fn set_state(&mut self, state: &Value) -> Result<()> {
        let Best { best } = exact::from_json(&self.name, state)?;
        self.best = best.map(f64::from_bits);
        Ok(())
    }
}

/// What [`Monitor::state`] holds; there may be more beside it.
#[derive(Deserialize)]
struct Best {
    best: Option<u64>,
}
