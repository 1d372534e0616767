//! What the next step of training would do, without doing it.

use ceratops_core::{Inputs, Param, Result, Tensor};

use super::probe::{Plan, Seen, together};
use crate::{
    CompiledModel,
    data::Examples,
    optimizers,
    step::{self, Objective},
};

/// A step that is only looked at.
#[derive(Debug)]
pub(super) struct Step {
    /// The loss before it, penalties included.
    pub(super) loss: f64,
    /// The gradient of each weight; `None` where it does not learn.
    gradients: Vec<Option<Tensor>>,
    /// The weights as they would be behind it; none where gradients are gathered and the weights
    /// do not follow yet.
    after: Vec<Tensor>,
}

impl Step {
    /// The gradient of weight `index`.
    pub(super) fn gradient(&self, index: usize) -> Option<&Tensor> {
        self.gradients.get(index)?.as_ref()
    }

    /// The value that weight `index` would have.
    pub(super) fn after(&self, index: usize) -> Option<&Tensor> {
        self.after.get(index)
    }

    /// How far weight `index`, which is `param` now, would move; `None` if it does not learn.
    pub(super) fn update(&self, index: usize, param: &Param) -> Option<f64> {
        let after = self.after(index).filter(|_| param.learns())?;
        let pairs = after.as_slice().iter().zip(param.value().as_slice());
        let squares: f64 = pairs.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
        Some(squares.sqrt())
    }
}

/// What `train_on_batch` would do with `batch`, and what is seen on the way. The optimizer works on
/// copies.
pub(super) fn step(
    compiled: &CompiledModel,
    objective: &Objective,
    batch: &Examples,
    plan: &Plan,
) -> Result<(Step, Vec<Seen>)> {
    let mut compiled = compiled.clone();
    let options = objective.pass(&compiled.model, 0, compiled.state.iterations());
    let x = Inputs::List(batch.x.to_vec());
    let losses = objective.of_parts(batch);
    let (mut pass, probes) =
        compiled.model.watch_training_all(x, options, &losses, || plan.probe())?;
    step::assign(&mut compiled.model.params_mut(), std::mem::take(&mut pass.updates))?;
    let loss = objective.total(&pass.losses) + pass.layer_loss + step::penalties(&compiled.model)?;
    compiled.state.set_paths(optimizers::paths(&compiled.model));
    let mut params = compiled.model.params_mut();
    for (param, dw) in params.iter().zip(&mut pass.gradients) {
        step::regularize(param, dw)?;
    }
    // Optimizers clip gradients where they are.
    let gradients = pass.gradients.clone();
    compiled.state.apply(&*compiled.optimizer, &mut params, &mut pass.gradients)?;
    let every = compiled.optimizer.base().gradient_accumulation_steps.unwrap_or(1).max(1);
    let due = compiled.state.iterations().is_multiple_of(every);
    let after = params.iter().filter(|_| due).map(|param| param.value().clone()).collect();
    Ok((Step { loss, gradients, after }, together(probes)))
}
