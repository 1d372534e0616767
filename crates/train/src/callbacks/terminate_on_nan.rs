//! TerminateOnNaN: ends the training where the loss is no number any more.

use ceratops_core::{Error, Result};

use super::{Callback, Training};
use crate::Logs;

/// Ends the training after a batch whose loss is NaN or infinite.
///
/// Source: Keras, `keras.callbacks.TerminateOnNaN`.
#[derive(Debug, Clone, Copy, Default)]
#[must_use]
pub struct TerminateOnNaN {
    raise_error: bool,
}

impl TerminateOnNaN {
    /// Stops the training as any callback does.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether `fit` ends with an error instead, and `on_train_end` is told to nobody.
    pub fn raise_error(self, raise_error: bool) -> Self {
        Self { raise_error }
    }
}

impl Callback for TerminateOnNaN {
    fn on_train_batch_end(
        &mut self,
        batch: usize,
        logs: &Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        match logs.get("loss") {
            Some(loss) if !loss.is_finite() && self.raise_error => Err(Error::Model(format!(
                "the loss is {loss} at batch {batch}; try a smaller learning rate or clipnorm, \
                 and look for NaN in the data"
            ))),
            Some(loss) if !loss.is_finite() => {
                training.stop();
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
