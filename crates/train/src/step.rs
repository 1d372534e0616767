//! One step on one batch: the loss, its gradient, the update of the weights.

use std::{ops::Range, sync::Arc};

use ceratops_core::{Closing, Error, Param, Result, Shape, Tensor};
use ceratops_layers::{Model, PassOptions};

use crate::{
    Loss, Optimizer,
    data::Batch,
    losses::{self, Targets},
    optimizers::OptimizerState,
};

/// What a batch is measured by: a loss, joined with the model's closing activation if they can be.
#[derive(Debug, Clone)]
pub(crate) struct Objective {
    loss: Arc<dyn Loss>,
    /// The activation that the model leaves out, since the loss works on logits.
    closing: Option<Closing>,
    /// What the loss is multiplied by.
    loss_weight: f64,
}

impl Objective {
    /// The `loss` of that model's output, multiplied by `loss_weight`.
    pub(crate) fn new(model: &Model, loss: Arc<dyn Loss>, loss_weight: f64) -> Self {
        let closing = model.closing_of(0);
        match closing.and_then(|closing| loss.with_logits(closing)) {
            Some(joined) => Self { loss: joined.into(), closing, loss_weight },
            None => Self { loss, closing: None, loss_weight },
        }
    }

    /// The activation that the model leaves out.
    pub(crate) fn closing(&self) -> Option<Closing> {
        self.closing
    }

    /// The loss of the outputs for `data`, penalties not included.
    pub(crate) fn loss(&self, data: &Batch, output: &Tensor) -> Result<f64> {
        self.of(data).value(output)
    }

    /// Whether the loss of an output with so many axes compares samples with each other.
    pub(crate) fn couples_samples(&self, axes: usize) -> bool {
        losses::couples_samples(&*self.loss, axes)
    }

    /// Whether the loss of a data set hangs on how it is cut into batches.
    pub(crate) fn depends_on_batches(&self, output: &Shape) -> bool {
        losses::depends_on_batches(&*self.loss, output.ndim())
    }

    /// The same, for the parts of a batch.
    pub(crate) fn of<'a>(&'a self, data: &'a Batch) -> Targets<'a> {
        let targets = Targets::new(&*self.loss, &data.y, data.sample_weight.as_ref());
        targets.with_loss_weight(self.loss_weight)
    }
}

/// One update of the model's weights from a batch. Returns the loss before the update, penalties
/// included, and the model's output.
pub(crate) fn train(
    model: &mut Model,
    optimizer: &dyn Optimizer,
    state: &mut OptimizerState,
    objective: &Objective,
    data: &Batch,
    seed: u64,
) -> Result<(f64, Tensor)> {
    let logits = objective.closing.is_some();
    let output = model.output_shape().map_or(0, Shape::ndim);
    let whole = objective.couples_samples(output);
    let options = PassOptions { seed, step: state.iterations(), logits: logits.into(), whole };
    let targets = objective.of(data);
    let loss = |part: Range<usize>, output: &Tensor| targets.of_part(part, output);
    let mut pass = model.train_pass(&data.x, options, &loss)?;
    let mut loss = pass.loss + pass.layer_loss;
    let mut params = model.params_mut();
    for (param, dw) in params.iter().zip(&mut pass.gradients) {
        loss += penalty(param)?;
        regularize(param, dw)?;
    }
    state.apply(optimizer, &mut params, &mut pass.gradients)?;
    for update in pass.updates {
        if let Some(param) = params.get_mut(update.index) {
            param.set_value(update.of(param.value())?)?;
        }
    }
    Ok((loss, pass.y))
}

/// Adds the gradient of the penalty on a weight to that of the loss.
pub(crate) fn regularize(param: &Param, dw: &mut Option<Tensor>) -> Result<()> {
    if dw.is_some()
        && let Some(constraint) = param.constraint()
    {
        constraint.check_known().map_err(|e| unknown(param, e))?;
    }
    match (param.regularizer(), dw) {
        (Some(regularizer), Some(dw)) => regularizer.add_gradient(param.value(), dw),
        _ => Ok(()),
    }
}

/// The error for what governs a weight in training and is not known here.
fn unknown(param: &Param, error: Error) -> Error {
    let help = format!(
        "the model can be asked but not trained: set another one for the weight \"{}\", or freeze its \
         layer",
        param.name()
    );
    error.with_help(help)
}

/// The sum of the penalties on the weights.
pub(crate) fn penalties(model: &Model) -> Result<f64> {
    model.params().into_iter().map(penalty).sum()
}

/// The penalty on a weight. As in Keras, a frozen one has none.
fn penalty(param: &Param) -> Result<f64> {
    let Some(regularizer) = param.regularizer().filter(|_| param.learns()) else { return Ok(0.0) };
    regularizer.check_known().map_err(|e| unknown(param, e))?;
    Ok(regularizer.loss(param.value()))
}
