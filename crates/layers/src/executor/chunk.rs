//! A chunk of the batch on its way through the layers and back.

use std::{ops::Range, sync::Arc};

use ceratops_core::{Context, Error, Gradients, Mask, Result, Shape, Tensor, Tensors};

use super::{
    Logits, LossesFn, Part,
    flow::Flow,
    plan::{Plan, Stage},
};

/// What all chunks added up for each call of a stage that couples samples; `None` for one that sees
/// the whole batch.
pub(super) type Sums = Vec<Option<Arc<[f64]>>>;

/// One chunk of the batch.
pub(super) struct Chunk {
    pub(super) range: Range<usize>,
    pub(super) flow: Flow,
    pub(super) outputs: Vec<Tensor>,
    /// What it adds to the sums for the calls of a stage that couple samples.
    pub(super) sums: Vec<Option<Vec<f64>>>,
    pub(super) cx: Context,
}

impl Chunk {
    pub(super) fn new(plan: &Plan<'_>, range: Range<usize>, xs: Tensors, cx: Context) -> Self {
        let flow = Flow::new(plan, xs, &[]);
        Self { range, flow, outputs: Vec::new(), sums: Vec::new(), cx }
    }

    /// Runs `stage`: first the calls that couple samples, with their sums.
    pub(super) fn forward(
        &mut self,
        plan: &Plan<'_>,
        stage: &Stage,
        sums: &Sums,
        logits: Logits,
    ) -> Result<()> {
        for (i, sums) in stage.coupled.clone().zip(sums) {
            if sums.is_some() {
                self.cx.set_sums(sums.clone());
                self.flow.forward(plan, i, &mut self.cx, logits)?;
            }
        }
        stage.alone.clone().try_for_each(|i| self.flow.forward(plan, i, &mut self.cx, logits))
    }

    /// Adds its share to the sums for the calls of `next` that couple samples.
    pub(super) fn add_forward_sums(&mut self, plan: &Plan<'_>, next: &Stage) -> Result<()> {
        let sums = next.coupled.clone().map(|i| self.flow.forward_sums(plan, i));
        self.sums = sums.collect::<Result<_>>()?;
        Ok(())
    }

    /// Puts the gradients of the loss in their places, and adds to the loss of each output.
    pub(super) fn loss(
        &mut self,
        plan: &Plan<'_>,
        loss: &LossesFn<'_>,
        valid: &[Option<f64>],
        losses: &mut [f64],
    ) -> Result<()> {
        let outputs = self.flow.outputs(plan)?;
        let masks: Vec<Option<(Mask, f64)>> = plan
            .outputs
            .iter()
            .zip(valid.iter().chain(std::iter::repeat(&None)))
            .map(|(&slot, scale)| self.flow.masks[slot].clone().zip(*scale))
            .collect();
        let part = Part { range: self.range.clone(), outputs: &outputs, masks: &masks };
        let found = loss(&part)?;
        for (((&slot, y), total), (sum, dy)) in
            plan.outputs.iter().zip(&outputs).zip(losses).zip(found)
        {
            *total += sum;
            let Some(dy) = dy else { continue };
            if dy.shape() != y.shape() {
                let (what, expected) = ("gradient of the loss", Shape::of(y.shape()));
                let help = "it must have the shape of the output";
                return Err(Error::shape(what, expected, dy.shape(), help));
            }
            self.flow.add(slot, dy)?;
        }
        self.flow.forget_values();
        self.outputs = outputs;
        Ok(())
    }

    /// Runs the calls of `coupled`, a stage's that couple samples, back, with their sums.
    pub(super) fn backward_coupled(
        &mut self,
        plan: &Plan<'_>,
        stage: &Stage,
        sums: &Sums,
        slots: &mut [Option<Tensor>],
    ) -> Result<()> {
        for (i, sums) in stage.coupled.clone().zip(sums).rev() {
            if let Some(sums) = sums {
                self.flow.backward(plan, i, &mut Gradients::new(slots, false), Some(sums))?;
            }
        }
        Ok(())
    }

    /// Runs the other calls of `stage` back.
    pub(super) fn backward_alone(
        &mut self,
        plan: &Plan<'_>,
        stage: &Stage,
        slots: &mut [Option<Tensor>],
    ) -> Result<()> {
        let mut dw = Gradients::new(slots, false);
        stage.alone.clone().rev().try_for_each(|i| self.flow.backward(plan, i, &mut dw, None))
    }

    /// Adds its share to the sums for the way back of the calls of `stage` that couple samples, but
    /// for those that saw the `whole` batch.
    pub(super) fn add_backward_sums(
        &mut self,
        plan: &Plan<'_>,
        stage: &Stage,
        whole: &[usize],
        slots: &mut [Option<Tensor>],
    ) -> Result<()> {
        let mut dw = Gradients::new(slots, false);
        let mut sums = Vec::with_capacity(stage.coupled.len());
        for i in stage.coupled.clone() {
            let own = if whole.contains(&i) {
                None
            } else {
                self.flow.backward_sums(plan, i, &mut dw)?
            };
            sums.push(own);
        }
        self.sums = sums;
        Ok(())
    }
}
