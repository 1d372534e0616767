//! One step on one batch: the loss, its gradient, the update of the weights.

use std::sync::Arc;

use ceratops_core::{
    Closing, Error, Mask, MultiLayer, Param, Result, Shape, Tensor, Tensors, Update,
};
use ceratops_layers::{Logits, Model, Part, PassOptions};

use crate::{
    Loss, Optimizer,
    data::Examples,
    losses::{self, Targets},
    optimizers::OptimizerState,
};

/// What a batch is measured by: for each output of the model what it shall do, if that has a loss.
#[derive(Debug, Clone)]
pub(crate) struct Objective {
    goals: Vec<Option<Goal>>,
    /// Whether an output may have a mask.
    masked: bool,
}

/// The loss of one output, joined with the model's closing activation if they can be.
#[derive(Debug, Clone)]
struct Goal {
    loss: Arc<dyn Loss>,
    /// The activation that the model leaves out, since the loss works on logits.
    closing: Option<Closing>,
    /// What the loss counts for among those of all outputs.
    weight: f64,
}

impl Goal {
    fn new(loss: Arc<dyn Loss>, closing: Option<Closing>, weight: f64) -> Self {
        match closing.and_then(|closing| loss.with_logits(closing)) {
            Some(joined) => Self { loss: joined.into(), closing, weight },
            None => Self { loss, closing: None, weight },
        }
    }
}

/// What a batch was found to be, before the update if there was one.
#[derive(Debug)]
pub(crate) struct Measured {
    /// All together: the weighted sum of the outputs' losses, and the penalties.
    pub(crate) loss: f64,
    /// The loss of each output by itself, not weighted.
    pub(crate) losses: Vec<f64>,
    /// The outputs; logits, where the objective says so.
    pub(crate) outputs: Tensors,
    /// Which steps of each output count.
    pub(crate) masks: Vec<Option<Mask>>,
}

impl Objective {
    /// For each output of the model its loss, if it has one, and what that is multiplied by.
    pub(crate) fn new(model: &Model, losses: Vec<Option<(Arc<dyn Loss>, f64)>>) -> Self {
        let goals = losses.into_iter().enumerate().map(|(place, loss)| {
            loss.map(|(loss, weight)| Goal::new(loss, model.closing_of(place), weight))
        });
        Self { goals: goals.collect(), masked: MultiLayer::makes_mask(model) }
    }

    /// The activation that output `place` leaves out.
    pub(crate) fn closing(&self, place: usize) -> Option<Closing> {
        self.goals.get(place)?.as_ref()?.closing
    }

    /// Which outputs leave theirs out.
    pub(crate) fn logits(&self) -> Logits {
        let closed = (0..self.goals.len()).filter(|&place| self.closing(place).is_some());
        closed.fold(Logits::NONE, Logits::with)
    }

    /// How a pass for this objective runs, which is the pass number `step`.
    pub(crate) fn pass(&self, model: &Model, seed: u64, step: u64) -> PassOptions {
        PassOptions { seed, step, logits: self.logits(), whole: self.couples_samples(model) }
    }

    /// The loss of each output, penalties not included; 0 of one that has none.
    pub(crate) fn losses(
        &self,
        data: &Examples,
        outputs: &[Tensor],
        masks: &[Option<Mask>],
    ) -> Result<Vec<f64>> {
        let losses = self.targets(data).into_iter().zip(outputs).enumerate();
        losses
            .map(|(place, (targets, output))| {
                let mask = masks.get(place).and_then(Option::as_ref);
                targets.map_or(Ok(0.0), |targets| targets.value(output, mask))
            })
            .collect()
    }

    /// The outputs' losses together, each times its weight.
    pub(crate) fn total(&self, losses: &[f64]) -> f64 {
        let weighed = self.goals.iter().zip(losses);
        weighed.filter_map(|(goal, loss)| Some(goal.as_ref()?.weight * loss)).sum()
    }

    /// Whether the loss of an output compares samples with each other.
    fn couples_samples(&self, model: &Model) -> bool {
        let shapes = model.output_shapes();
        self.losses_of(&shapes).any(|(loss, ndim)| losses::couples_samples(loss, ndim, self.masked))
    }

    /// Whether the loss of a data set hangs on how it is cut into batches.
    pub(crate) fn depends_on_batches(&self, model: &Model) -> bool {
        let shapes = model.output_shapes();
        let mut losses = self.losses_of(&shapes);
        losses.any(|(loss, ndim)| losses::depends_on_batches(loss, ndim, self.masked))
    }

    /// The losses, each with the number of its output's axes.
    fn losses_of<'a>(
        &'a self,
        shapes: &'a [&'a Shape],
    ) -> impl Iterator<Item = (&'a dyn Loss, usize)> {
        let goals = self.goals.iter().zip(shapes);
        goals.filter_map(|(goal, shape)| Some((&*goal.as_ref()?.loss, shape.ndim())))
    }

    /// For each output what measures the parts of a batch.
    fn targets<'a>(&'a self, data: &'a Examples) -> Vec<Option<Targets<'a>>> {
        let goals = self.goals.iter().zip(&data.labels).map(|(goal, labels)| {
            let (goal, labels) = (goal.as_ref()?, labels.as_ref()?);
            let targets = Targets::new(&*goal.loss, &labels.y, labels.weights.as_ref());
            Some(targets.with_loss_weight(goal.weight))
        });
        goals.collect()
    }

    /// What a training pass on `data` asks for the losses of its parts and their gradients.
    pub(crate) fn of_parts<'a>(
        &'a self,
        data: &'a Examples,
    ) -> impl Fn(&Part<'_>) -> Result<Vec<(f64, Option<Tensor>)>> + Sync + 'a {
        let targets = self.targets(data);
        move |part| {
            let outputs = targets.iter().zip(part.outputs).zip(part.masks);
            outputs
                .map(|((targets, output), kept)| {
                    let Some(targets) = targets else { return Ok((0.0, None)) };
                    let kept = kept.as_ref().map(|(mask, more)| (mask, *more));
                    let (loss, dy) = targets.of_part(part.range.clone(), output, kept)?;
                    Ok((loss, Some(dy)))
                })
                .collect()
        }
    }
}

/// One update of the model's weights from a batch.
pub(crate) fn train(
    model: &mut Model,
    optimizer: &dyn Optimizer,
    state: &mut OptimizerState,
    objective: &Objective,
    data: &Examples,
    seed: u64,
) -> Result<Measured> {
    let options = objective.pass(model, seed, state.iterations());
    let mut pass = model.train_pass_all(&data.x, options, &objective.of_parts(data))?;
    let mut loss = objective.total(&pass.losses) + pass.layer_loss;
    let mut params = model.params_mut();
    assign(&mut params, pass.updates)?;
    for (param, dw) in params.iter().zip(&mut pass.gradients) {
        loss += penalty(param)?;
        regularize(param, dw)?;
    }
    state.apply(optimizer, &mut params, &mut pass.gradients)?;
    Ok(Measured { loss, losses: pass.losses, outputs: pass.outputs.into(), masks: pass.masks })
}

/// Gives weights the values that their layers have computed. As in Keras that is done when the optimizer
/// comes, which goes on from there.
pub(crate) fn assign(params: &mut [&mut Param], updates: Vec<Update>) -> Result<()> {
    for update in updates {
        if let Some(param) = params.get_mut(update.index) {
            param.set_value(update.of(param.value())?)?;
        }
    }
    Ok(())
}

/// The loss of the batch as the model is; nothing is learned.
pub(crate) fn test(model: &Model, objective: &Objective, data: &Examples) -> Result<Measured> {
    let pass = model.test_pass_all(&data.x, objective.logits())?;
    let losses = objective.losses(data, &pass.outputs, &pass.masks)?;
    let loss = objective.total(&losses) + pass.layer_loss + penalties(model)?;
    Ok(Measured { loss, losses, outputs: pass.outputs, masks: pass.masks })
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
