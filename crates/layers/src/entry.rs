//! The JSON entry of one layer, as Keras 3 writes it: module, class name, config.

use ceratops_core::{AnyLayer, Result};
use serde_json::{Map, Value, json};

use crate::{Input, Operation, Registry, Sequential};

/// The class name that an entry gives.
pub(crate) fn class_name(entry: &Value) -> Option<&str> {
    entry.get("class_name").and_then(Value::as_str)
}

/// The entry of `layer`, whose name and flag its container knows.
pub(crate) fn write(layer: &dyn AnyLayer, name: &str, trainable: bool) -> Result<Value> {
    let chain = layer.as_any().downcast_ref::<Sequential>();
    if let Some(functional) = chain.and_then(|chain| chain.as_functional()) {
        return write(&functional, name, trainable);
    }
    let class_name = layer.class_name();
    if let Some(operation) = layer.as_any().downcast_ref::<Operation>() {
        return operation_entry(operation, name);
    }
    let mut config = Map::new();
    config.insert("name".into(), name.into());
    // An input has nothing that could be trained, and Keras 3 does not say so either.
    if class_name != "InputLayer" {
        config.insert("trainable".into(), trainable.into());
    }
    let input = layer.as_any().downcast_ref::<Input>();
    let text = input.is_some_and(|input| input.batch_shape.is_text());
    config.insert("dtype".into(), if text { "string" } else { "float32" }.into());
    if let Value::Object(own) = layer.config()? {
        config.extend(own);
    }
    let (module, registered_name) = match class_name {
        "Sequential" => (json!("keras"), Value::Null),
        "Functional" => (json!("keras.src.models.functional"), json!("Functional")),
        _ if Registry::is_builtin(class_name) => (json!("keras.layers"), Value::Null),
        _ => (Value::Null, json!(format!("Custom>{class_name}"))),
    };
    Ok(json!({
        "module": module,
        "class_name": class_name,
        "config": config,
        "registered_name": registered_name,
    }))
}

/// The entry of an operation, which has no flags, and no dtype but as a setting.
fn operation_entry(operation: &Operation, name: &str) -> Result<Value> {
    let mut config = Map::from_iter([("name".to_owned(), name.into())]);
    if let Value::Object(own) = AnyLayer::config(operation)? {
        config.extend(own);
    }
    let class_name = AnyLayer::class_name(operation);
    Ok(json!({
        "module": operation.module(),
        "class_name": class_name,
        "config": config,
        "registered_name": class_name,
    }))
}

/// Whether the entry is that of an operation, which Keras has in another module than layers.
pub(crate) fn is_operation(entry: &Value) -> bool {
    let module = entry.get("module").and_then(Value::as_str).unwrap_or_default();
    module.starts_with("keras.src.ops") || module.starts_with("keras.ops")
}

/// The name that a class has within Keras, where its users know it under another: `GroupedQueryAttention`
/// for `GroupQueryAttention`. Summaries, names of layers and `.h5` files have that one.
pub fn inner_name(class_name: &str) -> &str {
    match class_name {
        "GroupQueryAttention" => "GroupedQueryAttention",
        other => other,
    }
}

/// A class name as Keras turns it into a layer's name: `PReLU` becomes `p_re_lu`, `Conv2D`
/// `conv2d`, `MaxPooling2D` `max_pooling2d`.
pub fn snake_case(class_name: &str) -> String {
    let chars: Vec<char> =
        inner_name(class_name).chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    let mut name = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let (before, after) = (i.checked_sub(1).map(|b| chars[b]), chars.get(i + 1));
        let starts_word = c.is_uppercase() && after.is_some_and(|a| a.is_lowercase());
        let after_lower = c.is_uppercase() && before.is_some_and(|b| b.is_lowercase());
        if before.is_some_and(|b| b != '_') && (starts_word || after_lower) {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_spelled_as_keras_spells_them() {
        for (class_name, name) in [
            ("Conv2D", "conv2d"),
            ("MaxPooling2D", "max_pooling2d"),
            ("PReLU", "p_re_lu"),
            ("ReLU", "re_lu"),
            ("LeakyReLU", "leaky_re_lu"),
            ("ELU", "elu"),
            ("ThresholdedReLU", "thresholded_re_lu"),
            ("BatchNormalization", "batch_normalization"),
            ("Dense", "dense"),
            ("InputLayer", "input_layer"),
            ("RMSNormalization", "rms_normalization"),
            ("GroupQueryAttention", "grouped_query_attention"),
        ] {
            assert_eq!(super::snake_case(class_name), name);
        }
    }
}
