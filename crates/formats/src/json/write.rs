//! From a model to the JSON of Keras 3.

use ceratops_core::{Error, Result};
use ceratops_layers::{Node, Sequential};
use serde_json::{Map, Value, json};

/// The document that Keras 3's `model.to_json()` would write, but for keys at their defaults.
pub(super) fn model(model: &Sequential) -> Result<Value> {
    let mut entry = keras3(model.to_entry()?);
    if let Value::Object(entry) = &mut entry {
        if let Some(shape) = model.input_shape() {
            entry.insert("build_config".into(), json!({ "input_shape": shape }));
        }
        entry.insert("compile_config".into(), json!({}));
    }
    Ok(entry)
}

/// The JSON entry of one layer, as Keras 3 writes it.
///
/// ```
/// use ceratops_formats::layer_to_json;
/// use ceratops_layers::{ELU, IntoNode};
///
/// let json = layer_to_json(&ELU::new(0.5).named("e"))?;
/// assert_eq!(
///     json,
///     r#"{"module":"keras.layers","class_name":"ELU","config":{"name":"e","trainable":true,"#
///         .to_owned()
///         + r#""dtype":{"module":"keras","class_name":"DTypePolicy","config":{"name":"float32"},"#
///         + r#""registered_name":null},"alpha":0.5},"registered_name":null}"#
/// );
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn layer_to_json(layer: &Node) -> Result<String> {
    let mut entry = keras3(layer.to_entry()?);
    if let Some(Value::Object(config)) = entry.get_mut("config") {
        // A layer outside a model has no name yet; who reads it will give it one.
        if layer.name().is_empty() {
            config.shift_remove("name");
        }
        // A whole policy, where a model has the plain "float32", since it is all that tells a
        // layer of Keras 3 from one of Keras 2.
        let policy = json!({
            "module": "keras", "class_name": "DTypePolicy",
            "config": { "name": "float32" }, "registered_name": null,
        });
        config.entry("dtype").and_modify(|dtype| *dtype = policy);
    }
    serde_json::to_string(&entry).map_err(|e| Error::Model(format!("the layer has no JSON: {e}")))
}

/// The same entry in words that Keras 3 knows, at any depth.
fn keras3(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let object = object.into_iter().map(|(key, value)| (key, keras3(value))).collect();
            Value::Object(thresholded_relu(object))
        }
        Value::Array(items) => items.into_iter().map(keras3).collect(),
        other => other,
    }
}

/// Keras 3 has no ThresholdedReLU; `ReLU(threshold=theta)` is the same function.
fn thresholded_relu(mut entry: Map<String, Value>) -> Map<String, Value> {
    let is_it = entry.get("class_name").is_some_and(|name| name == "ThresholdedReLU");
    if let (true, Some(Value::Object(config))) = (is_it, entry.get_mut("config")) {
        let theta = config.shift_remove("theta").unwrap_or_default();
        config.insert("max_value".into(), Value::Null);
        config.insert("negative_slope".into(), json!(0.0));
        config.insert("threshold".into(), theta);
        entry.insert("class_name".into(), "ReLU".into());
    }
    entry
}
