//! Operations that Keras 3 and TensorFlow record as layers: `x + y`, `x[:, 0]`, `concat`.
//!
//! All of them are first said as Keras 3 says them. Where a layer computes the same, it takes the
//! operation's place; the others stay what they are.

mod node_def;
mod same;
mod tensorflow;
mod write;

use ceratops_core::{Error, Result};
use ceratops_layers::{Operation, Registry};
use serde_json::{Map, Value, json};

pub(in crate::json) use self::write::{check, keras2};
use super::arguments::{Arguments, history_of};
use crate::json::{
    Change,
    log::{Log, join},
};

pub(super) const MERGING: [&str; 8] =
    ["Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"];

/// Whether the layer takes a list of tensors.
pub(super) fn merges(entry: &Map<String, Value>) -> bool {
    let class_name = entry.get("class_name").and_then(Value::as_str);
    class_name.is_some_and(|name| MERGING.contains(&name))
}

/// What an entry is, if Keras has it as an operation, and not as a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Spelling<'a> {
    /// A class of Keras 3.
    Keras3(&'a str),
    /// A function of TensorFlow, or brackets.
    TensorFlow(&'a str),
    /// A node of a graph of TensorFlow.
    Node(&'a str),
}

impl<'a> Spelling<'a> {
    fn of(entry: &'a Map<String, Value>) -> Option<Self> {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let config = entry.get("config");
        match text("class_name") {
            "TFOpLambda" | "SlicingOpLambda" => {
                Some(Self::TensorFlow(config?.get("function")?.as_str()?))
            }
            "TensorFlowOpLayer" => {
                Some(Self::Node(config?.pointer("/node_def/op")?.as_str().unwrap_or_default()))
            }
            name if is_of_keras3(entry) => Some(Self::Keras3(name)),
            // An `.h5` of Keras 3 has no modules, and is not opened again there.
            name if has_lost_its_module(entry, name) => Some(Self::Keras3(name)),
            _ => None,
        }
    }

    /// Whether it is known here.
    fn is_known(&self) -> bool {
        match self {
            Self::Keras3(name) => Operation::is_known(name) || same::is_known(name),
            Self::TensorFlow(function) => tensorflow::is_known(function),
            Self::Node(op) => node_def::is_known(op),
        }
    }
}

/// Whether the entry is that of an operation in the words of Keras 3.
pub(super) fn is_of_keras3(entry: &Map<String, Value>) -> bool {
    let module = entry.get("module").and_then(Value::as_str).unwrap_or_default();
    module.starts_with("keras.src.ops") || module.starts_with("keras.ops")
}

/// Whether an entry without a module, as in an `.h5` of Keras 3, is that of an operation. Of the names that
/// layers have, too, the arguments tell.
fn has_lost_its_module(entry: &Map<String, Value>, name: &str) -> bool {
    let call = entry.get("inbound_nodes").and_then(|nodes| nodes.get(0));
    let Some(call) = call.filter(|call| call.is_object()) else { return false };
    if entry.get("module").is_some_and(|module| !module.is_null()) {
        return false;
    }
    let args = call["args"].as_array().map_or(&[][..], Vec::as_slice);
    match name {
        "Add" | "Dot" | "Maximum" | "Minimum" | "Multiply" | "Subtract" => args.len() == 2,
        "Average" => args.first().is_some_and(Value::is_object),
        "Reshape" => entry.get("config").is_some_and(|config| config.get("newshape").is_some()),
        _ => !Registry::is_builtin(name) && (Operation::is_known(name) || same::is_known(name)),
    }
}

/// Whether Keras has this as an operation, and not as a layer, and it is known here.
pub(in crate::json) fn is_operation(entry: &Value) -> bool {
    let spelling = entry.as_object().and_then(Spelling::of);
    spelling.is_some_and(|spelling| spelling.is_known())
}

/// How the author of a model would name an operation that is not known here.
pub(in crate::json) fn unknown_operation(entry: &Value) -> Option<String> {
    let spelling =
        entry.as_object().and_then(Spelling::of).filter(|spelling| !spelling.is_known())?;
    Some(match spelling {
        Spelling::Keras3(name) => name.to_owned(),
        Spelling::TensorFlow(function) => format!("tf.{function}"),
        Spelling::Node(op) => format!("{op} of TensorFlow"),
    })
}

/// Gives an operation of Keras 3 that has lost its module another one.
pub(super) fn name_module(entry: &mut Map<String, Value>) {
    if matches!(Spelling::of(entry), Some(Spelling::Keras3(_))) {
        entry.insert("module".into(), "keras.src.ops".into());
    }
}

/// Whether the entry is that of an operation of Keras 3, known here or not.
pub(super) fn is_named_by_keras3(entry: &Value) -> bool {
    let spelling = entry.as_object().and_then(Spelling::of);
    matches!(spelling, Some(Spelling::Keras3(_)))
}

/// Says the operation and its call `node` as Keras 3 does; leaves a layer as it is.
pub(super) fn respell(
    entry: &mut Map<String, Value>,
    node: Value,
    path: &str,
    log: &mut Log,
) -> Result<Value> {
    let config = entry.get("config").unwrap_or(&Value::Null);
    let call = match Spelling::of(entry) {
        Some(Spelling::TensorFlow(function)) => tensorflow::call(function, &node),
        Some(Spelling::Node(op)) => node_def::call(op, config, &node),
        Some(Spelling::Keras3(_)) | None => return Ok(node),
    };
    let Call { class_name, config: own, args, kwargs } =
        call.map_err(|message| Error::config(path, message))?;
    log.note(
        &join(path, "class_name"),
        Change::Reinterpreted,
        format!("the operation {class_name}"),
    );
    let mut config = Map::new();
    config.extend(entry.get("name").map(|name| ("name".to_owned(), name.clone())));
    config.extend(own);
    entry.insert("module".into(), "keras.src.ops".into());
    entry.insert("class_name".into(), class_name.as_str().into());
    entry.insert("registered_name".into(), class_name.into());
    entry.insert("config".into(), config.into());
    entry.remove("build_config");
    Ok(json!({ "args": args, "kwargs": kwargs }))
}

/// A call of an operation, as Keras 3 says it.
#[derive(Default)]
struct Call {
    class_name: String,
    config: Map<String, Value>,
    args: Vec<Value>,
    kwargs: Map<String, Value>,
}

/// A tensor as an argument.
fn tensor(history: &[Value; 3]) -> Value {
    json!({ "class_name": "__keras_tensor__", "config": { "keras_history": history } })
}

/// A value among the arguments of TensorFlow: a tensor, or a constant.
fn argument(value: &Value) -> Value {
    match history_of(value) {
        Some(history) if history[0] != "_CONSTANT_VALUE" => tensor(&history),
        _ => value.clone(),
    }
}

/// Whether `entry`, said as Keras 3 does, is an operation that stays one; else it is a layer, or becomes
/// one that computes the same.
pub(super) fn stays(
    entry: &mut Map<String, Value>,
    call: &Value,
    arguments: &mut Arguments,
    path: &str,
    log: &mut Log,
) -> Result<bool> {
    if !is_of_keras3(entry) {
        return Ok(false);
    }
    let class_name = entry.get("class_name").and_then(Value::as_str).unwrap_or_default().to_owned();
    match same::layer(&class_name, entry.get("config").unwrap_or(&Value::Null), call, arguments) {
        Some((class_name, own)) => become_layer(entry, class_name, own, path, log),
        None if Operation::is_known(&class_name) => {
            entry.insert("module".into(), "keras.src.ops".into());
            if let Some(Value::Object(config)) = entry.get_mut("config") {
                config.remove("trainable");
            }
            return Ok(true);
        }
        None => {
            let message = format!("the operation {class_name} is not known with these arguments");
            return Err(Error::config(path, message));
        }
    }
    Ok(false)
}

/// Puts a layer in the place of an operation.
fn become_layer(
    entry: &mut Map<String, Value>,
    class_name: &str,
    own: Value,
    path: &str,
    log: &mut Log,
) {
    let operation = entry.get("class_name").and_then(Value::as_str).unwrap_or_default();
    let text = format!("a layer `{class_name}`: the operation {operation}");
    log.note(&join(path, "class_name"), Change::Reinterpreted, text);
    let mut layer = Map::new();
    for key in ["name", "trainable", "dtype"] {
        let value = entry.get("config").and_then(|config| config.get(key));
        layer.extend(value.map(|value| (key.to_owned(), value.clone())));
    }
    layer.extend(own.as_object().cloned().unwrap_or_default());
    entry.insert("class_name".into(), class_name.into());
    entry.insert("config".into(), layer.into());
    entry.insert("module".into(), "keras.layers".into());
    entry.remove("registered_name");
    // Keras' operations know nothing of masks.
    if log.masks {
        entry.insert("masks".into(), "end".into());
    }
}
