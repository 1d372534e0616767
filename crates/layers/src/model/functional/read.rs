//! A functional model from the config that Keras 3 writes.

use std::{collections::HashMap, sync::Arc};

use ceratops_core::{Arguments, Error, Result};
use serde_json::{Map, Value};

use crate::{
    Node, Registry, entry,
    layers::is_tensor,
    model::{Draft, Form, Listed, Manner, Model, Nest, Parts, Source},
    registry::Common,
};

/// The model of a functional config.
pub(in crate::model) fn read(mut config: Map<String, Value>, registry: &Registry) -> Result<Model> {
    let common = Common::take(&mut config)?;
    let entries = match config.remove("layers") {
        Some(Value::Array(entries)) => entries,
        other => {
            let found = other.unwrap_or_default();
            return Err(Error::config("layers", format!("expected a list, got {found}")));
        }
    };
    let mut reading = Reading::default();
    for (i, entry) in entries.iter().enumerate() {
        reading.layer(i, entry, registry).map_err(|e| e.at(&format!("layers[{i}]")))?;
    }
    let ends = |key: &'static str| config.get(key).unwrap_or(&Value::Null);
    let (mut input_leaves, mut output_leaves) = (Vec::new(), Vec::new());
    let input_nest =
        Nest::read(ends("input_layers"), &mut input_leaves).map_err(|e| e.at("input_layers"))?;
    let output_nest =
        Nest::read(ends("output_layers"), &mut output_leaves).map_err(|e| e.at("output_layers"))?;
    let at = |key: &str, e: Error| e.at(key);
    let inputs: Vec<String> = input_leaves
        .iter()
        .map(|leaf| History::of(leaf).map(|history| history.layer))
        .collect::<Result<_>>()
        .map_err(|e| at("input_layers", e))?;
    let outputs: Vec<History> = output_leaves
        .iter()
        .map(|leaf| History::of(leaf).map(|history| reading.end(history)))
        .collect::<Result<_>>()
        .map_err(|e| at("output_layers", e))?;
    for (key, is_empty) in
        [("input_layers", inputs.is_empty()), ("output_layers", outputs.is_empty())]
    {
        if is_empty {
            return Err(Error::config(key, "expected at least one layer, got none"));
        }
    }
    let blank = registry.makes_blank_weights();
    let parts = reading.parts(common.name, blank, &inputs, &outputs)?;
    let mut model = Model::assemble(parts)?;
    (model.input_nest, model.output_nest) = (input_nest, output_nest);
    if common.trainable == Some(false) {
        model.set_trainable(false);
    }
    Ok(model)
}

/// A tensor, as Keras names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct History {
    layer: String,
    call: usize,
    output: usize,
}

impl History {
    /// From a list of a name and two numbers.
    fn of(value: &Value) -> Result<Self> {
        let parts = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let number =
            |i: usize| parts.get(i).and_then(Value::as_u64).and_then(|n| n.try_into().ok());
        match (parts.first().and_then(Value::as_str), number(1), number(2)) {
            (Some(layer), Some(call), Some(output)) => {
                Ok(Self { layer: layer.to_owned(), call, output })
            }
            _ => {
                let message = format!("expected a layer, a call and an output, got {value}");
                Err(Error::config("", message))
            }
        }
    }
}

/// A call as it is read.
struct Read {
    layer: usize,
    /// Which of the layer's calls it is.
    number: usize,
    inputs: Vec<History>,
    manner: Manner,
    /// Where it stands in the document.
    path: String,
}

#[derive(Default)]
struct Reading {
    nodes: Vec<Node>,
    /// The place of a layer by its name.
    places: HashMap<String, usize>,
    calls: Vec<Read>,
    /// For each layer its calls.
    of_layers: Vec<Vec<usize>>,
}

impl Reading {
    fn layer(&mut self, place: usize, entry: &Value, registry: &Registry) -> Result<()> {
        let node = registry.layer(entry)?;
        let name = match (entry.get("name").and_then(Value::as_str), &node.name) {
            (Some(name), _) => name.to_owned(),
            (None, Some(name)) => name.clone(),
            (None, None) => return Err(Error::config("name", "missing; it names the layer")),
        };
        if self.places.insert(name.clone(), place).is_some() {
            let message = format!("the model has a layer \"{name}\" already");
            return Err(Error::config("name", message));
        }
        self.nodes.push(Node { name: Some(name), ..node });
        self.of_layers.push(Vec::new());
        let nodes = match entry.get("inbound_nodes") {
            Some(Value::Array(nodes)) => nodes.as_slice(),
            None | Some(Value::Null) => &[],
            Some(other) => {
                let message = format!("expected a list, got {other}");
                return Err(Error::config("inbound_nodes", message));
            }
        };
        for (i, node) in nodes.iter().enumerate() {
            let path = format!("inbound_nodes[{i}]");
            let (inputs, manner) = match entry::is_operation(entry) {
                true => (operands(node).map_err(|e| e.at(&path))?, Manner::operation()),
                false => arguments(node).map_err(|e| e.at(&path))?,
            };
            if inputs.is_empty() {
                // The call that an input layer, or a model that was not called, made of itself.
                continue;
            }
            let number = self.of_layers[place].len();
            self.of_layers[place].push(self.calls.len());
            let path = format!("layers[{place}].{path}");
            self.calls.push(Read { layer: place, number, inputs, manner, path });
        }
        Ok(())
    }

    /// An output of the model: there Keras counts the calls of a functional model from 1.
    fn end(&self, mut history: History) -> History {
        let place = self.places.get(&history.layer);
        let functional =
            place.is_some_and(|&place| self.nodes[place].saved_class() == "Functional");
        let calls = place.map_or(0, |&place| self.of_layers[place].len());
        if functional && calls > 0 {
            history.call = history.call.saturating_sub(1);
        }
        history
    }

    /// The call that makes a tensor, or `None` for an input.
    fn maker(&self, history: &History, is_input: &[bool]) -> Result<Option<usize>> {
        let Some(&place) = self.places.get(&history.layer) else {
            let known = self.places.keys().map(String::as_str);
            return Err(Error::unknown("layer", history.layer.as_str(), known));
        };
        if is_input[place] && (history.call, history.output) == (0, 0) {
            return Ok(None);
        }
        self.of_layers[place].get(history.call).copied().map(Some).ok_or_else(|| {
            let History { layer, call, output } = history;
            let count = self.of_layers[place].len();
            Error::Model(match is_input[place] {
                true => {
                    format!("input \"{layer}\" has one tensor, got call {call}, output {output}")
                }
                false => format!(
                    "layer \"{layer}\" has {count} calls, and call {call} of it is asked for; they \
                     are counted from 0"
                ),
            })
        })
    }

    /// The place of the InputLayer of that name.
    fn input_place(&self, name: &str) -> Result<usize> {
        let is_input = |place: usize| self.nodes[place].class_name() == "InputLayer";
        match self.places.get(name) {
            Some(&place) if is_input(place) => Ok(place),
            Some(&place) => {
                let class = self.nodes[place].class_name();
                Err(Error::Model(format!("expected InputLayers; \"{name}\" is a {class}")))
            }
            None => {
                let inputs = self.places.iter().filter(|&(_, &place)| is_input(place));
                Err(Error::unknown("InputLayer", name, inputs.map(|(name, _)| name.as_str())))
            }
        }
    }

    fn parts(
        mut self,
        name: Option<String>,
        blank: bool,
        inputs: &[String],
        outputs: &[History],
    ) -> Result<Parts> {
        let mut is_input = vec![false; self.nodes.len()];
        let mut input_places = Vec::with_capacity(inputs.len());
        for input in inputs {
            let place = self.input_place(input).map_err(|e| e.at("input_layers"))?;
            if is_input[place] {
                let message = format!("expected each InputLayer once; got \"{input}\" twice");
                return Err(Error::config("input_layers", message));
            }
            is_input[place] = true;
            input_places.push(place);
        }
        let order = self.order(&is_input, outputs)?;
        let mut of_call = vec![None; self.calls.len()];
        order.iter().enumerate().for_each(|(i, &call)| of_call[call] = Some(i));
        // Layers without a call that leads to an output are left out, as are inputs of nobody.
        let mut called = vec![false; self.nodes.len()];
        order.iter().for_each(|&call| called[self.calls[call].layer] = true);
        let (mut layers, mut listed, mut new_places) = (Vec::new(), Vec::new(), HashMap::new());
        let mut input_nodes: Vec<Option<Node>> = vec![None; inputs.len()];
        let input_at: HashMap<usize, usize> =
            input_places.iter().enumerate().map(|(input, &place)| (place, input)).collect();
        for (place, node) in std::mem::take(&mut self.nodes).into_iter().enumerate() {
            if let Some(&input) = input_at.get(&place) {
                listed.push(Listed::Input(input));
                input_nodes[input] = Some(node);
            } else if called[place] {
                new_places.insert(place, layers.len());
                listed.push(Listed::Layer(layers.len()));
                layers.push(node);
            }
        }
        let source = |history: &History| -> Result<Source> {
            match self.maker(history, &is_input)? {
                None => {
                    let input = self.places.get(&history.layer).and_then(|at| input_at.get(at));
                    Ok(Source::Input(input.copied().unwrap_or(0)))
                }
                Some(call) => Ok(Source::Output(of_call[call].unwrap_or(0), history.output)),
            }
        };
        let mut drafts = Vec::with_capacity(order.len());
        for &call in &order {
            let Read { layer, inputs, manner, path, .. } = &self.calls[call];
            let inputs =
                inputs.iter().map(&source).collect::<Result<_>>().map_err(|e| e.at(path))?;
            let layer = new_places.get(layer).copied().unwrap_or(0);
            let path = Some(path.clone());
            drafts.push(Draft { layer, inputs, manner: manner.clone(), path });
        }
        let outputs = outputs.iter().map(&source).collect::<Result<_>>();
        Ok(Parts {
            name,
            seed: 0,
            blank,
            inputs: input_nodes.into_iter().flatten().collect(),
            layers,
            drafts,
            outputs: outputs.map_err(|e| e.at("output_layers"))?,
            listed,
        })
    }

    /// The calls that lead to the outputs, each behind those that it reads; of one layer in their
    /// order. The stack is our own, so that ten thousand layers do not overflow that of the thread.
    fn order(&self, is_input: &[bool], outputs: &[History]) -> Result<Vec<usize>> {
        #[derive(Clone, Copy, PartialEq)]
        enum State {
            New,
            Open,
            Done,
        }
        let mut states = vec![State::New; self.calls.len()];
        let mut order = Vec::new();
        for output in outputs {
            let first = self.maker(output, is_input).map_err(|e| e.at("output_layers"))?;
            let mut stack: Vec<(usize, usize)> = first.map(|call| (call, 0)).into_iter().collect();
            while let Some((call, next)) = stack.pop() {
                if states[call] == State::Done {
                    continue;
                }
                let read = &self.calls[call];
                // Earlier calls of the layer come first, since the first one makes its weights.
                let before = read.number.checked_sub(1).filter(|_| next == 0);
                let needs = before.map(|before| self.of_layers[read.layer][before]);
                let input = next.checked_sub(1).and_then(|i| read.inputs.get(i));
                if next > read.inputs.len() {
                    states[call] = State::Done;
                    order.push(call);
                    continue;
                }
                states[call] = State::Open;
                stack.push((call, next + 1));
                let made = match input {
                    Some(input) => self.maker(input, is_input).map_err(|e| e.at(&read.path))?,
                    None => needs,
                };
                match made {
                    Some(made) if states[made] == State::Open && input.is_some() => {
                        let message = "this call needs its own output: the layers form a circle";
                        return Err(Error::config(read.path.as_str(), message));
                    }
                    Some(made) if states[made] == State::New => stack.push((made, 0)),
                    _ => {}
                }
            }
        }
        Ok(order)
    }
}

/// The tensors of a call in their order, those among its arguments last, and how it is made.
fn arguments(node: &Value) -> Result<(Vec<History>, Manner)> {
    let args = match node.get("args") {
        Some(Value::Array(args)) => args.as_slice(),
        None | Some(Value::Null) => &[],
        Some(other) => return Err(Error::config("args", format!("expected a list, got {other}"))),
    };
    let mut inputs = Vec::new();
    let form = match args {
        [Value::Array(_)] => Form::List,
        [_] => Form::Tensor,
        _ => Form::Arguments,
    };
    for (i, arg) in args.iter().enumerate() {
        tensors(arg, &mut inputs).map_err(|e| e.at(&format!("args[{i}]")))?;
    }
    let training = node.get("training").and_then(Value::as_bool);
    let kwargs = node.get("kwargs").and_then(Value::as_object);
    let mut named = Arguments::NONE;
    for (key, value) in kwargs.into_iter().flatten() {
        match (key.as_str(), value) {
            // The model's own mode counts, and the mask travels beside the tensor by itself.
            ("training" | "mask", _) | (_, Value::Null) => {}
            // The states that a recurrent layer begins with follow its sequence.
            ("initial_state", states) => {
                tensors(states, &mut inputs).map_err(|e| e.at("kwargs.initial_state"))?;
            }
            // Whether the layer takes it, its own call says.
            (_, Value::Bool(_)) => named = named.with_value(key, value.clone()),
            (_, Value::Object(object)) if object.contains_key("class_name") => {
                tensors(value, &mut inputs).map_err(|e| e.at(&format!("kwargs.{key}")))?;
                named = named.with_tensor(key);
            }
            _ => {
                let message = format!("the argument `{key}` of a call is not supported: {value}");
                return Err(Error::config(format!("kwargs.{key}"), message));
            }
        }
    }
    let arguments = Some(named).filter(|named| !named.is_empty()).map(Arc::new);
    Ok((inputs, Manner { form, training, arguments }))
}

/// The tensors of a call of an operation; the operation itself knows of numbers among them.
fn operands(node: &Value) -> Result<Vec<History>> {
    fn gather(arg: &Value, found: &mut Vec<History>) -> Result<()> {
        match arg {
            Value::Array(args) => args.iter().try_for_each(|arg| gather(arg, found)),
            _ if is_tensor(arg) => {
                found.push(History::of(&arg["config"]["keras_history"])?);
                Ok(())
            }
            _ => Ok(()),
        }
    }
    let mut found = Vec::new();
    gather(&node["args"], &mut found).map_err(|e| e.at("args"))?;
    Ok(found)
}

fn tensors(arg: &Value, found: &mut Vec<History>) -> Result<()> {
    match arg {
        Value::Array(args) => args.iter().try_for_each(|arg| tensors(arg, found)),
        _ if is_tensor(arg) => {
            found.push(History::of(&arg["config"]["keras_history"])?);
            Ok(())
        }
        // The inputs of a nested model under keys, which Keras takes in the order of the keys.
        Value::Object(object) if !object.contains_key("class_name") => {
            let mut keys: Vec<_> = object.iter().collect();
            keys.sort_by_key(|(key, _)| *key);
            keys.into_iter().try_for_each(|(_, arg)| tensors(arg, found))
        }
        other => Err(Error::config("", format!("expected a tensor, got {other}"))),
    }
}
