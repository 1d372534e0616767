//! Operations that Keras 3 and TensorFlow record as layers: `x + y`, `2 * x`, `concat`.
//!
//! Of two tensors they are merging layers; of a tensor and a number a Rescaling.

use ceratops_core::{Error, Result};
use serde_json::{Map, Value, json};

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

/// Whether Keras has this as an operation, and not as a layer, and it is known here.
pub(in crate::json) fn is_operation(entry: &Value) -> bool {
    entry.as_object().is_some_and(|entry| operation(entry).is_some())
}

/// The name of the operation in Keras 3, if the entry is one that is known here.
fn operation(entry: &Map<String, Value>) -> Option<&'static str> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
    let module = text("module");
    let name = match text("class_name") {
        "TFOpLambda" => {
            entry.get("config")?.get("function")?.as_str()?.trim_start_matches("__operators__.")
        }
        class_name if module.starts_with("keras.src.ops") || module.starts_with("keras.ops") => {
            class_name
        }
        _ => return None,
    };
    Some(match name {
        "Add" | "add" | "math.add" => "Add",
        "Subtract" | "sub" | "subtract" | "math.subtract" => "Subtract",
        "Multiply" | "mul" | "multiply" | "math.multiply" => "Multiply",
        "TrueDivide" | "Divide" | "truediv" | "math.divide" | "math.truediv" => "Divide",
        "Negative" | "neg" | "math.negative" => "Negative",
        "Maximum" | "maximum" | "math.maximum" => "Maximum",
        "Minimum" | "minimum" | "math.minimum" => "Minimum",
        "Concatenate" | "concat" => "Concatenate",
        "Relu" | "nn.relu" => "relu",
        "Sigmoid" | "math.sigmoid" | "nn.sigmoid" => "sigmoid",
        "Tanh" | "math.tanh" => "tanh",
        "Silu" | "nn.silu" | "nn.swish" => "silu",
        "Softplus" | "math.softplus" => "softplus",
        "Exp" | "math.exp" => "exponential",
        "HardSigmoid" => "hard_sigmoid",
        "HardSilu" => "hard_silu",
        "LogSigmoid" => "log_sigmoid",
        "Relu6" | "nn.relu6" => "relu6",
        "Selu" | "nn.selu" => "selu",
        "Softsign" | "nn.softsign" | "math.softsign" => "softsign",
        "Elu" => "ELU",
        "LeakyRelu" => "LeakyReLU",
        "Softmax" => "Softmax",
        "Reshape" => "Reshape",
        _ => return None,
    })
}

/// Makes of an operation the layer that computes the same; leaves a layer as it is.
pub(super) fn become_layer(
    entry: &mut Map<String, Value>,
    arguments: &mut Arguments,
    path: &str,
    log: &mut Log,
) -> Result<()> {
    let Some(operation) = operation(entry).or_else(|| bare(entry, arguments)) else {
        return Ok(());
    };
    take_named(arguments);
    let config = entry.get("config").cloned().unwrap_or_default();
    let axis = |arguments: &Arguments| {
        let named = arguments.others.iter().find(|(key, _)| key == "axis").map(|(_, axis)| axis);
        named.or_else(|| config.get("axis")).cloned().unwrap_or(json!(-1))
    };
    let number = match arguments.numbers.as_slice() {
        [] => None,
        [(place, number)] => Some((*place == 0, *number)),
        _ => return Err(refused(operation, path)),
    };
    let scaled = |scale: f64, offset: f64| ("Rescaling", json!({"scale": scale, "offset": offset}));
    let two = arguments.inputs.len() == 2;
    let (class_name, own) = match (operation, number, arguments.inputs.len()) {
        ("Add" | "Subtract" | "Multiply" | "Maximum" | "Minimum", None, _) if two => {
            arguments.is_list = true;
            (operation, json!({}))
        }
        ("Concatenate", None, 1..) => {
            let axis = axis(arguments);
            arguments.others.retain(|(key, _)| key != "axis");
            arguments.is_list = true;
            ("Concatenate", json!({ "axis": axis }))
        }
        ("Add", Some((_, number)), 1) => scaled(1.0, number),
        ("Subtract", Some((false, number)), 1) => scaled(1.0, -number),
        ("Subtract", Some((true, number)), 1) => scaled(-1.0, number),
        ("Multiply", Some((_, number)), 1) => scaled(number, 0.0),
        ("Divide", Some((false, number)), 1) => scaled(1.0 / number, 0.0),
        ("Negative", None, 1) => scaled(-1.0, 0.0),
        // Those of the layers are their settings, too.
        ("ELU", None, 1) => (operation, json!({"alpha": config["alpha"]})),
        ("LeakyReLU", None, 1) => (operation, json!({"negative_slope": config["negative_slope"]})),
        ("Softmax", None, 1) => (operation, json!({"axis": config["axis"]})),
        ("Reshape", None, 1) => match config["newshape"].as_array().map(Vec::as_slice) {
            // The first axis counts the samples, however many.
            Some([first, rest @ ..]) if first.is_null() || *first == -1 => {
                (operation, json!({ "target_shape": rest }))
            }
            _ => return Err(refused(operation, path)),
        },
        (function, None, 1) if function.starts_with(|c: char| c.is_lowercase()) => {
            ("Activation", json!({ "activation": function }))
        }
        _ => return Err(refused(operation, path)),
    };
    let text = format!("a layer `{class_name}`: the operation {operation}");
    log.note(&join(path, "class_name"), Change::Reinterpreted, text);
    let mut layer = Map::new();
    for key in ["name", "trainable", "dtype"] {
        layer.extend(config.get(key).map(|value| (key.to_owned(), value.clone())));
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
    Ok(())
}

/// The operation that has lost its module, as in an `.h5` of Keras 3, which does not open it again: a
/// layer of that name takes a list.
fn bare(entry: &Map<String, Value>, arguments: &Arguments) -> Option<&'static str> {
    let class_name = entry.get("class_name")?.as_str()?;
    let is_bare = entry.get("module").is_none_or(Value::is_null);
    let operands = arguments.inputs.len() + arguments.numbers.len();
    let names = ["Add", "Subtract", "Multiply", "Maximum", "Minimum"];
    names
        .into_iter()
        .find(|name| *name == class_name && is_bare && !arguments.is_list && operands == 2)
}

/// Takes the second operand, which TensorFlow gives by name.
fn take_named(arguments: &mut Arguments) {
    for key in ["y", "values"] {
        let Some(place) = arguments.others.iter().position(|(name, _)| name == key) else {
            continue;
        };
        let (_, value) = &arguments.others[place];
        if let Some(number) = value.as_f64() {
            arguments.numbers.push((arguments.inputs.len(), number));
        } else if let Some(history) = history_of(value) {
            arguments.inputs.push(history);
        } else {
            continue;
        }
        arguments.others.remove(place);
    }
    // The name of the operation itself.
    arguments.others.retain(|(key, _)| key != "name");
}

fn refused(operation: &str, path: &str) -> Error {
    let message = format!("the operation {operation} is not known with these arguments");
    Error::config(path, message)
}
