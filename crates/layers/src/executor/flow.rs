//! The values of a batch, or of a chunk of it, on their way through the steps of a plan and back.

use ceratops_core::{
    AnyLayer, Context, Error, Gradients, Mask, Result, Saved, Tensor, Tensors, Update,
};

use super::{
    Logits,
    plan::{Plan, Slot},
};

/// What is alive of a pass: values and masks on the way up, gradients on the way back, and what each
/// step saved for its own way back.
#[derive(Debug, Default)]
pub struct Flow {
    pub(super) values: Vec<Option<Tensor>>,
    pub(super) masks: Vec<Option<Mask>>,
    pub(crate) gradients: Vec<Option<Tensor>>,
    pub(super) saved: Vec<Option<Saved>>,
}

impl Flow {
    /// The inputs at the beginning of the plan.
    pub(crate) fn new(plan: &Plan<'_>, xs: Tensors, masks: &[Option<Mask>]) -> Self {
        let mut flow = Self {
            values: vec![None; plan.slots],
            masks: vec![None; plan.slots],
            gradients: vec![None; plan.slots],
            saved: plan.steps.iter().map(|_| None).collect(),
        };
        for (i, (&slot, x)) in plan.inputs.iter().zip(xs).enumerate() {
            flow.values[slot] = Some(x);
            flow.masks[slot] = masks.get(i).cloned().flatten();
        }
        flow
    }

    /// Runs step `i`.
    pub(crate) fn forward(
        &mut self,
        plan: &Plan<'_>,
        i: usize,
        cx: &mut Context,
        logits: Logits,
    ) -> Result<()> {
        let step = &plan.steps[i];
        let xs = self.inputs_of(plan, i).map_err(|e| step.at(e))?;
        let (ys, saved) = run(plan, i, xs, self, cx, logits)?;
        for (slot, y) in step.outputs.clone().zip(ys) {
            self.values[slot] = Some(y);
        }
        self.saved[i] = saved;
        Ok(())
    }

    /// The values that step `i` reads, moved where it is the last to do so.
    fn inputs_of(&mut self, plan: &Plan<'_>, i: usize) -> Result<Tensors> {
        let inputs = plan.steps[i].inputs.iter().enumerate();
        inputs
            .map(|(place, &slot)| {
                let value = &mut self.values[slot];
                let x = if plan.is_last_use(i, place) { value.take() } else { value.clone() };
                x.ok_or_else(lost)
            })
            .collect()
    }

    /// The first output of step `i`, before anything has read it.
    pub(crate) fn output_of(&self, plan: &Plan<'_>, i: usize) -> Option<&Tensor> {
        self.values[plan.steps[i].outputs.start].as_ref()
    }

    /// The model's outputs.
    pub(crate) fn outputs(&self, plan: &Plan<'_>) -> Result<Vec<Tensor>> {
        let output = |&slot: &Slot| self.values[slot].clone().ok_or_else(lost);
        plan.outputs.iter().map(output).collect()
    }

    /// Drops the values, when only the way back is left.
    pub(crate) fn forget_values(&mut self) {
        self.values.iter_mut().for_each(|value| *value = None);
    }

    /// Adds `dy` to the gradient of a value.
    pub(crate) fn add(&mut self, slot: Slot, dy: Tensor) -> Result<()> {
        match &mut self.gradients[slot] {
            Some(sum) => sum.add_scaled(1.0, &dy),
            none => {
                *none = Some(dy);
                Ok(())
            }
        }
    }

    /// Runs step `i` back, if a gradient of what it makes has come: adds the gradients of its weights
    /// to `dw`, which holds those of all steps, and those of its inputs to the flow.
    pub(crate) fn backward(
        &mut self,
        plan: &Plan<'_>,
        i: usize,
        dw: &mut Gradients<'_>,
        sums: Option<&[f64]>,
    ) -> Result<()> {
        let step = &plan.steps[i];
        let (all, saved) = (dw.wants_dx(), self.saved[i].take());
        let wanted = |slot: Slot| all || plan.wants[slot];
        let dys: Vec<_> = step.outputs.clone().map(|slot| self.gradients[slot].take()).collect();
        if dys.iter().all(Option::is_none) || !step.outputs.clone().any(wanted) {
            return Ok(());
        }
        let wants_dx = step.inputs.iter().any(|&slot| wanted(slot));
        let mut own = dw.part(step.params.start, step.params.len(), wants_dx).with_sums(sums);
        let dxs = step.node.backward(saved, dys, step.shapes, step.inputs.len(), &mut own);
        for (&slot, dx) in step.inputs.iter().zip(dxs.map_err(|e| step.at(e))?) {
            if let (Some(dx), true) = (dx, wanted(slot)) {
                self.add(slot, dx).map_err(|e| step.at(e))?;
            }
        }
        Ok(())
    }

    /// What the flow adds to the sums for the forward of step `i`, which couples samples; `None` if
    /// that needs the whole batch.
    pub(super) fn forward_sums(&self, plan: &Plan<'_>, i: usize) -> Result<Option<Vec<f64>>> {
        let step = &plan.steps[i];
        let ([slot], 1) = (&step.inputs[..], step.outputs.len()) else { return Ok(None) };
        let x = self.values[*slot].as_ref().ok_or_else(lost)?;
        let layer: &dyn AnyLayer = step.node.layer();
        layer.forward_sums(x, self.masks[*slot].as_ref()).map_err(|e| step.at(e))
    }

    /// What the flow adds to the sums for the backward of step `i`; `None` if its gradients are not
    /// wanted, or have not come.
    pub(super) fn backward_sums(
        &self,
        plan: &Plan<'_>,
        i: usize,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Vec<f64>>> {
        let step = &plan.steps[i];
        let slot = step.outputs.start;
        let (Some(dy), true) = (&self.gradients[slot], plan.wants[slot]) else { return Ok(None) };
        let mut own = dw.part(step.params.start, step.params.len(), false);
        let sums = step.node.backward_sums(self.saved[i].as_ref(), dy, step.shapes, &mut own);
        sums.map(Some).map_err(|e| step.at(e))
    }
}

/// Runs step `i` on `xs`: its outputs, whose masks go into the flow, and what it saved.
pub(super) fn run(
    plan: &Plan<'_>,
    i: usize,
    mut xs: Tensors,
    flow: &mut Flow,
    cx: &mut Context,
    logits: Logits,
) -> Result<(Tensors, Option<Saved>)> {
    let step = &plan.steps[i];
    let (base, mode, before) = (cx.first_param(), cx.mode(), cx.updates().len());
    cx.set_mode(step.mode.unwrap_or(mode));
    cx.set_first_param(base + step.params.start);
    cx.enter_call(i);
    cx.set_arguments(step.manner.arguments.clone());
    cx.set_wants_logits(plan.closing[i].is_some_and(|place| logits.of(place)));
    let mut call = || {
        if plan.masks {
            let masks: Vec<_> = step.inputs.iter().map(|&slot| flow.masks[slot].clone()).collect();
            let [told, made] = step.node.masks(&xs, masks, step.manner.arguments())?;
            step.outputs.clone().zip(made).for_each(|(slot, mask)| flow.masks[slot] = mask);
            cx.set_masks(told);
        }
        let xs = std::mem::take(&mut xs);
        let made = step.node.forward(xs, step.outputs.len(), step.shapes, cx)?;
        let own = base + step.params.start..base + step.params.end;
        check_updates(&cx.updates()[before..], &own)?;
        Ok(made)
    };
    let made = call().map_err(|e| step.at(e));
    cx.leave_call();
    cx.set_mode(mode);
    cx.set_first_param(base);
    // They were those of this step.
    cx.set_sums(None);
    made
}

/// Refuses updates of weights that are not the layer's own.
fn check_updates(updates: &[Update], own: &std::ops::Range<usize>) -> Result<()> {
    match updates.iter().find(|update| !own.contains(&update.index)) {
        None => Ok(()),
        Some(update) => {
            let expected = format!("the index of one of the layer's {} weights", own.len());
            let found = update.index.saturating_sub(own.start);
            Err(Error::argument("index", expected, format!("{found} in Context::assign")))
        }
    }
}

fn lost() -> Error {
    Error::Model("a value of the batch was lost on its way through the layers".into())
}
