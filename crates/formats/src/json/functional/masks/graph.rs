//! The calls of a functional model of Keras 3, as the file has them.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{
    super::operations::{MERGING, is_named_by_keras3},
    passes_masks,
};

/// A layer, which call of it, which of its outputs.
pub(in crate::json) type Tensor = (String, u64, u64);

/// The layers of a functional model, operations included.
pub(super) struct Graph<'a> {
    layers: Vec<Layer<'a>>,
    places: HashMap<&'a str, usize>,
}

/// A layer or an operation.
pub(super) struct Layer<'a> {
    pub(super) name: &'a str,
    pub(super) class_name: &'a str,
    pub(super) config: &'a Value,
    /// Whether it is an operation, which knows nothing of masks.
    pub(super) is_operation: bool,
    /// Where it stands in the list.
    pub(super) place: usize,
    nodes: &'a [Value],
}

/// One call of it.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) layer: &'a Layer<'a>,
    pub(super) number: usize,
    node: &'a Value,
}

impl<'a> Graph<'a> {
    pub(super) fn of(entries: &'a [Value]) -> Self {
        let layers: Vec<_> = entries.iter().enumerate().filter_map(Layer::of).collect();
        let places = layers.iter().enumerate().map(|(i, layer)| (layer.name, i)).collect();
        Self { layers, places }
    }

    pub(super) fn calls(&self) -> impl Iterator<Item = Call<'_>> {
        self.layers.iter().flat_map(Layer::calls)
    }

    /// The call that makes the tensor; none for an input.
    pub(super) fn call(&self, (name, number, _): &Tensor) -> Option<Call<'_>> {
        let layer = &self.layers[*self.places.get(name.as_str())?];
        let number = usize::try_from(*number).ok()?;
        Some(Call { layer, number, node: layer.nodes.get(number)? })
    }

    /// Where the layer of that name stands in the list.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).map(|&i| self.layers[i].place)
    }

    /// The tensors beside which a mask flows.
    pub(super) fn masked(&self) -> HashSet<Tensor> {
        let mut readers: HashMap<Tensor, Vec<Call<'_>>> = HashMap::new();
        let (mut masked, mut open) = (HashSet::new(), Vec::new());
        for call in self.calls() {
            call.inputs().into_iter().for_each(|x| readers.entry(x).or_default().push(call));
            if call.layer.makes_masks() {
                open.push(call);
            }
        }
        while let Some(call) = open.pop() {
            let y = (call.layer.name.to_owned(), call.number as u64, 0);
            if masked.insert(y.clone()) {
                let readers = readers.get(&y).into_iter().flatten();
                open.extend(readers.filter(|call| call.hands_on(&masked)).copied());
            }
        }
        masked
    }
}

impl<'a> Layer<'a> {
    fn of((place, entry): (usize, &'a Value)) -> Option<Self> {
        let config = entry.get("config")?;
        let name = entry.get("name").or_else(|| config.get("name"))?.as_str()?;
        let nodes = entry.get("inbound_nodes").and_then(Value::as_array);
        let nodes = nodes.map_or(&[][..], Vec::as_slice);
        let class_name = entry.get("class_name")?.as_str()?;
        Some(Self {
            name,
            class_name,
            config,
            is_operation: is_named_by_keras3(entry),
            place,
            nodes,
        })
    }

    fn calls(&self) -> impl Iterator<Item = Call<'_>> {
        let nodes = self.nodes.iter().enumerate();
        nodes.map(|(number, node)| Call { layer: self, number, node })
    }

    pub(super) fn passes_masks(&self) -> bool {
        !self.is_operation && passes_masks(self.class_name, self.config)
    }

    fn makes_masks(&self) -> bool {
        is_maker(self.class_name, self.config) || makes_masks(self.config)
    }
}

impl Call<'_> {
    /// The tensors that it is called on.
    pub(super) fn inputs(&self) -> Vec<Tensor> {
        let mut found = Vec::new();
        self.node.get("args").into_iter().for_each(|args| tensors(args, &mut found));
        let kwargs = self.node.get("kwargs").and_then(Value::as_object);
        let named = kwargs.into_iter().flatten();
        let named = named.filter(|(key, _)| matches!(key.as_str(), "inputs" | "sequence" | "x"));
        named.for_each(|(_, value)| tensors(value, &mut found));
        found
    }

    /// All tensors that it reads.
    pub(super) fn tensors(&self) -> Vec<Tensor> {
        let mut found = Vec::new();
        tensors(self.node, &mut found);
        found
    }

    /// The argument `mask`, if it is a tensor.
    pub(super) fn mask(&self) -> Option<Tensor> {
        let mut found = Vec::new();
        tensors(self.node.get("kwargs")?.get("mask")?, &mut found);
        found.pop()
    }

    /// The number that it is given behind the tensor.
    pub(super) fn number(&self) -> Option<f64> {
        self.node.get("args")?.as_array()?.get(1)?.as_f64()
    }

    pub(super) fn is_along_the_last_axis(&self) -> bool {
        self.layer.config.get("axis").and_then(Value::as_i64) == Some(-1)
    }

    /// Whether a mask flows behind it where one flows in front of these.
    fn hands_on(&self, masked: &HashSet<Tensor>) -> bool {
        let inputs = self.inputs();
        match self.layer.class_name {
            _ if self.layer.is_operation => false,
            "Dot" => false,
            "Concatenate" | "Functional" | "Sequential" | "Model" => true,
            name if MERGING.contains(&name) => inputs.iter().all(|x| masked.contains(x)),
            _ => self.layer.passes_masks(),
        }
    }
}

/// Whether a layer makes masks.
fn is_maker(class_name: &str, config: &Value) -> bool {
    class_name == "Masking" || config.get("mask_zero").is_some_and(|zero| *zero == true)
}

/// Whether `value` holds a layer that makes masks, at any depth.
pub(super) fn makes_masks(value: &Value) -> bool {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        let class_name = value.get("class_name").and_then(Value::as_str);
        if class_name.is_some_and(|name| is_maker(name, &value["config"])) {
            return true;
        }
        open.extend(value.as_array().into_iter().flatten());
        open.extend(value.as_object().into_iter().flat_map(|object| object.values()));
    }
    false
}

/// The tensors in a value, in their order.
pub(in crate::json) fn tensors(value: &Value, found: &mut Vec<Tensor>) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        let history = value.pointer("/config/keras_history").unwrap_or(value);
        match history.as_array().map(Vec::as_slice) {
            Some([Value::String(layer), call, output]) => {
                let numbers = call.as_u64().zip(output.as_u64());
                found.extend(numbers.map(|(call, output)| (layer.clone(), call, output)));
            }
            Some(items) => open.extend(items.iter().rev()),
            None => {
                let items = value.as_object().into_iter().flat_map(|object| object.values());
                open.extend(items.collect::<Vec<_>>().into_iter().rev());
            }
        }
    }
}
