//! Functional models in the words of Keras 2, which TensorFlow.js speaks, too.

mod order;

use std::collections::{HashMap, HashSet};

use ceratops_core::Result;
use ceratops_layers::Registry;
use serde_json::{Map, Value, json};

use super::{
    Out, Words,
    equals::{Names, free_name},
    names,
    piece::Piece,
};
use crate::json::functional::keras2_operation;

/// How a reader has its layers.
pub(super) struct Writing {
    /// Makes of a layer those, one behind the other, that the reader knows.
    pub(super) split: fn(Piece, &mut Names, &mut Out) -> Result<Vec<Piece>>,
    /// The entry of such a layer.
    pub(super) entry: fn(Piece, &mut Out) -> Result<Value>,
}

/// The config of a functional model: its layers with their calls, its inputs and its outputs.
pub(super) fn config(model: Piece, ends: Ends, writing: &Writing, out: &mut Out) -> Result<Value> {
    let (name, path) = (model.name.clone(), model.path.clone());
    let pieces = model.layers.unwrap_or_default();
    let mut taken: Names = pieces.iter().map(|piece| piece.name.clone()).collect();
    let mut wires = Wires::of(&pieces, ends);
    let mut groups = Vec::with_capacity(pieces.len());
    for piece in pieces {
        names::check(&piece, out)?;
        note_states(&piece, out);
        let group = (writing.split)(piece, &mut taken, out)?;
        wires.note(&group);
        groups.push(group);
    }
    let mut layers = Vec::with_capacity(groups.len());
    for group in groups {
        let mut before: Option<String> = None;
        let count = group.first().and_then(|piece| piece.calls.as_ref()).map_or(0, Vec::len);
        for piece in group {
            if piece.is_operation() {
                let link = |history: &[Value]| {
                    let (name, call) = wires.read(history, false);
                    json!([name, call, history[2]])
                };
                layers.push(keras2_operation(&piece, link)?);
                continue;
            }
            let calls = match &before {
                None => wires.calls(&piece),
                Some(before) => wires.calls_behind(before, count),
            };
            before = Some(piece.name.clone());
            let name = piece.name.clone();
            let mut entry = (writing.entry)(piece, out)?;
            entry["name"] = name.into();
            entry["inbound_nodes"] = calls;
            layers.push(entry);
        }
    }
    let (mut inputs, mut outputs) = wires.ends();
    if matches!(out.words, Words::TensorFlowJs | Words::Portable) {
        for (key, ends) in [("input_layers", &inputs), ("output_layers", &outputs)] {
            if let Value::Object(keyed) = ends {
                let keys: Vec<&str> = keyed.keys().map(String::as_str).collect();
                let text = format!(
                    "the keys {}, under which TensorFlow.js gives and takes nothing: it goes by the layers' \
                     names",
                    keys.join(", ")
                );
                out.leave_out(&path, &format!("config.{key}"), text);
            }
        }
        (inputs, outputs) = (flat(&inputs), flat(&outputs));
        let copies = distinct(&mut outputs, &mut taken);
        if !copies.is_empty() {
            let text = "each tensor once, of which TensorFlow.js finds no second; a layer `Activation` of \
                        `linear` hands on each copy";
            out.note(&path, "config.output_layers", text);
        }
        layers.extend(copies);
        order::as_made(&mut layers, &mut outputs, &wires.models);
    }
    Ok(json!({
        "name": name, "layers": layers, "input_layers": inputs, "output_layers": outputs,
    }))
}

/// Notes who does not open a recurrent layer that is given states to begin with, as Keras 2 writes it.
fn note_states(piece: &Piece, out: &mut Out) {
    let calls = piece.calls.as_deref().unwrap_or_default();
    if calls.iter().all(|call| call["kwargs"]["initial_state"].is_null()) {
        return;
    }
    let name = &piece.name;
    if matches!(out.words, Words::Keras2And3 | Words::Portable) {
        let text = format!(
            "the states that \"{name}\" begins with, which Keras 2 opens; Keras 3 refuses them: write \
             keras3-h5 or a .keras file"
        );
        out.keep(&piece.path, "inbound_nodes", text);
    }
    if matches!(out.words, Words::TensorFlowJs | Words::Portable) && calls.len() > 1 {
        let text = format!(
            "TensorFlow.js refuses to compute \"{name}\", which is called {} times and given states",
            calls.len()
        );
        out.keep(&piece.path, "inbound_nodes", text);
    }
}

/// Layers that hand on what is an output already, to be the outputs in place of its second and third
/// mention.
fn distinct(outputs: &mut Value, taken: &mut Names) -> Vec<Value> {
    let (mut seen, mut copies) = (HashSet::new(), Vec::new());
    for output in outputs.as_array_mut().into_iter().flatten() {
        if seen.insert(output.to_string()) {
            continue;
        }
        let name = free_name(output[0].as_str().unwrap_or_default(), taken);
        let original = std::mem::replace(output, json!([name, 0, 0]));
        copies.push(json!({
            "class_name": "Activation", "name": name,
            "config": { "name": name, "trainable": true, "activation": "linear" },
            "inbound_nodes": [[[original[0], original[1], original[2], {}]]],
        }));
    }
    copies
}

/// The inputs or the outputs in their order, without the lists and keys around them, which
/// TensorFlow.js does not know.
fn flat(ends: &Value) -> Value {
    match ends {
        Value::Array(items) if !items.first().is_some_and(Value::is_string) => items
            .iter()
            .flat_map(|item| flat(item).as_array().cloned().unwrap_or_default())
            .collect(),
        Value::Object(items) => {
            let mut items: Vec<_> = items.iter().collect();
            items.sort_unstable_by_key(|(key, _)| *key);
            let flat = |(_, item): (&String, &Value)| flat(item).as_array().cloned();
            items.into_iter().filter_map(flat).flatten().collect()
        }
        end => json!([end]),
    }
}

/// The inputs and the outputs of a functional model, in the words of Keras 3.
pub(super) struct Ends {
    inputs: Value,
    outputs: Value,
}

impl Ends {
    /// Those of `model`, if it is a functional one.
    pub(super) fn of(model: &Piece) -> Option<Self> {
        let end = |key: &str| model.config.get(key).cloned();
        Some(Self { inputs: end("input_layers")?, outputs: end("output_layers")? })
    }
}

/// Which layers read which. Where a layer has become several, who read it reads the last of them.
struct Wires {
    ends: Ends,
    /// The layers that are models, whose calls Keras 2 counts from 1.
    models: HashSet<String>,
    /// Of these, the functional ones, which Keras 3 counts so where they make an output.
    functional: HashSet<String>,
    last: HashMap<String, String>,
}

impl Wires {
    fn of(pieces: &[Piece], ends: Ends) -> Self {
        let models = || pieces.iter().filter(|piece| piece.layers.is_some());
        let name = |piece: &Piece| piece.name.clone();
        let functional = models().filter(|piece| piece.class_name == "Functional").map(name);
        Self {
            ends,
            functional: functional.collect(),
            models: models().map(name).collect(),
            last: HashMap::new(),
        }
    }

    /// Takes note of what a layer has become.
    fn note(&mut self, group: &[Piece]) {
        if let (Some(first), Some(last)) = (group.first(), group.last())
            && first.name != last.name
        {
            self.last.insert(first.name.clone(), last.name.clone());
        }
    }

    /// The calls of a layer.
    fn calls(&self, piece: &Piece) -> Value {
        let calls = piece.calls.iter().flatten();
        calls.map(|call| self.call(call, piece)).collect()
    }

    /// The calls of a layer that stands behind another one, which is called so often.
    fn calls_behind(&self, before: &str, count: usize) -> Value {
        (0..count).map(|call| json!([[before, call, 0, {}]])).collect()
    }

    fn call(&self, call: &Value, piece: &Piece) -> Value {
        let mut inputs = Vec::new();
        gather(&call["args"], &mut inputs);
        // The states that a recurrent layer begins with follow its sequence.
        gather(&call["kwargs"]["initial_state"], &mut inputs);
        let mut kwargs = Map::new();
        // Inputs that are arguments of their own stand by their names, but for the first.
        if let Some((_, names)) = Registry::input_names(&piece.class_name).split_first() {
            let behind = inputs.split_off(inputs.len().min(1));
            let given = names.iter().zip(&behind);
            kwargs.extend(given.map(|(name, own)| ((*name).to_owned(), self.tensor(own))));
        }
        let training = piece.training;
        kwargs.extend(training.map(|training| ("training".to_owned(), training.into())));
        kwargs.extend(self.arguments(call, piece));
        let link = |history: &Vec<Value>| {
            let (name, call) = self.read(history, false);
            json!([name, call, history[2], kwargs])
        };
        inputs.iter().map(link).collect()
    }

    /// The arguments of a call that change what the layer computes.
    fn arguments(&self, call: &Value, piece: &Piece) -> Map<String, Value> {
        let known = Registry::argument_names(&piece.class_name);
        let given = call["kwargs"].as_object().into_iter().flatten();
        let own = given.filter(|(name, _)| known.contains(&name.as_str()));
        let spelled = |(name, value): (&String, &Value)| {
            let history = value.pointer("/config/keras_history").and_then(Value::as_array);
            let value = history.map_or_else(|| value.clone(), |history| self.tensor(history));
            (name.clone(), value)
        };
        own.map(spelled).collect()
    }

    /// A tensor that is an argument by name.
    fn tensor(&self, history: &[Value]) -> Value {
        let (name, call) = self.read(history, false);
        json!([name, call, history[2]])
    }

    /// Whom a reader of this tensor reads, and which call.
    fn read(&self, history: &[Value], ends: bool) -> (String, u64) {
        let name = history[0].as_str().unwrap_or_default();
        let mut call = history[1].as_u64().unwrap_or(0);
        if self.models.contains(name) && !(ends && self.functional.contains(name)) {
            call += 1;
        }
        (self.last.get(name).map_or(name, String::as_str).to_owned(), call)
    }

    /// The inputs and the outputs of the model; one alone is a list of one.
    fn ends(&self) -> (Value, Value) {
        let listed = |ends: &Value| match self.end(ends) {
            end if end.get(0).is_some_and(Value::is_string) => json!([end]),
            ends => ends,
        };
        (listed(&self.ends.inputs), listed(&self.ends.outputs))
    }

    fn end(&self, end: &Value) -> Value {
        match end {
            Value::Array(history) if matches!(&history[..], [Value::String(_), _, _]) => {
                let (name, call) = self.read(history, true);
                json!([name, call, history[2]])
            }
            Value::Array(items) => items.iter().map(|item| self.end(item)).collect(),
            Value::Object(items) => Value::Object(
                items.iter().map(|(key, item)| (key.clone(), self.end(item))).collect(),
            ),
            other => other.clone(),
        }
    }
}

/// The tensors among the arguments of a call.
fn gather(args: &Value, found: &mut Vec<Vec<Value>>) {
    match args {
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        tensor => {
            let history = tensor.pointer("/config/keras_history").and_then(Value::as_array);
            found.extend(history.filter(|history| history.len() == 3).cloned());
        }
    }
}
