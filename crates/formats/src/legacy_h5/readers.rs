//! What Keras 3 makes of an `.h5`: it reads the words of Keras 2, but not all as they were meant.

use ceratops_core::{Error, Result};
use serde_json::Value;

use crate::{Change, Format, Note};

/// Refuses what Keras 3 would compute wrongly from a file of that kind, and says what it would
/// refuse to open.
pub(crate) fn check(document: &Value, format: Format) -> Result<Vec<Note>> {
    let mut notes = Vec::new();
    check_layers(document, "", format, &mut notes)?;
    Ok(notes)
}

fn check_layers(model: &Value, path: &str, format: Format, notes: &mut Vec<Note>) -> Result<()> {
    let layers = model["config"]["layers"].as_array().map_or(&[][..], Vec::as_slice);
    let is_functional = |model: &Value| model["config"]["input_layers"].is_array();
    for (i, layer) in layers.iter().enumerate() {
        let dot = if path.is_empty() { "" } else { "." };
        let path = format!("{path}{dot}config.layers[{i}]");
        check_layers(layer, &path, format, notes)?;
        let config = &layer["config"];
        let class_name = layer["class_name"].as_str().unwrap_or_default();
        let name = config["name"].as_str().unwrap_or_default();
        let is_nested = config["layers"].is_array();
        if format == Format::H5 && is_nested && (is_functional(model) || is_functional(layer)) {
            let text = format!(
                "Keras 2 opens it; Keras 3, which calls such models within models otherwise, refuses \
                 it: write keras3-h5 or a .keras file for it (\"{name}\")"
            );
            notes.push(Note { path: path.clone(), change: Change::Kept, text });
        }
        if is_operation(layer) {
            let text = format!(
                "Keras 3 refuses operations in such a file; a .keras file keeps them (\"{name}\")"
            );
            notes.push(Note { path, change: Change::Kept, text });
            continue;
        }
        let training = layer.pointer("/inbound_nodes/0/0/3/training");
        if let (Format::H5, Some(Value::Bool(training))) = (format, training) {
            let text = format!(
                "Keras 2 takes `training` = {training} as here, Keras 3 passes it over (layer \
                 \"{name}\")"
            );
            let path = format!("{path}.inbound_nodes");
            notes.push(Note { path, change: Change::Kept, text });
        }
        if let Some(text) = refused(class_name, name, format) {
            notes.push(Note { path: path.clone(), change: Change::Kept, text });
        }
        if !loses_axes(class_name, &config["axis"]) {
            continue;
        }
        let path = format!("{path}.config.axis");
        let layer = format!("{class_name} \"{name}\"");
        // The weights of these have a shape that Keras 3 refuses then.
        let refused = match class_name {
            "BatchNormalization" => true,
            "Normalization" => !config["mean"].is_array(),
            "LayerNormalization" => config["scale"] == true || config["center"] == true,
            _ => false,
        };
        if format == Format::H5 && refused {
            let text = format!("Keras 2 opens it, Keras 3 refuses a list of axes here ({layer})");
            notes.push(Note { path, change: Change::Kept, text });
            continue;
        }
        let message = format!(
            "{layer}: from an .h5, Keras 3 reads a list of axes as -1 and computes something else; \
             write a .keras file, or for Keras 2 the architecture (keras2-json) and the weights \
             (weights.h5)"
        );
        return Err(Error::config(path, message));
    }
    Ok(())
}

/// What to say of a layer that Keras 3 refuses from an `.h5`.
fn refused(class_name: &str, name: &str, format: Format) -> Option<String> {
    let layer = format!("{class_name} \"{name}\"");
    match (class_name, format) {
        ("Attention", _) => Some(format!(
            "Keras 3 takes `score_mode` for a function there, and refuses the file; a .keras file keeps \
             it ({layer})"
        )),
        ("MultiHeadAttention", Format::H5) => Some(format!(
            "Keras 2 opens it; Keras 3 refuses what Keras 2 says of its inputs: write keras3-h5 or a \
             .keras file for it ({layer})"
        )),
        _ => None,
    }
}

/// Whether Keras 3 takes these axes for the default: it keeps a list of one only. It writes such a
/// list for a Normalization, and a Softmax has a number then.
fn loses_axes(class_name: &str, axis: &Value) -> bool {
    match (class_name, axis) {
        ("Softmax", Value::Array(_)) => true,
        (_, Value::Array(axes)) => axes.len() != 1,
        _ => false,
    }
}

/// Whether the entry is that of an operation, in the words of Keras 2 or 3.
fn is_operation(layer: &Value) -> bool {
    let text = |key: &str| layer[key].as_str().unwrap_or_default();
    text("module").starts_with("keras.src.ops")
        || matches!(text("class_name"), "TFOpLambda" | "SlicingOpLambda")
}
