//! Functional models with branches, in the words of Keras 3: each layer with its calls.

mod arguments;
mod masks;
mod operations;

use std::collections::HashSet;

use ceratops_core::{Error, Result};
use ceratops_layers::Registry;
use serde_json::{Map, Value, json};

use self::arguments::Arguments;
pub(super) use self::{
    arguments::is_nothing,
    masks::{graph, older_rule, rule_before_keras3, settle, without_operations},
    operations::{
        check as check_operations, is_operation, keras2 as keras2_operation, unknown_operation,
    },
};
use super::{
    Change, Dialect,
    classes::renamed,
    graph::is_graph,
    log::{Log, join},
};

/// Brings the entry of a functional model at `path` to the words of Keras 3.
///
/// # Errors
/// Connections that cannot be read, and arguments of calls that change what a layer computes.
pub(super) fn upgrade(object: &mut Map<String, Value>, path: &str, log: &mut Log) -> Result<()> {
    let config_path = join(path, "config");
    let Some(Value::Object(config)) = object.get_mut("config") else {
        return Err(Error::config(config_path, "expected an object with `layers`"));
    };
    let layers_path = join(&config_path, "layers");
    let Some(Value::Array(entries)) = config.get_mut("layers") else {
        return Err(Error::config(layers_path, "expected a list"));
    };
    let models = Models::of(entries, log.detected.dialect);
    for (i, entry) in entries.iter_mut().enumerate() {
        let path = join(&layers_path, &format!("[{i}]"));
        let Value::Object(entry) = entry else {
            return Err(Error::config(path, "expected an object with `class_name` and `config`"));
        };
        layer(entry, &path, &models, log)?;
    }
    for key in ["input_layers", "output_layers"] {
        if let Some(ends) = config.get_mut(key) {
            models.renumber(ends);
            if log.detected.dialect != Dialect::Keras3 {
                without_list_of_one(ends);
            }
        }
    }
    object.insert("class_name".into(), "Functional".into());
    object.remove("registered_name");
    object.remove("module");
    Ok(())
}

/// Brings a layer's calls to the words of Keras 3.
fn layer(entry: &mut Map<String, Value>, path: &str, models: &Models, log: &mut Log) -> Result<()> {
    let inner = entry.get("config").and_then(|config| config.get("name")).cloned();
    let Some(Value::String(name)) = entry.remove("name").or(inner) else {
        return Err(Error::config(join(path, "name"), "expected the layer's name"));
    };
    if let Some(Value::Object(config)) = entry.get_mut("config") {
        config.insert("name".into(), name.as_str().into());
    }
    operations::name_module(entry);
    let nodes_path = join(path, "inbound_nodes");
    let nodes = match entry.remove("inbound_nodes") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(nodes)) => nodes,
        Some(other) => {
            let message = format!("expected a list, got {}", super::shown(&other));
            return Err(Error::config(nodes_path, message));
        }
    };
    let mut calls = Vec::with_capacity(nodes.len());
    for (i, node) in nodes.into_iter().enumerate() {
        let path = format!("{nodes_path}[{i}]");
        let mut node = operations::respell(entry, node, &path, log)?;
        let mut arguments = match operations::is_of_keras3(entry) {
            true => Arguments::of_operation(&node),
            false => Arguments::read(&node, log.detected.dialect)
                .map_err(|message| Error::config(path.as_str(), message))?,
        };
        if operations::stays(entry, &node, &mut arguments, &path, log)? {
            models.renumber_tensors(&mut node);
            calls.push(node);
            continue;
        }
        let class_name = entry.get("class_name").and_then(Value::as_str).unwrap_or_default();
        let class_name = renamed(class_name).unwrap_or(class_name);
        let known = Registry::argument_names(class_name);
        arguments.find(Registry::input_names(class_name), known);
        arguments.tensors().for_each(|tensor| models.renumber_tensor(tensor));
        let is_list = arguments.is_list || operations::merges(entry);
        calls.push(call(arguments, is_list, known, (&name, &path), log)?);
    }
    entry.insert("name".into(), name.into());
    entry.insert("inbound_nodes".into(), calls.into());
    Ok(())
}

/// What to do about a mask that a call is given.
pub(super) const OWN_MASK: &str = "; here only the mask is read that Masking makes and that flows \
                                   beside the tensor: put Masking in front";

/// A call in the words of Keras 3.
fn call(
    arguments: Arguments,
    is_list: bool,
    known: &[&str],
    (name, path): (&str, &str),
    log: &mut Log,
) -> Result<Value> {
    let (kwargs, others): (Vec<_>, Vec<_>) = arguments
        .others
        .into_iter()
        .partition(|(key, value)| value.is_boolean() && known.contains(&key.as_str()));
    if let Some((key, value)) = others.first() {
        let help = if key == "mask" { OWN_MASK } else { "" };
        let message = format!(
            "\"{name}\" is called with an argument besides its input: {key} = {}{help}",
            super::shown(value)
        );
        return Err(Error::config(path, message));
    }
    let tensor = |history: &[Value; 3]| json!({"class_name": "__keras_tensor__", "config": {"keras_history": history}});
    let tensors: Vec<Value> = arguments.inputs.iter().map(tensor).collect();
    let args = if is_list { json!([tensors]) } else { Value::Array(tensors) };
    let mut kwargs: Map<String, Value> = kwargs.into_iter().collect();
    kwargs.extend(arguments.named.iter().map(|(key, history)| (key.clone(), tensor(history))));
    let mut call = json!({ "args": args, "kwargs": kwargs });
    if let Some(training) = arguments.training {
        match log.detected.dialect {
            Dialect::Keras2 => {
                let text = match training {
                    true => "a layer that is in training mode always, also in `predict`",
                    false => "a layer that is never in training mode, not even in `fit`",
                };
                log.note(path, Change::Reinterpreted, text);
                call["training"] = training.into();
            }
            _ => {
                let text = format!("training = {training}: the mode of the model counts");
                log.note(path, Change::Ignored, text);
            }
        }
    }
    Ok(call)
}

/// Only Keras 3 tells one tensor from a list of one, and its nested models hand on what they say.
fn without_list_of_one(ends: &mut Value) {
    if let Value::Array(items) = ends
        && let [Value::Array(_)] = items.as_slice()
    {
        *ends = items.remove(0);
    }
}

/// The layers that are models. Keras 2 counts their calls from 1, the first being their own making;
/// Keras 3 does so only for functional ones, and only where they make an output of the model.
struct Models {
    /// Those whose calls tensors count from 1.
    from_one: HashSet<String>,
    /// Those whose calls the outputs count from 1, and which are no functional models here.
    ends_from_one: HashSet<String>,
}

impl Models {
    fn of(entries: &[Value], dialect: Dialect) -> Self {
        let (mut from_one, mut ends_from_one) = (HashSet::new(), HashSet::new());
        let is_keras3 = dialect == Dialect::Keras3;
        for entry in entries {
            let text = |key: &str| entry.get(key).and_then(Value::as_str);
            let name = text("name").or_else(|| entry.pointer("/config/name")?.as_str());
            let (Some(name), Some(class_name)) = (name, text("class_name")) else { continue };
            let functional = is_graph(class_name);
            if !functional && class_name != "Sequential" {
                continue;
            }
            if !is_keras3 {
                from_one.insert(name.to_owned());
            }
            if !functional && !is_keras3 {
                ends_from_one.insert(name.to_owned());
            }
        }
        Self { from_one, ends_from_one }
    }

    /// The same for all tensors in a call.
    fn renumber_tensors(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.renumber_tensors(item)),
            Value::Object(object) => {
                match object.get_mut("keras_history").and_then(Value::as_array_mut) {
                    Some(history) => {
                        if let Ok(history) = <&mut [Value; 3]>::try_from(history.as_mut_slice()) {
                            self.renumber_tensor(history);
                        }
                    }
                    None => object.values_mut().for_each(|item| self.renumber_tensors(item)),
                }
            }
            _ => {}
        }
    }

    /// Counts the calls of a nested model from 0, where a tensor names one.
    fn renumber_tensor(&self, history: &mut [Value; 3]) {
        if history[0].as_str().is_some_and(|name| self.from_one.contains(name)) {
            lower(&mut history[1]);
        }
    }

    /// The same for the inputs or the outputs of the model, in any nest.
    fn renumber(&self, ends: &mut Value) {
        match ends {
            Value::Array(items) if matches!(items.first(), Some(Value::String(_))) => {
                let name = items[0].as_str().unwrap_or_default();
                if self.ends_from_one.contains(name)
                    && let Some(call) = items.get_mut(1)
                {
                    lower(call);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.renumber(item)),
            Value::Object(items) => items.values_mut().for_each(|item| self.renumber(item)),
            _ => {}
        }
    }
}

fn lower(number: &mut Value) {
    if let Some(n) = number.as_u64() {
        *number = n.saturating_sub(1).into();
    }
}
