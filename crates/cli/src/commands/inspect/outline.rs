//! What a file says of a model that cannot be run here.

use std::path::Path;

use ceratops::{
    Error,
    formats::{
        Format,
        json::{Outline, Outlined},
    },
};
use serde_json::{Value, json};

use super::{Weight, loose_json, text};
use crate::{input, json};

/// For people.
pub(super) fn text(
    path: &Path,
    format: Format,
    model: &Outline,
    weights: &[Weight],
    error: &Error,
) -> String {
    let mut lines = vec![
        format!("file      {}", input::name(path)),
        format!("format    {format}"),
        format!("written   by {}", model.report.to_string().lines().next().unwrap_or_default()),
        format!(
            "model     \"{}\" ({}), {} layers",
            model.name,
            model.class_name,
            model.layers.len()
        ),
        format!("run       not here: {}", text::why(path, error)),
        String::new(),
    ];
    let head = ["layer", "from", "input shape", "config"].map(String::from);
    let rows = model.layers.iter().map(cells);
    lines.extend(text::table(&[vec![head], rows.collect()].concat()));
    lines.push(String::new());
    if weights.is_empty() {
        lines.push("weights   none: this is an architecture".into());
    } else {
        lines.extend(text::loose(weights));
    }
    lines.join("\n")
}

/// For programs.
pub(super) fn json(format: Format, model: &Outline, weights: &[Weight], error: &Error) -> String {
    let layer = |layer: &Outlined| {
        json::of(json!({
            "place": layer.place,
            "name": layer.name,
            "class_name": layer.class_name,
            "from": layer.from,
            "input_shape": layer.input_shape,
            "config": layer.config,
        }))
    };
    json::object([
        ("error", json::of(error.to_string())),
        ("format", json::of(format.name())),
        ("dialect", json::of(model.report.dialect.to_string())),
        ("version", json::of(model.report.version.clone())),
        ("name", json::of(model.name.as_str())),
        ("class_name", json::of(model.class_name.as_str())),
        ("layers", json::list(model.layers.iter().map(layer))),
        ("weights", loose_json(weights)),
    ])
}

fn cells(layer: &Outlined) -> [String; 4] {
    let title = format!("{} {} ({})", layer.place, layer.name, layer.class_name);
    let shape = layer.input_shape.as_ref().map(shape).unwrap_or_default();
    [title, layer.from.join(", "), shape, settings(&layer.config)]
}

/// A shape as elsewhere, `(None, 4)`; several of them in a row.
fn shape(shape: &Value) -> String {
    let axis = |axis: &Value| match axis {
        Value::Null => "None".to_owned(),
        axis => axis.to_string(),
    };
    match shape {
        Value::Array(shapes) if shapes.iter().any(Value::is_array) => {
            shapes.iter().map(self::shape).collect::<Vec<_>>().join(", ")
        }
        Value::Array(axes) => match axes.as_slice() {
            [one] => format!("({},)", axis(one)),
            axes => format!("({})", axes.iter().map(axis).collect::<Vec<_>>().join(", ")),
        },
        other => other.to_string(),
    }
}

/// What tells one layer from another of its class: neither its name nor how its weights begin, nor
/// what is not set.
fn settings(config: &Value) -> String {
    let told = |key: &str| {
        let elsewhere = ["name", "dtype", "batch_shape", "batch_input_shape"].contains(&key);
        let of_graph = ["input_layers", "output_layers", "build_input_shape"].contains(&key);
        let of_weights = ["_initializer", "_regularizer", "_constraint"];
        !elsewhere && !of_graph && !of_weights.iter().any(|end| key.ends_with(end))
    };
    let setting = |(key, value): (&String, &Value)| {
        let usual = value.is_null() || key == "trainable" && *value == json!(true);
        (told(key) && !usual).then(|| format!("{key}={}", value_text(value)))
    };
    let settings = config.as_object().into_iter().flatten().filter_map(setting);
    settings.collect::<Vec<_>>().join(" ")
}

fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(object) => match object.get("class_name").and_then(Value::as_str) {
            Some(class_name) => class_name.to_owned(),
            None => value.to_string(),
        },
        other => other.to_string(),
    }
}
