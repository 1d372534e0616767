//! LambdaCallback: a callback made of closures.

use std::fmt;

use ceratops_core::Result;

use super::{Callback, Training};
use crate::Logs;

type TrainBegin<'a> = Box<dyn FnMut(&mut Training<'_>) + 'a>;
type TrainEnd<'a> = Box<dyn FnMut(&Logs, &mut Training<'_>) + 'a>;
type EpochBegin<'a> = Box<dyn FnMut(usize, &mut Training<'_>) + 'a>;
type EpochEnd<'a> = Box<dyn FnMut(usize, &mut Logs, &mut Training<'_>) + 'a>;
type BatchEnd<'a> = Box<dyn FnMut(usize, &Logs, &mut Training<'_>) + 'a>;

/// A callback made of closures.
///
/// ```
/// use ceratops_train::{FitOptions, LambdaCallback};
///
/// let halve = LambdaCallback::new().on_epoch_end(|epoch, _, training| {
///     if epoch % 10 == 9 {
///         training.set_learning_rate(training.learning_rate() / 2.0);
///     }
/// });
/// let options = FitOptions::new().epochs(30).callback(halve);
/// # let _ = options;
/// ```
///
/// Source: Keras, `keras.callbacks.LambdaCallback`.
#[derive(Default)]
#[must_use]
pub struct LambdaCallback<'a> {
    train_begin: Option<TrainBegin<'a>>,
    train_end: Option<TrainEnd<'a>>,
    epoch_begin: Option<EpochBegin<'a>>,
    epoch_end: Option<EpochEnd<'a>>,
    batch_end: Option<BatchEnd<'a>>,
}

impl<'a> LambdaCallback<'a> {
    /// A callback that does nothing yet.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `f(training)` before the first epoch.
    pub fn on_train_begin(self, f: impl FnMut(&mut Training<'_>) + 'a) -> Self {
        Self { train_begin: Some(Box::new(f)), ..self }
    }

    /// Calls `f(logs, training)` after the last epoch.
    pub fn on_train_end(self, f: impl FnMut(&Logs, &mut Training<'_>) + 'a) -> Self {
        Self { train_end: Some(Box::new(f)), ..self }
    }

    /// Calls `f(epoch, training)` before each epoch.
    pub fn on_epoch_begin(self, f: impl FnMut(usize, &mut Training<'_>) + 'a) -> Self {
        Self { epoch_begin: Some(Box::new(f)), ..self }
    }

    /// Calls `f(epoch, logs, training)` after each epoch.
    pub fn on_epoch_end(self, f: impl FnMut(usize, &mut Logs, &mut Training<'_>) + 'a) -> Self {
        Self { epoch_end: Some(Box::new(f)), ..self }
    }

    /// Calls `f(batch, logs, training)` after each batch.
    pub fn on_train_batch_end(self, f: impl FnMut(usize, &Logs, &mut Training<'_>) + 'a) -> Self {
        Self { batch_end: Some(Box::new(f)), ..self }
    }
}

impl Callback for LambdaCallback<'_> {
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        if let Some(f) = &mut self.train_begin {
            f(training);
        }
        Ok(())
    }

    fn on_train_end(&mut self, logs: &Logs, training: &mut Training<'_>) -> Result<()> {
        if let Some(f) = &mut self.train_end {
            f(logs, training);
        }
        Ok(())
    }

    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training<'_>) -> Result<()> {
        if let Some(f) = &mut self.epoch_begin {
            f(epoch, training);
        }
        Ok(())
    }

    fn on_epoch_end(
        &mut self,
        epoch: usize,
        logs: &mut Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        if let Some(f) = &mut self.epoch_end {
            f(epoch, logs, training);
        }
        Ok(())
    }

    fn on_train_batch_end(
        &mut self,
        batch: usize,
        logs: &Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        if let Some(f) = &mut self.batch_end {
            f(batch, logs, training);
        }
        Ok(())
    }
}

impl fmt::Debug for LambdaCallback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LambdaCallback").finish_non_exhaustive()
    }
}
