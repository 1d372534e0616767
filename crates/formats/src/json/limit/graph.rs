//! The weights of a functional model, counted call after call in the order in which they can be made.

use std::collections::HashMap;

use ceratops_core::{Result, Shape};
use ceratops_layers::{Node, Registry};
use serde_json::Value;

use super::{Count, Shapes, class_of, shape_at};
use crate::json::{
    functional::graph::{Tensor, tensors},
    log::join,
};

/// A call of a layer.
struct Call {
    /// The place of the layer.
    layer: usize,
    inputs: Vec<Tensor>,
    /// How many of its inputs are not known yet.
    waits_for: usize,
}

/// A layer, and which of its calls.
type Made<'a> = (&'a str, u64);

/// The calls of a functional model on their way to shapes.
struct Graph<'a> {
    entries: &'a [Value],
    calls: Vec<Call>,
    /// The name of each call.
    names: Vec<Made<'a>>,
    /// Who waits for a call.
    readers: HashMap<(String, u64), Vec<usize>>,
    shapes: HashMap<Made<'a>, Shapes>,
}

impl<'a> Graph<'a> {
    fn of(entries: &'a [Value]) -> Self {
        let (calls, names, readers, shapes) = Default::default();
        let mut graph = Self { entries, calls, names, readers, shapes };
        for (layer, entry) in entries.iter().enumerate() {
            let Some(name) = entry.get("name").and_then(Value::as_str) else { continue };
            let nodes = entry.get("inbound_nodes").and_then(Value::as_array);
            // A node without tensors is no call.
            let called = nodes.into_iter().flatten().map(|node| {
                let mut inputs = Vec::new();
                node.get("args").into_iter().for_each(|args| tensors(args, &mut inputs));
                inputs
            });
            for (number, inputs) in (0..).zip(called.filter(|inputs| !inputs.is_empty())) {
                for (name, call, _) in &inputs {
                    let readers = graph.readers.entry((name.clone(), *call)).or_default();
                    readers.push(graph.calls.len());
                }
                graph.calls.push(Call { layer, waits_for: inputs.len(), inputs });
                graph.names.push((name, number));
            }
        }
        graph
    }

    /// The inputs of the model are known; returns the calls that can be made then.
    fn begin(&mut self) -> Vec<usize> {
        let mut ready = Vec::new();
        for entry in self.entries.iter().filter(|entry| class_of(entry) == "InputLayer") {
            let Some(name) = entry.get("name").and_then(Value::as_str) else { continue };
            ready.extend(self.made((name, 0), vec![shape_at(entry, "/config/batch_shape")]));
        }
        ready
    }

    /// Takes note of the outputs of a call; returns the calls that can be made then.
    fn made(&mut self, (name, number): Made<'a>, shapes: Shapes) -> Vec<usize> {
        if self.shapes.insert((name, number), shapes).is_some() {
            return Vec::new();
        }
        let mut ready = Vec::new();
        for call in self.readers.remove(&(name.to_owned(), number)).unwrap_or_default() {
            self.calls[call].waits_for -= 1;
            ready.extend(Some(call).filter(|&call| self.calls[call].waits_for == 0));
        }
        ready
    }

    fn shape(&self, (name, call, output): &Tensor) -> Option<Shape> {
        self.shapes.get(&(name.as_str(), *call))?.get(usize::try_from(*output).ok()?)?.clone()
    }

    /// The shapes of the outputs of the model, where Keras counts the calls of functional models from
    /// 1.
    fn outputs(&self, ends: &Value) -> Shapes {
        let mut found = Vec::new();
        tensors(ends, &mut found);
        let lowered = |(name, call, output): &Tensor| {
            self.shape(&(name.clone(), call.checked_sub(1)?, *output))
        };
        found.iter().map(|tensor| self.shape(tensor).or_else(|| lowered(tensor))).collect()
    }
}

/// A layer that was called.
enum Known {
    /// A model puts out the same at each call.
    Model(Shapes),
    Layer(Option<Box<Node>>),
}

impl Known {
    fn of(entry: &Value, outputs: Shapes, registry: &Registry) -> Self {
        match class_of(entry) {
            "Sequential" | "Functional" => Self::Model(outputs),
            _ => Self::Layer(registry.layer(entry).ok().map(Box::new)),
        }
    }

    /// The outputs of a later call.
    fn again(&self, inputs: &[Option<Shape>]) -> Shapes {
        match self {
            Self::Model(outputs) => outputs.clone(),
            Self::Layer(node) => {
                let inputs: Option<Vec<Shape>> = inputs.iter().cloned().collect();
                let made = node.as_ref().zip(inputs);
                let outputs =
                    made.and_then(|(node, inputs)| node.layer().output_shapes(&inputs).ok());
                outputs.into_iter().flatten().map(Some).collect()
            }
        }
    }
}

impl Count<'_> {
    /// Counts the layers of a graph, each at its first call. Calls of a circle are never made.
    pub(super) fn graph(&mut self, entry: &Value, path: &str) -> Result<Shapes> {
        let entries = entry.pointer("/config/layers").and_then(Value::as_array);
        let mut graph = Graph::of(entries.map_or(&[][..], Vec::as_slice));
        let mut known: HashMap<usize, Known> = HashMap::new();
        let mut ready = graph.begin();
        while let Some(call) = ready.pop() {
            let Call { layer, inputs, .. } = &graph.calls[call];
            let (layer, entry) = (*layer, &graph.entries[*layer]);
            let inputs: Shapes = inputs.iter().map(|tensor| graph.shape(tensor)).collect();
            let outputs = match known.get(&layer) {
                Some(known) => known.again(&inputs),
                None => {
                    let path = join(path, &format!("config.layers[{layer}]"));
                    let outputs = self.called(entry, &path, &inputs)?;
                    if inputs.iter().all(Option::is_some) {
                        known.insert(layer, Known::of(entry, outputs.clone(), self.registry));
                    }
                    outputs
                }
            };
            let name = graph.names[call];
            ready.extend(graph.made(name, outputs));
        }
        Ok(graph.outputs(entry.pointer("/config/output_layers").unwrap_or(&Value::Null)))
    }
}
