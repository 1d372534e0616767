//! What Keras 3 makes of an `.h5`: it reads the words of Keras 2, but not all as they were meant.

use ceratops_core::{Error, Result};
use serde_json::Value;

use crate::{Change, Format, Note};

/// Says what Keras 3 takes for something else in a file of that kind, or refuses to open. What its
/// own words would make it compute wrongly is refused.
pub(crate) fn check(document: &Value, format: Format) -> Result<Vec<Note>> {
    let mut notes = Vec::new();
    check_layers(document, "", format, &mut notes)?;
    Ok(notes)
}

fn check_layers(model: &Value, path: &str, format: Format, notes: &mut Vec<Note>) -> Result<()> {
    let layers = model["config"]["layers"].as_array().map_or(&[][..], Vec::as_slice);
    for (i, layer) in layers.iter().enumerate() {
        let dot = if path.is_empty() { "" } else { "." };
        let path = format!("{path}{dot}config.layers[{i}]");
        check_layers(layer, &path, format, notes)?;
        let config = &layer["config"];
        let name = config["name"].as_str().unwrap_or_default();
        let keep = |notes: &mut Vec<Note>, key: &str, text: &str| {
            let path = format!("{path}.config.{key}");
            let text = format!("{text} (layer \"{name}\")");
            notes.push(Note { path, change: Change::Kept, text });
        };
        let class_name = layer["class_name"].as_str().unwrap_or_default();
        if loses_axes(class_name, &config["axis"]) {
            if format == Format::Keras3H5 {
                let message = format!(
                    "{class_name} \"{name}\": from an .h5, Keras 3 reads a list of axes as -1 and \
                     computes something else; write a .keras file"
                );
                return Err(Error::config(format!("{path}.config.axis"), message));
            }
            keep(notes, "axis", "Keras 3 reads a list of axes as -1 here, Keras 2 as it is");
        }
        if format == Format::Keras3H5 {
            continue;
        }
        if let Some(Value::Bool(training)) = layer.pointer("/inbound_nodes/0/0/3/training") {
            let text =
                format!("Keras 2 takes `training` = {training} as here, Keras 3 passes it over");
            let text = format!("{text} (layer \"{name}\")");
            let path = format!("{path}.inbound_nodes");
            notes.push(Note { path, change: Change::Kept, text });
        }
        for key in ["activation", "recurrent_activation"] {
            if config[key] == "hard_sigmoid" {
                keep(notes, key, "Keras 2 computes 0.2 x + 0.5 as here, Keras 3 x / 6 + 0.5");
            }
        }
        if class_name == "ThresholdedReLU" {
            keep(notes, "theta", "Keras 2 opens it, Keras 3 has no such layer");
        }
    }
    Ok(())
}

/// Whether Keras 3 takes these axes for the last one: it keeps a list of one only. It writes such a
/// list for a Normalization, and a Softmax has a number then.
fn loses_axes(class_name: &str, axis: &Value) -> bool {
    match (class_name, axis) {
        ("Softmax", Value::Array(_)) => true,
        ("Normalization" | "BatchNormalization", Value::Array(axes)) => axes.len() != 1,
        _ => false,
    }
}
