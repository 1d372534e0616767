//! The connections of a functional model, in the words of Keras 2.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::piece::Piece;

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
pub(super) struct Wires {
    ends: Ends,
    /// The layers that are models, whose calls Keras 2 counts from 1.
    models: HashSet<String>,
    /// Of these, the functional ones, which Keras 3 counts so where they make an output.
    functional: HashSet<String>,
    last: HashMap<String, String>,
}

impl Wires {
    pub(super) fn of(pieces: &[Piece], ends: Ends) -> Self {
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
    pub(super) fn note(&mut self, group: &[Piece]) {
        if let (Some(first), Some(last)) = (group.first(), group.last())
            && first.name != last.name
        {
            self.last.insert(first.name.clone(), last.name.clone());
        }
    }

    /// The calls of a layer.
    pub(super) fn calls(&self, piece: &Piece) -> Value {
        let calls = piece.calls.iter().flatten();
        calls.map(|call| self.call(call, piece.training)).collect()
    }

    /// The calls of a layer that stands behind another one, which is called so often.
    pub(super) fn calls_behind(&self, before: &str, count: usize) -> Value {
        (0..count).map(|call| json!([[before, call, 0, {}]])).collect()
    }

    fn call(&self, call: &Value, training: Option<bool>) -> Value {
        let mut inputs = Vec::new();
        gather(&call["args"], &mut inputs);
        let mut kwargs = Map::new();
        kwargs.extend(training.map(|training| ("training".to_owned(), training.into())));
        let link = |history: &Vec<Value>| {
            let (name, call) = self.read(history, false);
            json!([name, call, history[2], kwargs])
        };
        inputs.iter().map(link).collect()
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
    pub(super) fn ends(&self) -> (Value, Value) {
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
