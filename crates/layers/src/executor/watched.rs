//! Passes that are looked into: what every layer puts out, and the gradient that comes back to it.

use std::ops::Range;

use ceratops_core::{Context, Error, Gradients, Result, Saved, Tensor, Update, parallel};

use super::{Chain, LossFn, Pass, PassOptions, cut};
use crate::Node;

/// How many chunks are on their way at a time, each with gradients of its own. It does not depend
/// on the number of threads, so that the sums do not either.
const AT_A_TIME: usize = cut::SHARES;

/// Looks at what passes through a model, for one chunk of the batch. Layers are counted as in
/// [`Sequential::leaves`](crate::Sequential::leaves).
pub trait Watch: Send {
    /// The output of a layer, in their order.
    fn output(&mut self, layer: usize, y: &Tensor);

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
    pass: Option<Pass>,
}

fn seen<W>(ranges: Vec<Range<usize>>, watch: impl Fn() -> W) -> Vec<Seen<W>> {
    let chunk = |(index, range)| Seen { index, range, watch: watch(), pass: None };
    (0..).zip(ranges).map(chunk).collect()
}

/// Runs `nodes` on `x` in inference mode, chunk by chunk. Returns who has looked, in the chunks'
/// order.
pub(crate) fn watch<W: Watch>(nodes: &[Node], x: &Tensor, watch: impl Fn() -> W) -> Result<Vec<W>> {
    let chain = Chain::new(nodes);
    let mut chunks = seen(cut::for_inference(x.batch(), nodes), watch);
    parallel::try_for_each(&mut chunks, |chunk| {
        let mut cx = Context::inference().of_batch(x.batch()).of_chunk(chunk.index);
        let x = cut::samples(x, &chunk.range)?;
        forward(&chain, x, &mut cx, false, &mut Vec::new(), &mut chunk.watch).map(drop)
    })?;
    Ok(chunks.into_iter().map(|chunk| chunk.watch).collect())
}

/// The same in training mode, and back. Where samples are coupled, the batch is not cut.
pub(crate) fn watch_training<W: Watch>(
    nodes: &[Node],
    x: &Tensor,
    options: PassOptions,
    loss: &LossFn<'_>,
    watch: impl Fn() -> W,
) -> Result<(Pass, Vec<W>)> {
    let no_samples = || Error::Data("cannot train on a batch without samples".into());
    if x.batch() == 0 {
        return Err(no_samples());
    }
    let chain = Chain::new(nodes);
    let whole = options.whole || chain.bodies().len() > 1;
    let ranges = match whole {
        true => std::iter::once(0..x.batch()).collect(),
        false => cut::for_training(x.batch(), nodes),
    };
    let mut chunks = seen(ranges, watch);
    let (mut total, mut outputs): (Option<Pass>, _) = (None, Vec::with_capacity(chunks.len()));
    for group in chunks.chunks_mut(AT_A_TIME) {
        parallel::try_for_each(group, |chunk| {
            chunk.pass = Some(there_and_back(&chain, x, options, loss, chunk)?);
            Ok(())
        })?;
        for pass in group.iter_mut().filter_map(|chunk| chunk.pass.take()) {
            outputs.push(pass.y.clone());
            total = Some(match total {
                Some(total) => sum(total, pass)?,
                None => pass,
            });
        }
    }
    let pass = Pass { y: cut::join(outputs)?, ..total.ok_or_else(no_samples)? };
    Ok((pass, chunks.into_iter().map(|chunk| chunk.watch).collect()))
}

fn there_and_back<W: Watch>(
    chain: &Chain<'_>,
    x: &Tensor,
    options: PassOptions,
    loss: &LossFn<'_>,
    chunk: &mut Seen<W>,
) -> Result<Pass> {
    let PassOptions { seed, step, logits, .. } = options;
    let mut cx = Context::training(seed, step, chunk.index).of_batch(x.batch());
    let (mut saved, watch) = (Vec::new(), &mut chunk.watch);
    let x = cut::samples(x, &chunk.range)?;
    let y = forward(chain, x, &mut cx, logits, &mut saved, watch)?;
    let (loss, mut dy) = loss(chunk.range.clone(), &y)?;
    let mut gradients = chain.slots();
    for i in (0..chain.nodes.len()).rev() {
        watch.gradient(i, &dy);
        let mut dw = Gradients::new(&mut gradients, false);
        let Some(dx) = chain.backward(i..i + 1, &mut saved, dy, &mut dw)? else { break };
        dy = dx;
    }
    let (layer_loss, updates) = (cx.take_loss(), cx.take_updates());
    Ok(Pass { y, loss, layer_loss, gradients, updates })
}

fn forward(
    chain: &Chain<'_>,
    mut x: Tensor,
    cx: &mut Context,
    logits: bool,
    saved: &mut Vec<Option<Saved>>,
    watch: &mut dyn Watch,
) -> Result<Tensor> {
    for i in 0..chain.nodes.len() {
        x = chain.forward(i..i + 1, x, cx, logits, saved)?;
        watch.output(i, &x);
    }
    Ok(x)
}

/// Both passes together; of two values for one weight the second stays.
fn sum(mut total: Pass, next: Pass) -> Result<Pass> {
    for (sum, part) in total.gradients.iter_mut().zip(&next.gradients) {
        if let (Some(sum), Some(part)) = (sum, part) {
            sum.add_scaled(1.0, part)?;
        }
    }
    let replaced = |update: &Update| next.updates.iter().any(|new| new.index == update.index);
    total.updates.retain(|update| !replaced(update));
    total.updates.extend(next.updates);
    total.loss += next.loss;
    total.layer_loss += next.layer_loss;
    Ok(total)
}
