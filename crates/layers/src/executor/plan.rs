//! The plan of a training pass: which layers are called in which order, nested models unfolded, cut
//! into stages where samples are coupled.
//!
//! Every value (an input, or an output of a call) has a slot. A call's *level* is the largest level
//! of what it reads, plus one if it couples the samples of the batch. Stage k runs the calls of level
//! k: first those that couple, all of whose inputs are there, then the others. So two branches with a
//! BatchNormalization each wait for the other samples once, not twice.

use std::ops::Range;

use ceratops_core::{Error, Gradients, Mode, Param, Shape, Tensor};

use crate::{
    Model, Node,
    model::{Call, Manner, only_places},
};

/// A slot of a value.
pub(crate) type Slot = usize;

/// A call of a layer that holds no others.
pub(crate) struct Step<'a> {
    pub(crate) node: &'a Node,
    /// The models around the layer and the layer itself, each with its place in the one around it.
    places: Vec<(&'a Node, usize)>,
    /// Where the weights of the layer stand among those of the model.
    pub(crate) params: Range<usize>,
    pub(crate) inputs: Vec<Slot>,
    pub(crate) outputs: Range<Slot>,
    pub(super) shapes: &'a [Shape],
    /// The mode that the call was recorded with, if it overrides that of the run.
    pub(super) mode: Option<Mode>,
    pub(super) manner: &'a Manner,
    level: usize,
}

impl Step<'_> {
    /// The names of the models around the layer and its own, as `encoder/dense`.
    pub(crate) fn path(&self) -> String {
        self.places.iter().map(|(node, _)| node.name()).collect::<Vec<_>>().join("/")
    }

    /// `error`, saying in which layer of which models it happened.
    pub(super) fn at(&self, error: Error) -> Error {
        let places = self.places.iter().rev();
        places.fold(error, |error, (node, index)| in_node(error, node, *index))
    }

    /// Whether the samples of a batch depend on each other in this call.
    fn couples(&self, run: Mode) -> bool {
        match self.mode.unwrap_or(run) {
            Mode::Training => self.node.layer().couples_samples(),
            Mode::Inference => self.node.layer().couples_always(),
        }
    }
}

/// `error`, saying at which layer it happened.
pub(crate) fn in_node(error: Error, node: &Node, index: usize) -> Error {
    error.in_layer(node.class_name(), node.name(), index)
}

/// The calls with the same level: those of `coupled` begin the stage, those of `alone` follow.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub(super) coupled: Range<usize>,
    pub(super) alone: Range<usize>,
}

/// What runs in a training pass, with what is asked of it again and again, found out once.
pub(crate) struct Plan<'a> {
    pub(super) model: &'a Model,
    pub(crate) steps: Vec<Step<'a>>,
    pub(super) stages: Vec<Stage>,
    pub(crate) slots: usize,
    pub(crate) inputs: Vec<Slot>,
    pub(crate) outputs: Vec<Slot>,
    /// The step that reads a value last, and where among its inputs; none for the model's outputs,
    /// which stay.
    last_use: Vec<Option<(usize, usize)>>,
    /// Whether the gradient of a value is wanted: whether a weight that learns stands before it.
    pub(super) wants: Vec<bool>,
    /// How many numbers learn.
    pub(super) learning_numbers: usize,
    /// Whether any layer makes masks.
    pub(super) masks: bool,
    /// For each step, which output of the model it makes that nothing else reads: one whose closing
    /// activation can be left out.
    pub(crate) closing: Vec<Option<usize>>,
}

impl<'a> Plan<'a> {
    /// The plan of a pass in training mode.
    pub(crate) fn training(model: &'a Model) -> Self {
        let mut plan = Self::in_order(model);
        plan.cut_into_stages();
        plan.find_last_uses();
        plan
    }

    /// The calls in the order in which they were made, in one stage: for a batch in one piece, or in
    /// inference.
    pub(crate) fn in_order(model: &'a Model) -> Self {
        let mut unfolding = Unfolding { steps: Vec::new(), slots: 0, holders: Vec::new() };
        let inputs: Vec<Slot> = (0..model.input_count()).collect();
        unfolding.slots = inputs.len();
        let outputs = unfolding.unfold(model, 0, &inputs, None);
        let Unfolding { steps, slots, .. } = unfolding;
        let stages = vec![Stage { coupled: 0..0, alone: 0..steps.len() }];
        let learns = model.params().into_iter().filter(|param| param.learns());
        let mut plan = Self {
            model,
            wants: vec![false; slots],
            last_use: Vec::new(),
            learning_numbers: learns.map(|param| param.value().len()).sum(),
            masks: steps.iter().any(|step| step.node.layer().makes_mask()),
            steps,
            stages,
            slots,
            inputs,
            outputs,
            closing: Vec::new(),
        };
        plan.find_wants();
        plan.find_last_uses();
        plan
    }

    /// Sorts the steps by level, those that couple first, and notes where the levels begin.
    fn cut_into_stages(&mut self) {
        let mut levels = vec![0; self.slots];
        for step in &mut self.steps {
            let before = step.inputs.iter().map(|&slot| levels[slot]).max().unwrap_or(0);
            step.level = before + usize::from(step.couples(Mode::Training));
            step.outputs.clone().for_each(|slot| levels[slot] = step.level);
        }
        let key = |step: &Step<'_>| (step.level, !step.couples(Mode::Training));
        self.steps.sort_by_key(key);
        self.stages.clear();
        let mut end = 0;
        for level in 0..=self.steps.last().map_or(0, |step| step.level) {
            let start = end;
            end += self.steps[start..].iter().take_while(|step| step.level == level).count();
            let coupled = self.steps[start..end].iter().filter(|step| step.couples(Mode::Training));
            let middle = start + coupled.count();
            self.stages.push(Stage { coupled: start..middle, alone: middle..end });
        }
    }

    fn find_wants(&mut self) {
        for step in &self.steps {
            let learns = step.node.params().into_iter().any(Param::learns);
            let wanted = learns || step.inputs.iter().any(|&slot| self.wants[slot]);
            step.outputs.clone().for_each(|slot| self.wants[slot] = wanted);
        }
    }

    fn find_last_uses(&mut self) {
        self.last_use = vec![None; self.slots];
        for (i, step) in self.steps.iter().enumerate() {
            let inputs = step.inputs.iter().enumerate();
            inputs.for_each(|(place, &slot)| self.last_use[slot] = Some((i, place)));
        }
        let places = only_places(&self.outputs, self.slots);
        let closes = |step: &Step<'_>| {
            let slot = step.outputs.start;
            let place = places.get(slot).copied().flatten();
            place.filter(|_| step.outputs.len() == 1 && self.last_use[slot].is_none())
        };
        self.closing = self.steps.iter().map(closes).collect();
        self.outputs.iter().for_each(|&slot| self.last_use[slot] = None);
    }

    /// Whether input `place` of step `i` is the last that reads its value.
    pub(super) fn is_last_use(&self, i: usize, place: usize) -> bool {
        self.last_use[self.steps[i].inputs[place]] == Some((i, place))
    }

    /// A zeroed gradient for each weight that learns.
    pub(super) fn gradients(&self) -> Vec<Option<Tensor>> {
        Gradients::slots(self.model.params())
    }

    /// Whether any call couples samples in training.
    pub(super) fn couples(&self) -> bool {
        self.steps.iter().any(|step| step.couples(Mode::Training))
    }
}

/// A model on its way into steps.
struct Unfolding<'a> {
    steps: Vec<Step<'a>>,
    slots: usize,
    holders: Vec<(&'a Node, usize)>,
}

impl<'a> Unfolding<'a> {
    /// Appends the calls of `model`, whose weights begin at `base` and whose inputs are in these
    /// slots; returns the slots of its outputs.
    fn unfold(
        &mut self,
        model: &'a Model,
        base: usize,
        inputs: &[Slot],
        mode: Option<Mode>,
    ) -> Vec<Slot> {
        let mut starts = Vec::with_capacity(model.layers().len());
        let mut end = base;
        for node in model.layers() {
            starts.push(end);
            end += node.params().len();
        }
        let mut slots = inputs.to_vec();
        for call in model.calls() {
            let Call { layer, inputs, outputs, shapes, manner } = call;
            let node = &model.layers()[*layer];
            let mode = model.mode_of(call).or(mode);
            let inputs: Vec<Slot> = inputs.iter().map(|&value| slots[value]).collect();
            self.holders.push((node, *layer));
            match node.as_model() {
                Some(nested) => {
                    let made = self.unfold(nested, starts[*layer], &inputs, mode);
                    slots.extend(made);
                }
                None => {
                    let made = self.slots..self.slots + outputs.len();
                    self.slots = made.end;
                    slots.extend(made.clone());
                    self.steps.push(Step {
                        node,
                        places: self.holders.clone(),
                        params: starts[*layer]..starts[*layer] + node.params().len(),
                        inputs,
                        outputs: made,
                        shapes,
                        mode,
                        manner,
                        level: 0,
                    });
                }
            }
            self.holders.pop();
        }
        model.outputs().iter().map(|&value| slots[value]).collect()
    }
}
