//! SwapEMAWeights: the running means of the weights stand in for them.

use ceratops_core::{Error, Result, Tensor};

use super::{Callback, Training};
use crate::Logs;

/// Puts the running means of the weights into the weights' places while the model is validated, and
/// the weights back afterwards. The optimizer must keep such means: `Adam::new(1e-3).use_ema(true)`.
///
/// With [`SwapEMAWeights::swap_on_epoch`] they also stand there from the end of an epoch to the
/// beginning of the next, so that callbacks told later (a checkpoint) see them.
///
/// The optimizer's means stay where they are, and the weights wait here; Keras exchanges the two.
/// So the model ends with the means also where another callback stops the training early, which in
/// Keras loses them.
///
/// Source: Keras, `keras.callbacks.SwapEMAWeights`.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct SwapEMAWeights {
    swap_on_epoch: bool,
    /// The weights whose places are taken.
    waiting: Option<Vec<Tensor>>,
}

impl SwapEMAWeights {
    /// Swaps for the validation alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the means stay in their places between epochs.
    pub fn swap_on_epoch(self, swap: bool) -> Self {
        Self { swap_on_epoch: swap, ..self }
    }

    /// Lets the means in.
    fn swap_in(&mut self, training: &mut Training<'_>) {
        if self.waiting.is_some() {
            return;
        }
        let weights = training.model().get_weights();
        // The means of weights that learn; others stay.
        training.compiled_mut().finalize_variable_values();
        self.waiting = Some(weights);
    }

    /// Lets the weights in again.
    fn swap_out(&mut self, training: &mut Training<'_>) -> Result<()> {
        match self.waiting.take() {
            Some(weights) => training.model_mut().set_weights(&weights),
            None => Ok(()),
        }
    }
}

impl Callback for SwapEMAWeights {
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        self.waiting = None;
        if training.compiled().optimizer().base().use_ema {
            return Ok(());
        }
        let expected = "an optimizer that keeps running means of the weights, for SwapEMAWeights";
        Err(Error::argument("use_ema", expected, false))
    }

    fn on_epoch_begin(&mut self, _: usize, training: &mut Training<'_>) -> Result<()> {
        self.swap_out(training)
    }

    fn on_test_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        self.swap_in(training);
        Ok(())
    }

    fn on_test_end(&mut self, _: &Logs, training: &mut Training<'_>) -> Result<()> {
        self.swap_out(training)
    }

    fn on_epoch_end(&mut self, _: usize, _: &mut Logs, training: &mut Training<'_>) -> Result<()> {
        if self.swap_on_epoch {
            self.swap_in(training);
        }
        Ok(())
    }

    /// The means have stayed in their places, or `fit` has put them there for good.
    fn on_train_end(&mut self, _: &Logs, _: &mut Training<'_>) -> Result<()> {
        self.waiting = None;
        Ok(())
    }

    /// The weights whose places are taken.
    fn tensors(&self) -> Vec<Tensor> {
        self.waiting.clone().unwrap_or_default()
    }

    fn set_tensors(&mut self, tensors: &[Tensor]) -> Result<()> {
        self.waiting = (!tensors.is_empty()).then(|| tensors.to_vec());
        Ok(())
    }
}
