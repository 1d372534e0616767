//! A batch on its way through the layers and back, all chunks together.

use std::{collections::BTreeMap, ops::Range};

use ceratops_core::{Context, Error, Gradients, Result, Saved, Tensor, Update, parallel};

use super::{
    Chain, LossFn, Pass, PassOptions,
    chunk::{Chunk, Sums},
    cut,
    lane::{self, Lane},
};

/// What the layers saved that saw the whole batch.
type Whole = Vec<Option<Saved>>;

/// A batch on its way through a chain.
///
/// Between two layers that couple samples each chunk goes its way alone. Such a layer needs sums
/// over all chunks, which they add up on arriving there, or sees the whole batch at once.
pub(super) struct Run<'a> {
    chain: &'a Chain<'a>,
    lanes: Vec<Lane>,
    /// The sums for the coupling node that the chunks have reached; `None` if it has run.
    sums: Sums,
    /// For each coupling node that has run forward, what it saved if it saw the whole batch.
    coupled: Vec<Option<Whole>>,
    /// For those.
    cx: Context,
    logits: bool,
}

impl<'a> Run<'a> {
    pub(super) fn new(chain: &'a Chain<'a>, x: &Tensor, options: PassOptions) -> Result<Self> {
        let PassOptions { seed, step, logits, whole } = options;
        let ranges = match whole {
            true => std::iter::once(0..x.batch()).collect(),
            false => cut::for_training(x.batch(), chain.nodes),
        };
        let mut chunks = Vec::with_capacity(ranges.len());
        for (i, range) in ranges.iter().enumerate() {
            let cx = Context::training(seed, step, i as u64).of_batch(x.batch());
            chunks.push(Chunk::new(range.clone(), cut::samples(x, range)?, cx));
        }
        let per_lane = lane::chunks_per_lane(&ranges, chain);
        let (mut lanes, mut chunks) = (Vec::new(), chunks.into_iter().peekable());
        while chunks.peek().is_some() {
            let chunks = chunks.by_ref().take(per_lane).collect();
            lanes.push(Lane { chunks, slots: Vec::new(), loss: 0.0 });
        }
        let cx = Context::training(seed, step, u64::MAX).of_batch(x.batch());
        Ok(Self { chain, lanes, sums: None, coupled: Vec::new(), cx, logits })
    }

    /// Runs the nodes of `body`, of which none couples samples.
    pub(super) fn forward(&mut self, body: &Range<usize>) -> Result<()> {
        let (chain, logits, sums) = (self.chain, self.logits, self.sums.take());
        parallel::try_for_each(&mut self.lanes, |lane| {
            lane.chunks.iter_mut().try_for_each(|chunk| chunk.forward(chain, body, &sums, logits))
        })?;
        self.add_sums()
    }

    /// Runs `body`, the last one, and turns round: each chunk goes up, to the loss and back.
    pub(super) fn turn(&mut self, body: &Range<usize>, loss: &LossFn<'_>) -> Result<()> {
        let (chain, logits, sums) = (self.chain, self.logits, self.sums.take());
        let adds = self.next_adds();
        parallel::try_for_each(&mut self.lanes, |lane| {
            lane.begin(chain);
            for chunk in &mut lane.chunks {
                chunk.forward(chain, body, &sums, logits)?;
                lane.loss += chunk.loss(loss)?;
                chunk.backward(chain, body, &None, adds, &mut lane.slots)?;
            }
            Ok(())
        })?;
        self.add_sums()
    }

    /// Runs the nodes of `body` back.
    pub(super) fn backward(&mut self, body: &Range<usize>) -> Result<()> {
        let (chain, sums, adds) = (self.chain, self.sums.take(), self.next_adds());
        parallel::try_for_each(&mut self.lanes, |Lane { chunks, slots, .. }| {
            chunks.iter_mut().try_for_each(|chunk| chunk.backward(chain, body, &sums, adds, slots))
        })?;
        self.add_sums()
    }

    /// Lets the coupling node `i` run on the whole batch, unless sums suffice it.
    pub(super) fn forward_coupling(&mut self, i: usize) -> Result<()> {
        let mut whole = None;
        if self.sums.is_none() {
            let Some(x) = self.gather()? else { return Ok(()) };
            let mut saved = Vec::new();
            let y = self.chain.forward(i..i + 1, x, &mut self.cx, self.logits, &mut saved)?;
            self.scatter(Some(&y))?;
            whole = Some(saved);
        }
        self.coupled.push(whole);
        Ok(())
    }

    /// Lets the coupling node `i` run back on the whole batch, if it saw that on the way up.
    pub(super) fn backward_coupling(&mut self, i: usize) -> Result<()> {
        let Some(mut saved) = self.coupled.pop().flatten() else { return Ok(()) };
        let Some(dy) = self.gather()? else { return Ok(()) };
        let Some(lane) = self.lanes.first_mut() else { return Ok(()) };
        let mut dw = Gradients::new(&mut lane.slots, false);
        let dx = self.chain.backward(i..i + 1, &mut saved, dy, &mut dw)?;
        self.scatter(dx.as_ref())
    }

    /// Whether the next coupling node on the way back needs sums.
    fn next_adds(&self) -> bool {
        matches!(self.coupled.last(), Some(None))
    }

    /// Adds up what the chunks have for the next coupling node, in their order.
    fn add_sums(&mut self) -> Result<()> {
        let chunks = self.lanes.iter_mut().flat_map(|lane| &mut lane.chunks);
        let mut parts = chunks.map(|chunk| chunk.sums.take());
        let mut total = parts.next().flatten();
        for part in parts {
            match (&mut total, part) {
                (None, None) => {}
                (Some(total), Some(part)) if total.len() == part.len() => {
                    total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
                }
                _ => {
                    let message = "a layer must give the same number of sums for every chunk";
                    return Err(Error::Model(message.into()));
                }
            }
        }
        self.sums = total.map(Into::into);
        Ok(())
    }

    /// The chunks' values as one batch; none where no gradient is wanted any more.
    fn gather(&mut self) -> Result<Option<Tensor>> {
        let chunks = self.lanes.iter_mut().flat_map(|lane| &mut lane.chunks);
        let parts: Option<Vec<Tensor>> = chunks.map(|chunk| chunk.value.take()).collect();
        parts.map(cut::join).transpose()
    }

    /// One batch back to the chunks.
    fn scatter(&mut self, batch: Option<&Tensor>) -> Result<()> {
        for chunk in self.lanes.iter_mut().flat_map(|lane| &mut lane.chunks) {
            chunk.value = batch.map(|batch| cut::samples(batch, &chunk.range)).transpose()?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Pass> {
        let mut updates = self.cx.take_updates();
        let mut layer_loss = self.cx.take_loss();
        let mut outputs = Vec::new();
        for chunk in self.lanes.iter_mut().flat_map(|lane| &mut lane.chunks) {
            outputs.extend(chunk.output.take());
            updates.extend(chunk.cx.take_updates());
            layer_loss += chunk.cx.take_loss();
        }
        // Of several values for one weight the last chunk's stays.
        let last: BTreeMap<usize, Tensor> =
            updates.into_iter().map(|Update { index, value }| (index, value)).collect();
        Ok(Pass {
            y: cut::join(outputs)?,
            loss: self.lanes.iter().map(|lane| lane.loss).sum(),
            layer_loss,
            gradients: lane::add_up(self.lanes)?,
            updates: last.into_iter().map(|(index, value)| Update { index, value }).collect(),
        })
    }
}
