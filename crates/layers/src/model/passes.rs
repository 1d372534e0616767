//! Passes through a model: forward for a measurement, forward and back for an update.

use ceratops_core::{Error, Inputs, Result, Tensor};

use super::Model;
use crate::executor::{
    self, Logits, LossFn, LossesFn, ModelPass, Part, Pass, PassOptions, TestPass,
};

impl Model {
    /// The output of [`Model::predict`], with `logits` without its closing softmax or sigmoid where
    /// it has one ([`Layer::closing_activation`](ceratops_core::Layer::closing_activation)); and the
    /// losses that layers added themselves
    /// ([`Context::add_loss`](ceratops_core::Context::add_loss)).
    pub fn test_pass(&self, x: &Tensor, logits: bool) -> Result<(Tensor, f64)> {
        self.one_output()?;
        let x = self.checked_input(x)?;
        if x.batch() <= 1 {
            return executor::predict_one(self, x, logits.into());
        }
        let predicted = executor::predict(self, &[x], logits.into())?;
        Ok((predicted.outputs.single()?, predicted.layer_loss))
    }

    /// The outputs for the inputs `xs` in their order, their masks, and the losses that layers added
    /// themselves: [`Model::test_pass`] of a model with any number of inputs and outputs. `logits` says
    /// which outputs leave out their closing activation.
    pub fn test_pass_all(&self, xs: &[Tensor], logits: Logits) -> Result<TestPass> {
        let xs = self.checked_inputs(Inputs::List(xs.to_vec()))?;
        match (&xs[..], self.outputs.len(), self.schedule.makes_masks()) {
            ([x], 1, false) if x.batch() <= 1 => {
                let (y, layer_loss) = executor::predict_one(self, x.clone(), logits)?;
                Ok(TestPass { outputs: y.into(), masks: vec![None], layer_loss })
            }
            _ => executor::predict(self, &xs, logits),
        }
    }

    /// One pass in training mode of a model of one input and one output: output, loss and gradients.
    pub fn train_pass(&self, x: &Tensor, options: PassOptions, loss: &LossFn<'_>) -> Result<Pass> {
        self.one_output()?;
        let x = self.checked_input(x)?;
        executor::train(self, &[x], options, &of_one_output(loss))?.single()
    }

    /// One pass in training mode: outputs, losses and gradients. `fit` is built on it. `xs` are the
    /// inputs in their order.
    pub fn train_pass_all(
        &self,
        xs: &[Tensor],
        options: PassOptions,
        losses: &LossesFn<'_>,
    ) -> Result<ModelPass> {
        let xs = self.checked_inputs(Inputs::List(xs.to_vec()))?;
        executor::train(self, &xs, options, losses)
    }

    /// Refuses a model of several outputs where one is wanted.
    pub(super) fn one_output(&self) -> Result<()> {
        match self.outputs.len() {
            1 => Ok(()),
            n => Err(Error::Model(format!(
                "the model has {n} outputs ({}); ask for them with predict_all",
                self.output_names().join(", ")
            ))),
        }
    }
}

/// The losses of a model whose one output has this loss.
pub(super) fn of_one_output<'a>(
    loss: &'a LossFn<'a>,
) -> impl Fn(&Part<'_>) -> Result<Vec<(f64, Option<Tensor>)>> + Sync + 'a {
    |part| {
        let y = part.outputs.first().ok_or_else(|| Error::Model("no output".into()))?;
        let (sum, dy) = loss(part.range.clone(), y)?;
        Ok(vec![(sum, Some(dy))])
    }
}
