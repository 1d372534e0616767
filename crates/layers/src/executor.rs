//! The executor: cuts a batch into chunks whose numbers stay in the cache, runs the whole chain of
//! layers on each, and spreads the chunks over the cores.
//!
//! Neither the chunks nor the order of any sum depends on the number of threads: the same seed
//! gives the same bits on one core and on many.

mod chain;
mod chunk;
mod cut;
mod lane;
mod run;
mod watched;

use std::ops::Range;

use ceratops_core::{Context, Result, Tensor, Update, parallel};

pub(crate) use self::chain::{Chain, in_node};
use self::run::Run;
pub use self::watched::Watch;
pub(crate) use self::watched::{watch, watch_training};
use crate::{Node, inference::infer};

/// The loss of the samples of a range, given the model's output for them: its (weighted) sum and
/// its gradient.
pub type LossFn<'a> = dyn Fn(Range<usize>, &Tensor) -> Result<(f64, Tensor)> + Sync + 'a;

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

/// How a training pass runs.
#[derive(Debug, Clone, Copy)]
pub struct PassOptions {
    /// Whence Dropout and its kin draw.
    pub seed: u64,
    /// Which step it is: every step draws other numbers.
    pub step: u64,
    /// Whether the last layer leaves out its closing softmax or sigmoid.
    pub logits: bool,
    /// Whether the loss must see the whole batch at once: then it is not cut into chunks.
    pub whole: bool,
}

/// The output of `nodes` for `x` in inference mode, and the losses that layers added.
pub(crate) fn predict(nodes: &[Node], x: &Tensor, logits: bool) -> Result<(Tensor, f64)> {
    if x.batch() <= 1 {
        // One chunk, which is not worth a list of chunks.
        let mut cx = Context::inference();
        let y = infer(nodes, x.clone().flushed(), &mut cx, logits)?;
        return Ok((y, cx.take_loss()));
    }
    let ranges = cut::for_inference(x.batch(), nodes);
    let mut chunks: Vec<(u64, Range<usize>, Option<Tensor>, f64)> =
        (0..).zip(ranges).map(|(chunk, range)| (chunk, range, None, 0.0)).collect();
    parallel::try_for_each(&mut chunks, |(chunk, range, y, loss)| {
        let mut cx = Context::inference().of_batch(x.batch()).of_chunk(*chunk);
        *y = Some(infer(nodes, cut::samples(x, range)?, &mut cx, logits)?);
        *loss = cx.take_loss();
        Ok(())
    })?;
    let loss = chunks.iter().map(|(.., loss)| loss).sum();
    let parts = chunks.into_iter().filter_map(|(_, _, y, _)| y).collect();
    Ok((cut::join(parts)?, loss))
}

/// One pass in training mode: the output, the loss, and the gradient of every weight.
pub(crate) fn train(
    nodes: &[Node],
    x: &Tensor,
    options: PassOptions,
    loss: &LossFn<'_>,
) -> Result<Pass> {
    let chain = Chain::new(nodes);
    let run = Run::new(&chain, x, options)?;
    let mut bodies = chain.bodies();
    let last = bodies.pop().unwrap_or_default();
    if bodies.is_empty() {
        return go(run, &bodies, &last, loss);
    }
    // Region follows region: from within the pool each is a call.
    parallel::within(|| go(run, &bodies, &last, loss))
}

/// The run through the `bodies` between coupling nodes, the `last` one, and back.
fn go(
    mut run: Run<'_>,
    bodies: &[Range<usize>],
    last: &Range<usize>,
    loss: &LossFn<'_>,
) -> Result<Pass> {
    for body in bodies {
        run.forward(body)?;
        run.forward_coupling(body.end)?;
    }
    // The common case, without coupling: forward, loss and backward while a chunk is in the cache.
    run.turn(last, loss)?;
    for body in bodies.iter().rev() {
        run.backward_coupling(body.end)?;
        run.backward(body)?;
    }
    run.finish()
}
