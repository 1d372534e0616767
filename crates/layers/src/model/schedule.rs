//! What a pass through a model asks of its calls again and again, found out once.

use super::{Extent, Model, Value};
use crate::Node;

/// What a pass through a model asks of its calls again and again, found out once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schedule {
    chain: bool,
    masks: bool,
    /// How many calls a pass makes, and how deep models are nested.
    extent: Extent,
    /// The call that reads a value last, and where among its inputs; none for the model's outputs,
    /// which stay.
    last_use: Vec<Option<(usize, usize)>>,
    /// For each call its inputs.
    inputs: Vec<Vec<Value>>,
    /// For each call, which output of the model it makes that nothing else reads.
    closes: Vec<Option<usize>>,
}

impl Schedule {
    /// Whether each call reads the one before and nothing else, and the last one makes the output.
    pub(crate) fn is_chain(&self) -> bool {
        self.chain
    }

    /// Whether any layer makes masks.
    pub(crate) fn makes_masks(&self) -> bool {
        self.masks
    }

    /// Whether input `place` of call `i` is the last that reads its value.
    pub(crate) fn is_last_use(&self, i: usize, place: usize) -> bool {
        self.last_use[self.inputs[i][place]] == Some((i, place))
    }

    /// How large the model is.
    pub(crate) fn extent(&self) -> Extent {
        self.extent
    }

    /// Which output of the model call `i` makes, if nothing else reads it and it is an output once:
    /// then its closing activation can be left out.
    pub(crate) fn closes(&self, i: usize) -> Option<usize> {
        self.closes.get(i).copied().flatten()
    }
}

impl Model {
    /// Whether each layer reads the one before and nothing else, and the last one's output is the
    /// model's.
    pub fn is_chain(&self) -> bool {
        self.schedule.is_chain()
    }

    /// Finds the schedule anew, after the calls were changed.
    pub(crate) fn reschedule(&mut self) {
        let mut last_use = vec![None; self.value_count()];
        for (i, call) in self.calls.iter().enumerate() {
            let inputs = call.inputs.iter().enumerate();
            inputs.for_each(|(place, &value)| last_use[value] = Some((i, place)));
        }
        let places = only_places(&self.outputs, last_use.len());
        let closes = |outputs: std::ops::Range<Value>| {
            let place = places.get(outputs.start).copied().flatten();
            place.filter(|_| outputs.len() == 1 && last_use[outputs.start].is_none())
        };
        let closes = self.calls.iter().map(|call| closes(call.outputs.clone())).collect();
        self.outputs.iter().for_each(|&output| last_use[output] = None);
        let follows = |(i, call): (usize, &super::Call)| {
            let before = i.checked_sub(1).map_or(0, |i| self.calls[i].outputs.start);
            call.inputs == [before] && call.outputs.len() == 1 && call.manner.arguments.is_none()
        };
        let last = self.calls.last().map_or(0, |call| call.outputs.start);
        self.schedule = Schedule {
            chain: self.input_count() == 1
                && self.outputs == [last]
                && self.calls.iter().enumerate().all(follows),
            masks: self.layers.iter().any(makes_masks),
            extent: Extent::of(&self.layers, self.calls.iter().map(|call| call.layer)),
            last_use,
            inputs: self.calls.iter().map(|call| call.inputs.clone()).collect(),
            closes,
        };
    }

    /// The same after a layer was appended to a chain.
    pub(crate) fn schedule_last(&mut self) {
        let Some(call) = self.calls.last() else { return };
        let (i, inputs) = (self.calls.len() - 1, call.inputs.clone());
        let makes_masks = makes_masks(&self.layers[call.layer]);
        let Schedule { masks, extent, last_use, inputs: all, closes, .. } = &mut self.schedule;
        *masks |= makes_masks;
        *extent = extent.with(&self.layers[call.layer]);
        last_use.resize(call.outputs.end, None);
        inputs.iter().enumerate().for_each(|(place, &value)| last_use[value] = Some((i, place)));
        all.push(inputs);
        // What was the output until now is read.
        closes.iter_mut().rev().take(1).for_each(|place| *place = None);
        closes.push(Some(0));
    }
}

/// For each of so many values which output it is, if it is one of them once.
pub(crate) fn only_places(outputs: &[Value], count: usize) -> Vec<Option<usize>> {
    let (mut places, mut seen) = (vec![None; count], vec![false; count]);
    for (place, &output) in outputs.iter().enumerate() {
        let again = std::mem::replace(&mut seen[output], true);
        places[output] = Some(place).filter(|_| !again);
    }
    places
}

fn makes_masks(layer: &Node) -> bool {
    let nested = layer.as_model().is_some_and(|model| model.schedule.masks);
    nested || layer.layer().makes_mask()
}
