//! How a model says what shape its input has.

use ceratops_core::Result;
use serde_json::{Value, json};

use super::{
    Change,
    classes::card,
    log::{Log, join},
    subject::Subject,
};

/// The ways in which a layer names the shape of its input.
const SHAPES: [&str; 3] = ["batch_input_shape", "input_shape", "input_dim"];

/// `input_shape` and `input_dim` are short for `batch_input_shape`.
pub(super) fn input_shape(layer: &mut Subject<'_>) -> Result<()> {
    if layer.class_name == "InputLayer" {
        return Ok(());
    }
    let known = layer.config.get("batch_input_shape").is_some_and(|shape| !shape.is_null());
    for key in ["input_shape", "input_dim"] {
        // An Embedding has an `input_dim` that is something else.
        if key == "input_dim" && !card(layer.class_name).takes_input_dim {
            continue;
        }
        if known {
            layer.ignore(key, "`batch_input_shape` says it too");
        }
        let sample = match layer.config.get(key) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(axes)) => axes.clone(),
            // Keras 1 tells the number of steps apart.
            Some(axis) if takes_steps(layer.class_name) => {
                let steps = layer.config.get("input_length").cloned().unwrap_or_default();
                vec![steps, axis.clone()]
            }
            Some(axis) => vec![axis.clone()],
        };
        layer.config.remove("batch_input_shape");
        layer.rename(key, "batch_input_shape");
        let shape: Vec<Value> = [Value::Null].into_iter().chain(sample).collect();
        layer.config.insert("batch_input_shape".into(), json!(shape));
    }
    if takes_steps(layer.class_name) {
        layer.ignore("input_length", "the shape of the input says it too");
    }
    Ok(())
}

/// Of the layers of a Sequential only the first says what the input is; tf.keras repeats it on
/// the layer behind an InputLayer, and Keras 1 tells each Dense the length of its input.
pub(super) fn only_first(config: &mut Value, path: &str, log: &mut Log) {
    let Some(Value::Array(entries)) = config.get_mut("layers") else { return };
    if let Some(first) = entries.first_mut() {
        of_embedding(first, &join(path, "layers[0]"), log);
    }
    for (i, entry) in entries.iter_mut().enumerate().skip(1) {
        let class_name = entry.get("class_name").and_then(Value::as_str).unwrap_or_default();
        let takes_dim = card(class_name).takes_input_dim;
        let first = class_name == "InputLayer";
        let Some(Value::Object(config)) = entry.get_mut("config") else { continue };
        for key in SHAPES {
            let taken = !first && (key != "input_dim" || takes_dim);
            if taken && config.remove(key).is_some_and(|shape| !shape.is_null()) {
                let path = join(path, &format!("layers[{i}].config.{key}"));
                log.note(&path, Change::Ignored, "the layers above say what its input is");
            }
        }
    }
}

/// An Embedding that comes first takes as many ids as its `input_length` says, or any number, where that
/// is known at all: before Keras 3.
fn of_embedding(entry: &mut Value, path: &str, log: &mut Log) {
    let is_embedding = entry["class_name"] == "Embedding";
    let Some(Value::Object(config)) = entry.get_mut("config").filter(|_| is_embedding) else {
        return;
    };
    let said = config.get("batch_input_shape").or_else(|| config.get("input_shape"));
    let (Some(length), None) = (config.get("input_length"), said.filter(|shape| !shape.is_null()))
    else {
        return;
    };
    let lengths = match length {
        Value::Array(lengths) => lengths.clone(),
        length => vec![length.clone()],
    };
    let shape: Vec<Value> = [Value::Null].into_iter().chain(lengths).collect();
    config.remove("input_length");
    config.insert("batch_input_shape".into(), json!(shape));
    log.note(&join(path, "config.input_length"), Change::Renamed, "`batch_input_shape`");
}

/// Whether the input is a sequence, with a length that Keras 1 and 2 tell apart.
fn takes_steps(class_name: &str) -> bool {
    let card = card(class_name);
    card.takes_input_dim && (card.functions_within.is_some() || class_name == "Conv1D")
}
