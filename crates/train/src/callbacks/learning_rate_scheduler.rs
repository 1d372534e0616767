//! LearningRateScheduler: the learning rate as a function of the epoch.

use std::fmt;

use ceratops_core::Result;

use super::{Callback, Training};
use crate::Logs;

/// Sets the learning rate before each epoch, and adds `learning_rate` to the logs.
///
/// ```
/// use ceratops_train::{FitOptions, callbacks::LearningRateScheduler};
///
/// let schedule = LearningRateScheduler::new(|epoch, rate| if epoch < 10 { rate } else { rate * 0.9 });
/// let options = FitOptions::new().epochs(30).callback(schedule);
/// # let _ = options;
/// ```
///
/// `fit` ends with an error where the learning rate follows a schedule of the optimizer's already.
///
/// Source: Keras, `keras.callbacks.LearningRateScheduler`.
#[must_use]
pub struct LearningRateScheduler<'a> {
    schedule: Box<dyn FnMut(usize, f64) -> f64 + 'a>,
}

impl<'a> LearningRateScheduler<'a> {
    /// Asks `schedule(epoch, rate)` for the rate of each epoch, counted from 0.
    pub fn new(schedule: impl FnMut(usize, f64) -> f64 + 'a) -> Self {
        Self { schedule: Box::new(schedule) }
    }
}

impl Callback for LearningRateScheduler<'_> {
    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training<'_>) -> Result<()> {
        let rate = (self.schedule)(epoch, training.learning_rate());
        training.set_learning_rate(rate);
        Ok(())
    }

    fn on_epoch_end(
        &mut self,
        _: usize,
        logs: &mut Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        logs.insert("learning_rate", training.learning_rate());
        Ok(())
    }
}

impl fmt::Debug for LearningRateScheduler<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LearningRateScheduler").finish_non_exhaustive()
    }
}
