//! The executor: cuts a batch into chunks whose numbers stay in the cache, runs the whole chain of
//! layers on each, and spreads the chunks over the cores.
//!
//! Neither the chunks nor the order of any sum depends on the number of threads: the same seed
//! gives the same bits on one core and on many.

mod chunk;
mod cut;
mod flow;
mod lane;
mod logits;
mod plan;
mod run;
mod states;
mod watched;

use std::ops::Range;

use ceratops_core::{Context, Error, Mask, Result, Tensor, Tensors, Update, parallel};

pub(crate) use self::flow::Flow;
pub use self::logits::Logits;
pub(crate) use self::plan::{Plan, in_node};
use self::run::Run;
pub use self::watched::Watch;
pub(crate) use self::watched::{watch, watch_training};
use crate::{
    Model,
    inference::{infer, infer_one},
};

/// The loss of the samples of a range, given the model's output for them: its (weighted) sum and
/// its gradient.
pub type LossFn<'a> = dyn Fn(Range<usize>, &Tensor) -> Result<(f64, Tensor)> + Sync + 'a;

/// The losses of the samples of a chunk, given the model's outputs for them: for each output its
/// (weighted) sum and its gradient; no gradient where the output has no loss.
pub type LossesFn<'a> = dyn Fn(&Part<'_>) -> Result<Vec<(f64, Option<Tensor>)>> + Sync + 'a;

/// What a model puts out for the samples of a chunk.
#[derive(Debug)]
pub struct Part<'a> {
    /// Which samples of the batch they are.
    pub range: Range<usize>,
    /// The outputs in the model's order; logits, where those were asked for.
    pub outputs: &'a [Tensor],
    /// For each output with a mask the mask, and by how much the steps that count weigh more: all
    /// steps of the batch over those that count.
    pub masks: &'a [Option<(Mask, f64)>],
}

/// What a pass through the layers and back gives.
#[derive(Debug)]
pub struct Pass {
    /// The model's output; logits, if those were asked for.
    pub y: Tensor,
    /// The sum of the losses that the loss function gave.
    pub loss: f64,
    /// The losses that layers added themselves, such as penalties on their output.
    pub layer_loss: f64,
    /// The gradient of each weight in the order of the model's params; `None` if it is frozen.
    pub gradients: Vec<Option<Tensor>>,
    /// New values for the weights that layers update themselves, at most one for each.
    pub updates: Vec<Update>,
}

/// What a pass through a model of any number of outputs gives.
#[derive(Debug)]
pub struct ModelPass {
    /// The outputs in the model's order; logits, where those were asked for.
    pub outputs: Vec<Tensor>,
    /// Which steps of each output count; `None` where all do.
    pub masks: Vec<Option<Mask>>,
    /// For each output the sum of the losses that the loss function gave.
    pub losses: Vec<f64>,
    /// The losses that layers added themselves, such as penalties on their output.
    pub layer_loss: f64,
    /// The gradient of each weight in the order of the model's params; `None` if it is frozen.
    pub gradients: Vec<Option<Tensor>>,
    /// What becomes of the weights that layers update themselves, call after call.
    pub updates: Vec<Update>,
}

impl ModelPass {
    /// The pass of a model of one output.
    pub(crate) fn single(self) -> Result<Pass> {
        let Self { outputs, losses, layer_loss, gradients, updates, .. } = self;
        let y = Tensors::from(outputs).single()?;
        Ok(Pass { y, loss: losses.into_iter().sum(), layer_loss, gradients, updates })
    }
}

/// How a training pass runs.
#[derive(Debug, Clone, Copy)]
pub struct PassOptions {
    /// Whence Dropout and its kin draw.
    pub seed: u64,
    /// Which step it is: every step draws other numbers.
    pub step: u64,
    /// Whether the last layer leaves out its closing softmax or sigmoid; for several outputs, which
    /// of them do.
    pub logits: Logits,
    /// Whether the loss must see the whole batch at once: then it is not cut into chunks.
    pub whole: bool,
}

/// The outputs of `model` for `xs` in inference mode, their masks, and the losses that layers added.
pub(crate) fn predict(model: &Model, xs: &[Tensor], logits: Logits) -> Result<TestPass> {
    match model.stateful_batch_size()? {
        Some(size) => states::batch_by_batch(xs, size, |xs| predict_batch(model, xs, logits)),
        None => predict_batch(model, xs, logits),
    }
}

fn predict_batch(model: &Model, xs: &[Tensor], logits: Logits) -> Result<TestPass> {
    let batch = xs.first().map_or(0, Tensor::batch);
    let pass = |chunk: u64, range: &Range<usize>| {
        let cx = Context::inference().of_batch(batch).of_chunk(chunk).of_rows(range.start);
        let mut cx = cx.keeping_states();
        let xs = cut::all_samples(xs, range)?;
        let (outputs, masks) = infer(model, xs, Vec::new(), &mut cx, logits)?;
        Ok(TestPass { outputs, masks, layer_loss: cx.take_loss() })
    };
    // One chunk is not worth a list of chunks.
    if batch <= 1 {
        return pass(0, &(0..batch));
    }
    let ranges = cut::for_inference(batch, model);
    let mut chunks: Vec<(u64, Range<usize>, TestPass)> =
        (0..).zip(ranges).map(|(chunk, range)| (chunk, range, TestPass::default())).collect();
    parallel::try_for_each(&mut chunks, |(chunk, range, predicted)| {
        *predicted = pass(*chunk, range)?;
        Ok(())
    })?;
    join(chunks.into_iter().map(|(.., predicted)| predicted).collect())
}

/// The output of a model of one input and one output for one sample, or none: one chunk, which is
/// not worth a list of chunks.
pub(crate) fn predict_one(model: &Model, x: Tensor, logits: Logits) -> Result<(Tensor, f64)> {
    states::expect_batch(model, x.batch())?;
    let mut cx = Context::inference().keeping_states();
    let y = infer_one(model, x.flushed(), &mut cx, logits)?;
    Ok((y, cx.take_loss()))
}

/// What a pass in inference mode gives.
#[derive(Debug, Default)]
pub struct TestPass {
    /// The outputs in the model's order; logits, where those were asked for.
    pub outputs: Tensors,
    /// Which steps of each output count; `None` where all do.
    pub masks: Vec<Option<Mask>>,
    /// The losses that layers added themselves, such as penalties on their output.
    pub layer_loss: f64,
}

/// The chunks of a batch as one.
fn join(mut chunks: Vec<TestPass>) -> Result<TestPass> {
    if chunks.len() == 1 {
        return Ok(chunks.swap_remove(0));
    }
    let layer_loss = chunks.iter().map(|chunk| chunk.layer_loss).sum();
    let count = chunks.first().map_or(0, |chunk| chunk.outputs.len());
    let (mut outputs, mut masks) = (Tensors::new(), Vec::with_capacity(count));
    for i in 0..count {
        let parts: Vec<Tensor> = chunks.iter().map(|chunk| chunk.outputs[i].clone()).collect();
        outputs.push(cut::join(parts)?);
        let parts: Option<Vec<Mask>> =
            chunks.iter().map(|chunk| chunk.masks.get(i).cloned().flatten()).collect();
        masks.push(parts.map(|parts| Mask::concat(&parts)).transpose()?);
    }
    Ok(TestPass { outputs, masks, layer_loss })
}

/// One pass in training mode: the outputs, the losses, and the gradient of every weight.
pub(crate) fn train(
    model: &Model,
    xs: &[Tensor],
    options: PassOptions,
    loss: &LossesFn<'_>,
) -> Result<ModelPass> {
    if xs.first().is_none_or(|x| x.batch() == 0) {
        return Err(Error::Data("cannot train on a batch without samples".into()));
    }
    states::expect_batch(model, xs.first().map_or(0, Tensor::batch))?;
    let plan = Plan::training(model);
    let run = Run::new(&plan, xs, options)?;
    if plan.stages.len() == 1 {
        return go(run, &plan, loss);
    }
    // Region follows region: from within the pool each is a call.
    parallel::within(|| go(run, &plan, loss))
}

/// The run through the stages of the plan, and back.
fn go(mut run: Run<'_>, plan: &Plan<'_>, loss: &LossesFn<'_>) -> Result<ModelPass> {
    for pair in plan.stages.windows(2) {
        run.forward(&pair[0], &pair[1])?;
    }
    // The common case, without coupling: forward, loss and backward while a chunk is in the cache.
    if let Some(last) = plan.stages.last() {
        run.turn(last, loss)?;
    }
    for pair in plan.stages.windows(2).rev() {
        run.backward(&pair[1], &pair[0])?;
    }
    run.finish()
}
