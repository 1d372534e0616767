//! A batch on its way through the layers and back, all chunks together.

use std::collections::BTreeMap;

use ceratops_core::{
    Context, Error, Gradients, Mask, Result, Saved, Tensor, Tensors, Update, parallel,
};

use super::{
    Logits, LossesFn, ModelPass, PassOptions,
    chunk::{Chunk, Sums},
    cut,
    flow::{self, Flow},
    lane::{self, Lane},
    plan::{Plan, Slot, Stage},
};

/// A batch on its way through a plan.
///
/// Within a stage each chunk goes its way alone. A call that couples samples needs sums over all
/// chunks, which they add up at the end of the stage before, or sees the whole batch at once.
pub(super) struct Run<'a> {
    plan: &'a Plan<'a>,
    lanes: Vec<Lane>,
    /// The sums for the coupling calls that come next.
    sums: Sums,
    /// What the calls saved that saw the whole batch.
    whole: BTreeMap<usize, Option<Saved>>,
    /// For those.
    cx: Context,
    logits: Logits,
}

impl<'a> Run<'a> {
    pub(super) fn new(plan: &'a Plan<'a>, xs: &[Tensor], options: PassOptions) -> Result<Self> {
        let PassOptions { seed, step, logits, whole } = options;
        let batch = xs.first().map_or(0, Tensor::batch);
        let ranges = match whole {
            true => std::iter::once(0..batch).collect(),
            false => cut::for_training(batch, plan),
        };
        let mut chunks = Vec::with_capacity(ranges.len());
        for (i, range) in ranges.iter().enumerate() {
            let cx = Context::training(seed, step, i as u64).of_batch(batch).of_rows(range.start);
            let cx = cx.keeping_states();
            chunks.push(Chunk::new(plan, range.clone(), cut::all_samples(xs, range)?, cx));
        }
        let per_lane = lane::chunks_per_lane(&ranges, plan);
        let (mut lanes, mut chunks) = (Vec::new(), chunks.into_iter().peekable());
        while chunks.peek().is_some() {
            let chunks = chunks.by_ref().take(per_lane).collect();
            lanes.push(Lane { chunks, slots: Vec::new(), losses: vec![0.0; plan.outputs.len()] });
        }
        let cx = Context::training(seed, step, u64::MAX).of_batch(batch).keeping_states();
        Ok(Self { plan, lanes, sums: Vec::new(), whole: BTreeMap::new(), cx, logits })
    }

    /// Runs `stage`, behind which `next` comes.
    pub(super) fn forward(&mut self, stage: &Stage, next: &Stage) -> Result<()> {
        let (plan, logits, sums) = (self.plan, self.logits, std::mem::take(&mut self.sums));
        self.forward_whole(stage, &sums)?;
        parallel::try_for_each(&mut self.lanes, |lane| {
            lane.chunks.iter_mut().try_for_each(|chunk| {
                chunk.forward(plan, stage, &sums, logits)?;
                chunk.add_forward_sums(plan, next)
            })
        })?;
        self.add_sums(next.coupled.len())
    }

    /// Runs the last `stage` and turns round: each chunk goes up, to the loss and back.
    pub(super) fn turn(&mut self, stage: &Stage, loss: &LossesFn<'_>) -> Result<()> {
        let (plan, logits, sums) = (self.plan, self.logits, std::mem::take(&mut self.sums));
        self.forward_whole(stage, &sums)?;
        let mut valid = Vec::new();
        if plan.masks {
            // How many steps of the whole batch count must be known before the loss.
            parallel::try_for_each(&mut self.lanes, |lane| {
                let mut chunks = lane.chunks.iter_mut();
                chunks.try_for_each(|chunk| chunk.forward(plan, stage, &sums, logits))
            })?;
            valid = self.valid();
        }
        let whole: Vec<usize> = self.whole.keys().copied().collect();
        parallel::try_for_each(&mut self.lanes, |lane| {
            lane.begin(plan);
            for chunk in &mut lane.chunks {
                if !plan.masks {
                    chunk.forward(plan, stage, &sums, logits)?;
                }
                chunk.loss(plan, loss, &valid, &mut lane.losses)?;
                chunk.backward_alone(plan, stage, &mut lane.slots)?;
                chunk.add_backward_sums(plan, stage, &whole, &mut lane.slots)?;
            }
            Ok(())
        })?;
        self.add_sums(stage.coupled.len())
    }

    /// Runs the coupling calls of `above` back, then the others of `stage`, which comes before it.
    pub(super) fn backward(&mut self, above: &Stage, stage: &Stage) -> Result<()> {
        self.backward_whole(above)?;
        let (plan, sums) = (self.plan, std::mem::take(&mut self.sums));
        let whole: Vec<usize> = self.whole.keys().copied().collect();
        parallel::try_for_each(&mut self.lanes, |Lane { chunks, slots, .. }| {
            chunks.iter_mut().try_for_each(|chunk| {
                chunk.backward_coupled(plan, above, &sums, slots)?;
                chunk.backward_alone(plan, stage, slots)?;
                chunk.add_backward_sums(plan, stage, &whole, slots)
            })
        })?;
        self.add_sums(stage.coupled.len())
    }

    /// Lets the coupling calls run on the whole batch for which sums do not suffice.
    fn forward_whole(&mut self, stage: &Stage, sums: &Sums) -> Result<()> {
        let (plan, logits) = (self.plan, self.logits);
        for (i, sums) in stage.coupled.clone().zip(sums) {
            if sums.is_some() {
                continue;
            }
            let step = &plan.steps[i];
            let mut whole = Flow::new(plan, Tensors::new(), &[]);
            let mut xs = Tensors::new();
            for (place, &slot) in step.inputs.iter().enumerate() {
                whole.masks[slot] = self.gather_masks(slot)?;
                let last = plan.is_last_use(i, place);
                xs.push(
                    self.gather(|flow| match last {
                        true => flow.values[slot].take(),
                        false => flow.values[slot].clone(),
                    })?
                    .ok_or_else(|| step.at(Error::Model("an input was lost".into())))?,
                );
            }
            let (ys, saved) = flow::run(plan, i, xs, &mut whole, &mut self.cx, logits)?;
            for (slot, y) in step.outputs.clone().zip(ys) {
                self.scatter(&y, |flow| &mut flow.values[slot])?;
                self.scatter_mask(whole.masks[slot].as_ref(), slot)?;
            }
            self.whole.insert(i, saved);
        }
        Ok(())
    }

    /// Lets the coupling calls run back on the whole batch that saw it on the way up.
    fn backward_whole(&mut self, stage: &Stage) -> Result<()> {
        let plan = self.plan;
        for i in stage.coupled.clone().rev() {
            let Some(saved) = self.whole.get_mut(&i).map(Option::take) else { continue };
            let step = &plan.steps[i];
            let mut whole = Flow::new(plan, Tensors::new(), &[]);
            whole.saved[i] = saved;
            for slot in step.outputs.clone() {
                whole.gradients[slot] = self.gather(|flow| flow.gradients[slot].take())?;
            }
            let Some(lane) = self.lanes.first_mut() else { return Ok(()) };
            whole.backward(plan, i, &mut Gradients::new(&mut lane.slots, false), None)?;
            for &slot in &step.inputs {
                let Some(dx) = whole.gradients[slot].take() else { continue };
                for chunk in self.lanes.iter_mut().flat_map(|lane| &mut lane.chunks) {
                    chunk.flow.add(slot, cut::samples(&dx, &chunk.range)?)?;
                }
            }
        }
        Ok(())
    }

    /// Adds up what the chunks have for the `count` coupling calls that come next, in their order.
    fn add_sums(&mut self, count: usize) -> Result<()> {
        self.sums = Vec::with_capacity(count);
        for i in 0..count {
            let chunks = self.lanes.iter_mut().flat_map(|lane| &mut lane.chunks);
            let mut parts = chunks.map(|chunk| chunk.sums.get_mut(i).and_then(Option::take));
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
            self.sums.push(total.map(Into::into));
        }
        Ok(())
    }

    /// For each output with a mask, by how much the steps that count weigh more: all steps of the
    /// batch over those that count.
    fn valid(&self) -> Vec<Option<f64>> {
        let scale = |&slot: &Slot| {
            let chunks = self.lanes.iter().flat_map(|lane| &lane.chunks);
            let masks: Option<Vec<&Mask>> =
                chunks.map(|chunk| chunk.flow.masks[slot].as_ref()).collect();
            let masks = masks?;
            let total: usize = masks.iter().map(|mask| mask.tensor().len()).sum();
            let count: f64 = masks.iter().map(|mask| mask.count()).sum();
            Some(Mask::scale(total, count))
        };
        self.plan.outputs.iter().map(scale).collect()
    }

    /// The chunks' values as one batch; none where one has none.
    fn gather(&mut self, value: impl Fn(&mut Flow) -> Option<Tensor>) -> Result<Option<Tensor>> {
        let chunks = self.lanes.iter_mut().flat_map(|lane| &mut lane.chunks);
        let parts: Option<Vec<Tensor>> = chunks.map(|chunk| value(&mut chunk.flow)).collect();
        parts.map(cut::join).transpose()
    }

    fn gather_masks(&self, slot: Slot) -> Result<Option<Mask>> {
        let chunks = self.lanes.iter().flat_map(|lane| &lane.chunks);
        let parts: Option<Vec<Mask>> = chunks.map(|chunk| chunk.flow.masks[slot].clone()).collect();
        parts.map(|parts| Mask::concat(&parts)).transpose()
    }

    /// One batch back to the chunks.
    fn scatter(
        &mut self,
        batch: &Tensor,
        place: impl Fn(&mut Flow) -> &mut Option<Tensor>,
    ) -> Result<()> {
        for chunk in self.lanes.iter_mut().flat_map(|lane| &mut lane.chunks) {
            *place(&mut chunk.flow) = Some(cut::samples(batch, &chunk.range)?);
        }
        Ok(())
    }

    fn scatter_mask(&mut self, mask: Option<&Mask>, slot: Slot) -> Result<()> {
        for chunk in self.lanes.iter_mut().flat_map(|lane| &mut lane.chunks) {
            let part = mask.map(|mask| mask.batch_slice(chunk.range.clone()));
            chunk.flow.masks[slot] = part.transpose()?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<ModelPass> {
        let mut updates = self.cx.take_updates();
        let mut layer_loss = self.cx.take_loss();
        let count = self.plan.outputs.len();
        let mut outputs: Vec<Vec<Tensor>> = (0..count).map(|_| Vec::new()).collect();
        for chunk in self.lanes.iter_mut().flat_map(|lane| &mut lane.chunks) {
            let own = std::mem::take(&mut chunk.outputs);
            outputs.iter_mut().zip(own).for_each(|(parts, part)| parts.push(part));
            updates.extend(chunk.cx.take_updates());
            layer_loss += chunk.cx.take_loss();
        }
        let masks = (0..count).map(|i| self.gather_masks(self.plan.outputs[i]));
        let masks = masks.collect::<Result<_>>()?;
        let losses = |i: usize| self.lanes.iter().map(|lane| lane.losses[i]).sum();
        Ok(ModelPass {
            outputs: outputs.into_iter().map(cut::join).collect::<Result<_>>()?,
            masks,
            losses: (0..count).map(losses).collect(),
            layer_loss,
            gradients: lane::add_up(self.lanes)?,
            updates: last_of_each(updates),
        })
    }
}

/// Of several updates of one weight by one call, the last one: that of the last chunk.
pub(super) fn last_of_each(updates: Vec<Update>) -> Vec<Update> {
    let keyed = updates.into_iter().map(|update| ((update.call.clone(), update.index), update));
    keyed.collect::<BTreeMap<_, _>>().into_values().collect()
}
