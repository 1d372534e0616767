//! The executor: cuts a batch into chunks whose numbers stay in the cache, runs the whole chain of
//! layers on each, and spreads the chunks over the cores.
//!
//! Neither the chunks nor the order of any sum depends on the number of threads: the same seed
//! gives the same bits on one core and on many.

use std::ops::Range;

use ceratops_core::{Context, Error, Gradients, Result, Saved, Shape, Tensor, Update};

use crate::{Node, inference::infer, parallel};

/// About how many numbers the largest tensor of a chunk may have.
const CHUNK_NUMBERS: usize = 1 << 17;
/// The most samples in a chunk.
const CHUNK_SAMPLES: usize = 64;
/// How many sums of gradients are kept apart at most; so many cores share a batch.
const LANES: usize = 8;
/// About how many numbers these sums may have together, but there are two of them in any case:
/// each is zeroed and added up in every step.
const LANE_NUMBERS: usize = 1 << 21;

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
    /// New values for the weights that layers update themselves.
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
}

/// The output of `nodes` for `x` in inference mode, and the losses that layers added.
pub(crate) fn predict(nodes: &[Node], x: &Tensor, logits: bool) -> Result<(Tensor, f64)> {
    if x.batch() <= 1 {
        // One chunk, which is not worth a list of chunks.
        let mut cx = Context::inference();
        let y = infer(nodes, x.clone(), &mut cx, logits)?;
        return Ok((y, cx.take_loss()));
    }
    let mut chunks: Vec<(Range<usize>, Option<Tensor>, f64)> =
        chunk_ranges(x.batch(), nodes).into_iter().map(|range| (range, None, 0.0)).collect();
    parallel::for_each(&mut chunks, |(range, y, loss)| {
        let mut cx = Context::inference().of_batch(x.batch());
        let part = if range.len() == x.batch() { x.clone() } else { x.batch_slice(range.clone())? };
        *y = Some(infer(nodes, part, &mut cx, logits)?);
        *loss = cx.take_loss();
        Ok(())
    })?;
    let loss = chunks.iter().map(|(_, _, loss)| loss).sum();
    let mut parts: Vec<Tensor> = chunks.into_iter().filter_map(|(_, y, _)| y).collect();
    let y = if parts.len() == 1 { parts.swap_remove(0) } else { Tensor::concat(&parts)? };
    Ok((y, loss))
}

/// One pass in training mode: the output, the loss, and the gradient of every weight.
pub(crate) fn train(
    nodes: &[Node],
    x: &Tensor,
    options: PassOptions,
    loss: &LossFn<'_>,
) -> Result<Pass> {
    let mut run = Run::new(nodes, x, options)?;
    let (last, stretches) = run
        .stretches
        .clone()
        .split_last()
        .map_or_else(|| (0..0, Vec::new()), |(last, rest)| (last.clone(), rest.to_vec()));
    for stretch in &stretches {
        run.forward(stretch)?;
    }
    if couples(nodes, &last) {
        run.forward(&last)?;
        run.loss(loss)?;
        run.backward(&last)?;
    } else {
        // The common case: forward, loss and backward of a chunk while it is in the cache.
        run.whole(&last, loss)?;
    }
    for stretch in stretches.iter().rev() {
        run.backward(stretch)?;
    }
    run.finish()
}

/// One chunk of the batch on its way.
struct Chunk {
    range: Range<usize>,
    /// The activation on the way up, the gradient on the way down.
    value: Option<Tensor>,
    output: Option<Tensor>,
    saved: Vec<Vec<Option<Saved>>>,
    cx: Context,
}

/// Neighbouring chunks whose gradients are summed in one place, one after the other.
struct Lane {
    chunks: Vec<Chunk>,
    slots: Vec<Option<Tensor>>,
    loss: f64,
}

/// A batch on its way through `nodes`.
struct Run<'a> {
    nodes: &'a [Node],
    /// Runs of layers between those that couple samples; such a layer is a stretch by itself.
    stretches: Vec<Range<usize>>,
    lanes: Vec<Lane>,
    coupled: Vec<Vec<Option<Saved>>>,
    cx: Context,
    logits: bool,
}

impl<'a> Run<'a> {
    fn new(nodes: &'a [Node], x: &Tensor, options: PassOptions) -> Result<Self> {
        let PassOptions { seed, step, logits } = options;
        let ranges = chunk_ranges(x.batch(), nodes);
        let learned = nodes.iter().flat_map(Node::params).filter(|param| param.learns());
        let weights: usize = learned.map(|param| param.value().len()).sum();
        let count = (LANE_NUMBERS / weights.max(1)).clamp(2, LANES);
        let per_lane = ranges.len().div_ceil(count).max(1);
        let mut lanes = Vec::new();
        for (lane, group) in ranges.chunks(per_lane).enumerate() {
            let chunk = |(i, range): (usize, &Range<usize>)| {
                let cx = Context::training(seed, step, (lane * per_lane + i) as u64);
                let cx = cx.of_batch(x.batch());
                let value = Some(x.batch_slice(range.clone())?);
                Ok(Chunk { range: range.clone(), value, output: None, saved: Vec::new(), cx })
            };
            let chunks = group.iter().enumerate().map(chunk).collect::<Result<_>>()?;
            let slots = Gradients::slots(nodes.iter().flat_map(Node::params));
            lanes.push(Lane { chunks, slots, loss: 0.0 });
        }
        Ok(Self {
            nodes,
            stretches: stretches(nodes),
            lanes,
            coupled: Vec::new(),
            cx: Context::training(seed, step, u64::MAX).of_batch(x.batch()),
            logits,
        })
    }

    fn forward(&mut self, stretch: &Range<usize>) -> Result<()> {
        let (nodes, logits) = (self.nodes, self.logits);
        if couples(nodes, stretch) {
            let Some(x) = self.gather()? else { return Ok(()) };
            let (y, saved) = forward(nodes, stretch.clone(), x, &mut self.cx, logits)?;
            self.coupled.push(saved);
            return self.scatter(Some(&y));
        }
        parallel::for_each(&mut self.lanes, |lane| {
            lane.chunks.iter_mut().try_for_each(|chunk| chunk.forward(nodes, stretch, logits))
        })
    }

    fn loss(&mut self, loss: &LossFn<'_>) -> Result<()> {
        parallel::for_each(&mut self.lanes, |lane| {
            for chunk in &mut lane.chunks {
                lane.loss += chunk.loss(loss)?;
            }
            Ok(())
        })
    }

    fn backward(&mut self, stretch: &Range<usize>) -> Result<()> {
        let nodes = self.nodes;
        if couples(nodes, stretch) {
            let Some(dy) = self.gather()? else { return Ok(()) };
            let saved = self.coupled.pop().unwrap_or_default();
            let Some(lane) = self.lanes.first_mut() else { return Ok(()) };
            let mut dw = Gradients::new(&mut lane.slots, false);
            let dx = backward(nodes, stretch.clone(), saved, dy, &mut dw)?;
            return self.scatter(dx.as_ref());
        }
        parallel::for_each(&mut self.lanes, |Lane { chunks, slots, .. }| {
            chunks.iter_mut().try_for_each(|chunk| chunk.backward(nodes, stretch, slots))
        })
    }

    fn whole(&mut self, stretch: &Range<usize>, loss: &LossFn<'_>) -> Result<()> {
        let (nodes, logits) = (self.nodes, self.logits);
        parallel::for_each(&mut self.lanes, |Lane { chunks, slots, loss: sum }| {
            for chunk in chunks {
                chunk.forward(nodes, stretch, logits)?;
                *sum += chunk.loss(loss)?;
                chunk.backward(nodes, stretch, slots)?;
            }
            Ok(())
        })
    }

    /// The chunks' values as one batch; none where no gradient is wanted any more.
    fn gather(&mut self) -> Result<Option<Tensor>> {
        let chunks = self.lanes.iter_mut().flat_map(|lane| &mut lane.chunks);
        let parts: Option<Vec<Tensor>> = chunks.map(|chunk| chunk.value.take()).collect();
        parts.map(|parts| Tensor::concat(&parts)).transpose()
    }

    /// One batch back to the chunks.
    fn scatter(&mut self, batch: Option<&Tensor>) -> Result<()> {
        for chunk in self.lanes.iter_mut().flat_map(|lane| &mut lane.chunks) {
            chunk.value = batch.map(|batch| batch.batch_slice(chunk.range.clone())).transpose()?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Pass> {
        let (mut updates, mut layer_loss) = (self.cx.take_updates(), self.cx.take_loss());
        let mut outputs = Vec::new();
        for chunk in self.lanes.iter_mut().flat_map(|lane| &mut lane.chunks) {
            outputs.extend(chunk.output.take());
            updates.extend(chunk.cx.take_updates());
            layer_loss += chunk.cx.take_loss();
        }
        let loss = self.lanes.iter().map(|lane| lane.loss).sum();
        let mut lanes = self.lanes.into_iter().map(|lane| lane.slots);
        let mut gradients = lanes.next().unwrap_or_default();
        for slots in lanes {
            for (sum, part) in gradients.iter_mut().zip(&slots) {
                if let (Some(sum), Some(part)) = (sum, part) {
                    sum.add_scaled(1.0, part)?;
                }
            }
        }
        Ok(Pass { y: Tensor::concat(&outputs)?, loss, layer_loss, gradients, updates })
    }
}

impl Chunk {
    fn take(&mut self) -> Result<Tensor> {
        self.value.take().ok_or_else(|| Error::Model("a chunk of the batch was lost".into()))
    }

    fn forward(&mut self, nodes: &[Node], stretch: &Range<usize>, logits: bool) -> Result<()> {
        let x = self.take()?;
        let (y, saved) = forward(nodes, stretch.clone(), x, &mut self.cx, logits)?;
        self.saved.push(saved);
        self.value = Some(y);
        Ok(())
    }

    fn loss(&mut self, loss: &LossFn<'_>) -> Result<f64> {
        let y = self.take()?;
        let (sum, dy) = loss(self.range.clone(), &y)?;
        if dy.shape() != y.shape() {
            let (what, expected) = ("gradient of the loss", Shape::of(y.shape()));
            return Err(Error::shape(
                what,
                expected,
                dy.shape(),
                "it must have the shape of the output",
            ));
        }
        self.output = Some(y);
        self.value = Some(dy);
        Ok(sum)
    }

    fn backward(
        &mut self,
        nodes: &[Node],
        stretch: &Range<usize>,
        slots: &mut [Option<Tensor>],
    ) -> Result<()> {
        let Some(dy) = self.value.take() else { return Ok(()) };
        let saved = self.saved.pop().unwrap_or_default();
        let mut dw = Gradients::new(slots, false);
        self.value = backward(nodes, stretch.clone(), saved, dy, &mut dw)?;
        Ok(())
    }
}

/// Runs the nodes of `range` on `x`, and says what each saved.
pub(crate) fn forward(
    nodes: &[Node],
    range: Range<usize>,
    mut x: Tensor,
    cx: &mut Context,
    logits: bool,
) -> Result<(Tensor, Vec<Option<Saved>>)> {
    let base = cx.first_param();
    let mut first_param = base + param_count(&nodes[..range.start]);
    let mut saved = Vec::with_capacity(range.len());
    for (i, node) in nodes.iter().enumerate().take(range.end).skip(range.start) {
        cx.set_first_param(first_param);
        cx.set_wants_logits(logits && i + 1 == nodes.len());
        let (before, end) = (cx.updates().len(), first_param + node.params().len());
        let (y, kept) = node.forward(x, cx).map_err(|e| in_node(e, node, i))?;
        check_updates(&cx.updates()[before..], first_param..end)
            .map_err(|e| in_node(e, node, i))?;
        saved.push(kept);
        first_param = end;
        x = y;
    }
    cx.set_first_param(base);
    Ok((x, saved))
}

/// Refuses updates of weights that are not the layer's own.
fn check_updates(updates: &[Update], own: Range<usize>) -> Result<()> {
    match updates.iter().find(|update| !own.contains(&update.index)) {
        None => Ok(()),
        Some(update) => {
            let expected = format!("the index of one of the layer's {} weights", own.len());
            let found = update.index.saturating_sub(own.start);
            Err(Error::argument("index", expected, format!("{found} in Context::assign")))
        }
    }
}

/// Runs the nodes of `range` back from `dy`, as far down as a gradient is wanted; `dw` holds
/// those of all `nodes`.
pub(crate) fn backward(
    nodes: &[Node],
    range: Range<usize>,
    mut saved: Vec<Option<Saved>>,
    mut dy: Tensor,
    dw: &mut Gradients<'_>,
) -> Result<Option<Tensor>> {
    let learns = |node: &Node| node.params().iter().any(|param| param.learns());
    let first = nodes.iter().position(learns).unwrap_or(nodes.len());
    let wants_dx = dw.wants_dx();
    let mut end = param_count(&nodes[..range.end]);
    for (i, node) in nodes.iter().enumerate().take(range.end).skip(range.start).rev() {
        if !wants_dx && i < first {
            return Ok(None);
        }
        let count = node.params().len();
        let mut own = dw.part(end - count, count, wants_dx || i > first);
        let dx = node.backward(saved.pop().flatten(), dy, &mut own);
        let Some(dx) = dx.map_err(|e| in_node(e, node, i))? else { return Ok(None) };
        (dy, end) = (dx, end - count);
    }
    Ok(Some(dy))
}

/// How many weights the nodes have.
fn param_count(nodes: &[Node]) -> usize {
    nodes.iter().map(|node| node.params().len()).sum()
}

/// `error`, saying at which node it happened.
pub(crate) fn in_node(error: Error, node: &Node, index: usize) -> Error {
    error.in_layer(node.class_name(), node.name(), index)
}

fn couples(nodes: &[Node], stretch: &Range<usize>) -> bool {
    nodes[stretch.clone()].iter().any(|node| node.layer().couples_samples())
}

/// Cuts the nodes where one couples samples.
fn stretches(nodes: &[Node]) -> Vec<Range<usize>> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for i in 0..nodes.len() {
        let alone = couples(nodes, &(i..i + 1));
        match stretches.last_mut() {
            Some(last) if !alone && !couples(nodes, last) => last.end = i + 1,
            _ => stretches.push(i..i + 1),
        }
    }
    stretches
}

/// Cuts a batch so that the largest tensor on the way stays in the cache.
fn chunk_ranges(batch: usize, nodes: &[Node]) -> Vec<Range<usize>> {
    let features = |node: &Node| {
        let shape = node.output_shape()?.features().ok()?;
        Some(shape.into_iter().fold(1, usize::saturating_mul))
    };
    let largest = nodes.iter().filter_map(features).max().unwrap_or(1).max(1);
    let len = (CHUNK_NUMBERS / largest).clamp(1, CHUNK_SAMPLES);
    // An empty batch is one empty chunk, so that it has an output too.
    (0..batch.max(1)).step_by(len).map(|start| start..(start + len).min(batch)).collect()
}
