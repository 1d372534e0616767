//! The one activation whose name means two functions.

use ceratops_core::Result;
use serde_json::Value;

use super::{Dialect, subject::Subject};

/// The arguments of layers that name an activation.
pub(super) const KEYS: [&str; 3] = ["activation", "recurrent_activation", "inner_activation"];

/// The name of Keras 1's and 2's function here.
pub(super) const KERAS2: &str = "keras2>hard_sigmoid";

/// hard_sigmoid is min(max(0.2 x + 0.5, 0), 1) up to Keras 2 and in TensorFlow.js, but
/// min(max(x / 6 + 0.5, 0), 1) in Keras 3.
pub(super) fn hard_sigmoid(layer: &mut Subject<'_>) -> Result<()> {
    for key in KEYS {
        if layer.config.get(key).is_some_and(is_keras2_in_layers) {
            layer.replace(key, KERAS2);
        }
        if !layer.config.get(key).is_some_and(is_hard_sigmoid) {
            continue;
        }
        if layer.log.detected.ambiguous {
            return Err(layer.error(
                key,
                "hard_sigmoid is x / 6 + 0.5 in Keras 3 but 0.2 x + 0.5 before, and nothing tells \
                 which wrote this document; add its version to the whole, as \"keras_version\": \
                 \"2.15.0\"",
            ));
        }
        if layer.log.detected.dialect != Dialect::Keras3 {
            layer.replace(key, KERAS2);
        }
    }
    Ok(())
}

/// Whether this names the function, by its identifier or as Keras writes a function.
fn is_hard_sigmoid(activation: &Value) -> bool {
    let name = match activation {
        Value::Object(function) if function.get("class_name") == Some(&"function".into()) => {
            function.get("config")
        }
        name => Some(name),
    };
    matches!(name.and_then(Value::as_str), Some("hard_sigmoid"))
}

/// Whether this is a model of `Rescaling(0.2, 0.5)` and `ReLU(max_value=1)`, as which the function of
/// Keras 2 is written for Keras 3.
fn is_keras2_in_layers(activation: &Value) -> bool {
    let layers = activation.pointer("/config/layers").and_then(Value::as_array);
    let own = |layer: &&Value| layer["class_name"] != "InputLayer";
    let layers: Vec<&Value> = layers.into_iter().flatten().filter(own).collect();
    let [rescaling, re_lu] = layers.as_slice() else { return false };
    let holds = |layer: &Value, class_name: &str, numbers: &[(&str, f64)]| {
        let is = |(key, number): &(&str, f64)| layer["config"][*key].as_f64() == Some(*number);
        layer["class_name"] == class_name && numbers.iter().all(is)
    };
    activation["class_name"] == "Sequential"
        && holds(rescaling, "Rescaling", &[("scale", 0.2), ("offset", 0.5)])
        && holds(re_lu, "ReLU", &[("max_value", 1.0), ("negative_slope", 0.0), ("threshold", 0.0)])
}
