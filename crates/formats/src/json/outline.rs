//! What a document says of its layers, whatever their classes: for who only looks at it.

use ceratops_core::{Error, Result};
use serde_json::{Map, Value};

use super::{Report, envelope};

/// A model as its document describes it. No layer is made, so that a model with layers that are not
/// here can be looked at, too.
#[derive(Debug, Clone)]
pub struct Outline {
    /// The class of the model: `Sequential`, `Functional`, or one of someone's own.
    pub class_name: String,
    /// Its name, or nothing.
    pub name: String,
    /// Its layers, each before those that it holds.
    pub layers: Vec<Outlined>,
    /// Whose words the document uses.
    pub report: Report,
}

/// A layer as its document describes it.
#[derive(Debug, Clone)]
pub struct Outlined {
    /// Its place: `3`, or `3.0` for the first layer in the layer or model at 3.
    pub place: String,
    /// Its name, or nothing.
    pub name: String,
    /// Its class.
    pub class_name: String,
    /// The names of the layers whose outputs it takes, in a functional model.
    pub from: Vec<String>,
    /// The shapes of its inputs, as far as the document tells them: one, or several.
    pub input_shape: Option<Value>,
    /// Its config, without the layers that it holds.
    pub config: Value,
}

/// Where layers and models keep those that they hold.
const HELD: [&str; 5] = ["layers", "layer", "backward_layer", "cells", "cell"];

/// Describes the model in `document`, whose `keras_version` may be known from elsewhere.
///
/// # Errors
/// Documents that hold no model.
pub fn outline(document: Value, keras_version: Option<&str>) -> Result<Outline> {
    let mut opened = envelope::open(document, keras_version)?;
    let report = opened.log().into_report();
    let Value::Object(mut entry) = opened.entry else {
        return Err(Error::Data("expected a model, an object with `class_name`".into()));
    };
    let class_name = text(&entry, "class_name");
    if class_name.is_empty() {
        return Err(Error::Data("expected a model, an object with `class_name`".into()));
    }
    let mut layers = Vec::new();
    let config = hold(&mut entry, "", &mut layers);
    Ok(Outline { class_name, name: text_of(&config, "name"), layers, report })
}

/// Takes the config out of `entry`, and the layers out of the config into `found`.
fn hold(entry: &mut Map<String, Value>, place: &str, found: &mut Vec<Outlined>) -> Value {
    let mut config = entry.remove("config").unwrap_or_default();
    let held: Vec<Value> = match &mut config {
        // Until Keras 2.2.2 the config of a Sequential was the list of its layers.
        Value::Array(layers) => std::mem::take(layers),
        Value::Object(config) => HELD.iter().filter_map(|key| config.remove(*key)).collect(),
        _ => Vec::new(),
    };
    let each = held.into_iter().flat_map(|held| match held {
        Value::Array(layers) => layers,
        layer => vec![layer],
    });
    for (index, layer) in each.enumerate() {
        let Value::Object(layer) = layer else { continue };
        let dot = if place.is_empty() { "" } else { "." };
        describe(layer, format!("{place}{dot}{index}"), found);
    }
    config
}

fn describe(mut entry: Map<String, Value>, place: String, found: &mut Vec<Outlined>) {
    let nodes = entry.remove("inbound_nodes").unwrap_or_default();
    let mut inputs = Inputs::default();
    inputs.gather(&nodes);
    let at = found.len();
    found.push(Outlined {
        name: text(&entry, "name"),
        class_name: text(&entry, "class_name"),
        from: inputs.from,
        input_shape: None,
        config: Value::Null,
        place: place.clone(),
    });
    let build = entry.get_mut("build_config").map(Value::take).unwrap_or_default();
    let config = hold(&mut entry, &place, found);
    let layer = &mut found[at];
    if layer.name.is_empty() {
        layer.name = text_of(&config, "name");
    }
    let of_tensors = match inputs.shapes.len() {
        0 | 1 => inputs.shapes.pop(),
        _ => Some(inputs.shapes.into()),
    };
    let told = [build.get("input_shape"), of_tensors.as_ref()];
    let given = ["batch_shape", "batch_input_shape"].map(|key| config.get(key));
    let told = told.into_iter().chain(given).flatten().find(|shape| !shape.is_null());
    layer.input_shape = told.cloned();
    layer.config = config;
}

/// What the calls of a layer take.
#[derive(Default)]
struct Inputs {
    from: Vec<String>,
    shapes: Vec<Value>,
}

impl Inputs {
    /// Gathers the links in a nest of any generation: `["dense", 0, 0]` in Keras 1 and 2, in Keras 3
    /// tensors with a `keras_history`.
    fn gather(&mut self, value: &Value) {
        match value {
            Value::Array(items) => match items.as_slice() {
                [Value::String(name), Value::Number(_), Value::Number(_), more @ ..] => {
                    self.from.push(name.clone());
                    more.iter().for_each(|item| self.gather(item));
                }
                items => items.iter().for_each(|item| self.gather(item)),
            },
            Value::Object(items) => match items.get("keras_history") {
                Some(history) => {
                    self.gather(history);
                    self.shapes.extend(items.get("shape").cloned());
                }
                None => items.values().for_each(|item| self.gather(item)),
            },
            _ => {}
        }
    }
}

fn text(object: &Map<String, Value>, key: &str) -> String {
    object.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn text_of(config: &Value, key: &str) -> String {
    config.as_object().map(|config| text(config, key)).unwrap_or_default()
}
