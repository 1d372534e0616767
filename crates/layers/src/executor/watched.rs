//! Passes that are looked into: what every layer puts out, and the gradient that comes back to it.

use std::ops::Range;

use ceratops_core::{Context, Error, Gradients, Inside, Mask, Result, Tensor, parallel};

use super::{Flow, Logits, LossesFn, ModelPass, Part, PassOptions, Plan, cut, run::last_of_each};
use crate::Model;

/// How many chunks are on their way at a time, each with gradients of its own. It does not depend
/// on the number of threads, so that the sums do not either.
const AT_A_TIME: usize = cut::SHARES;

/// Looks at what passes through a model, for one chunk of the batch. Layers are counted as in
/// [`Model::leaves`](crate::Model::leaves).
pub trait Watch: Send {
    /// The output of a layer, in their order.
    fn output(&mut self, layer: usize, y: &Tensor);

    /// What a layer computes within, before its output.
    fn inside(&mut self, layer: usize, what: Inside, values: &Tensor) {
        let _ = (layer, what, values);
    }

    /// The gradient of the loss by the output of a layer, last layer first. It is not asked for
    /// below the first layer that learns.
    fn gradient(&mut self, layer: usize, dy: &Tensor) {
        let _ = (layer, dy);
    }
}

/// A chunk of the batch with who looks at it.
struct Seen<W> {
    index: u64,
    range: Range<usize>,
    watch: W,
    pass: Option<ModelPass>,
}

fn seen<W>(ranges: Vec<Range<usize>>, watch: impl Fn() -> W) -> Vec<Seen<W>> {
    let chunk = |(index, range)| Seen { index, range, watch: watch(), pass: None };
    (0..).zip(ranges).map(chunk).collect()
}

/// Runs `model` on `xs` in inference mode, chunk by chunk. Returns who has looked, in the chunks'
/// order.
pub(crate) fn watch<W: Watch>(
    model: &Model,
    xs: &[Tensor],
    watch: impl Fn() -> W,
) -> Result<Vec<W>> {
    let (plan, batch) = (Plan::in_order(model), xs.first().map_or(0, Tensor::batch));
    let mut chunks = seen(cut::for_inference(batch, model), watch);
    parallel::try_for_each(&mut chunks, |chunk| {
        let cx = Context::inference().of_batch(batch).of_chunk(chunk.index);
        let mut cx = cx.of_rows(chunk.range.start).looked_into();
        let mut flow = Flow::new(&plan, cut::all_samples(xs, &chunk.range)?, &[]);
        forward(&plan, &mut flow, &mut cx, Logits::NONE, &mut chunk.watch)
    })?;
    Ok(chunks.into_iter().map(|chunk| chunk.watch).collect())
}

/// The same in training mode, and back. Where samples are coupled, the batch is not cut.
pub(crate) fn watch_training<W: Watch>(
    model: &Model,
    xs: &[Tensor],
    options: PassOptions,
    losses: &LossesFn<'_>,
    watch: impl Fn() -> W,
) -> Result<(ModelPass, Vec<W>)> {
    let no_samples = || Error::Data("cannot train on a batch without samples".into());
    let batch = xs.first().map_or(0, Tensor::batch);
    if batch == 0 {
        return Err(no_samples());
    }
    let plan = Plan::in_order(model);
    let whole = options.whole || plan.couples() || plan.masks;
    let ranges = match whole {
        true => std::iter::once(0..batch).collect(),
        false => cut::for_training(batch, &plan),
    };
    let mut chunks = seen(ranges, watch);
    let (mut total, mut parts): (Option<ModelPass>, _) = (None, Vec::with_capacity(chunks.len()));
    for group in chunks.chunks_mut(AT_A_TIME) {
        parallel::try_for_each(group, |chunk| {
            chunk.pass = Some(there_and_back(&plan, xs, options, losses, chunk)?);
            Ok(())
        })?;
        for pass in group.iter_mut().filter_map(|chunk| chunk.pass.take()) {
            parts.push(pass.outputs.clone());
            total = Some(match total {
                Some(total) => sum(total, pass)?,
                None => pass,
            });
        }
    }
    let join = |i: usize| cut::join(parts.iter().map(|outputs| outputs[i].clone()).collect());
    let outputs = (0..plan.outputs.len()).map(join).collect::<Result<_>>()?;
    let pass = ModelPass { outputs, ..total.ok_or_else(no_samples)? };
    Ok((pass, chunks.into_iter().map(|chunk| chunk.watch).collect()))
}

fn there_and_back<W: Watch>(
    plan: &Plan<'_>,
    xs: &[Tensor],
    options: PassOptions,
    losses: &LossesFn<'_>,
    chunk: &mut Seen<W>,
) -> Result<ModelPass> {
    let PassOptions { seed, step, logits, .. } = options;
    let batch = xs.first().map_or(0, Tensor::batch);
    let cx = Context::training(seed, step, chunk.index).of_batch(batch);
    let mut cx = cx.of_rows(chunk.range.start).looked_into();
    let watch = &mut chunk.watch;
    let mut flow = Flow::new(plan, cut::all_samples(xs, &chunk.range)?, &[]);
    forward(plan, &mut flow, &mut cx, logits, watch)?;
    let outputs = flow.outputs(plan)?;
    let masks: Vec<_> = plan.outputs.iter().map(|&slot| flow.masks[slot].clone()).collect();
    // Where there are masks, the chunk is the whole batch.
    let scaled: Vec<_> = masks
        .iter()
        .map(|mask| {
            mask.clone().map(|mask| {
                let scale = Mask::scale(mask.tensor().len(), mask.count());
                (mask, scale)
            })
        })
        .collect();
    let found = losses(&Part { range: chunk.range.clone(), outputs: &outputs, masks: &scaled })?;
    let mut losses = Vec::with_capacity(outputs.len());
    for (&slot, (loss, dy)) in plan.outputs.iter().zip(found) {
        losses.push(loss);
        dy.map_or(Ok(()), |dy| flow.add(slot, dy))?;
    }
    let mut gradients = plan.gradients();
    for (i, step) in plan.steps.iter().enumerate().rev() {
        if let Some(dy) = &flow.gradients[step.outputs.start] {
            watch.gradient(i, dy);
        }
        flow.backward(plan, i, &mut Gradients::new(&mut gradients, false), None)?;
    }
    let (layer_loss, updates) = (cx.take_loss(), last_of_each(cx.take_updates()));
    Ok(ModelPass { outputs, masks, losses, layer_loss, gradients, updates })
}

fn forward(
    plan: &Plan<'_>,
    flow: &mut Flow,
    cx: &mut Context,
    logits: Logits,
    watch: &mut dyn Watch,
) -> Result<()> {
    for i in 0..plan.steps.len() {
        flow.forward(plan, i, cx, logits)?;
        cx.take_inside().iter().for_each(|(what, values)| watch.inside(i, *what, values));
        if let Some(y) = flow.output_of(plan, i) {
            watch.output(i, y);
        }
    }
    Ok(())
}

/// Both passes together; of two updates of one weight by one call the second stays.
fn sum(mut total: ModelPass, next: ModelPass) -> Result<ModelPass> {
    for (sum, part) in total.gradients.iter_mut().zip(&next.gradients) {
        if let (Some(sum), Some(part)) = (sum, part) {
            sum.add_scaled(1.0, part)?;
        }
    }
    total.updates.extend(next.updates);
    total.updates = last_of_each(total.updates);
    total.losses.iter_mut().zip(next.losses).for_each(|(total, loss)| *total += loss);
    total.layer_loss += next.layer_loss;
    Ok(total)
}
