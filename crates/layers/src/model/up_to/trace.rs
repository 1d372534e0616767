//! The calls that lead to some values, made once more on symbolic tensors.

use std::sync::Arc;

use ceratops_core::Result;

use crate::{
    functional::{Cell, KerasTensor},
    model::{Model, Value},
};

/// Symbolic tensors for the values that are needed. A model that is made of them has its layers in the
/// order that Keras gives them, which may be another than in the whole model.
pub(super) struct Trace {
    /// For each value.
    tensors: Vec<Option<KerasTensor>>,
    /// For each layer.
    cells: Vec<Option<Arc<Cell>>>,
    inputs: usize,
}

impl Trace {
    pub(super) fn tensor(&self, value: Value) -> Option<KerasTensor> {
        self.tensors.get(value).cloned().flatten()
    }

    /// The inputs of the model, none for one that is not needed.
    pub(super) fn inputs(&self) -> Vec<Option<KerasTensor>> {
        self.tensors[..self.inputs].to_vec()
    }

    /// Whether a layer is called.
    pub(super) fn has(&self, layer: usize) -> bool {
        self.cells[layer].is_some()
    }
}

impl Model {
    pub(super) fn trace(&self, ends: &[Value]) -> Result<Trace> {
        let needed = self.needed(ends);
        let mut tensors = vec![None; self.value_count()];
        for (place, input) in self.inputs.iter().enumerate().filter(|(i, _)| needed[*i]) {
            tensors[place] = Some(input.clone().tensor());
        }
        let mut cells: Vec<Option<Arc<Cell>>> = vec![None; self.layers.len()];
        let is_needed = |outputs: std::ops::Range<Value>| needed[outputs].contains(&true);
        for call in self.calls.iter().filter(|call| is_needed(call.outputs.clone())) {
            let taken = call.inputs.iter().filter_map(|&value| tensors[value].clone()).collect();
            let node = &self.layers[call.layer];
            let cell = cells[call.layer].get_or_insert_with(|| Cell::new(node.clone()));
            let made = KerasTensor::call(cell, taken, call.manner.clone())?;
            for (value, tensor) in call.outputs.clone().zip(made) {
                tensors[value] = Some(tensor);
            }
        }
        Ok(Trace { tensors, cells, inputs: self.inputs.len() })
    }

    /// Which values lead to some others, those included.
    fn needed(&self, ends: &[Value]) -> Vec<bool> {
        let mut needed = vec![false; self.value_count()];
        ends.iter().for_each(|&value| needed[value] = true);
        for call in self.calls.iter().rev() {
            if needed[call.outputs.clone()].contains(&true) {
                call.inputs.iter().for_each(|&value| needed[value] = true);
            }
        }
        needed
    }
}
