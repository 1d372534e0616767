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
