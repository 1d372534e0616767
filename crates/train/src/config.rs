//! Reading what Keras writes for an optimizer, a loss or a metric: a name, or a class with its
//! config.

use ceratops_core::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

/// The class name and the config of `entry`: `"adam"`, or `{"class_name": ..., "config": ...}`. A
/// function, `{"class_name": "function", "config": "mean_squared_error"}`, is its name.
pub(crate) fn class_of(kind: &str, entry: &Value) -> Result<(String, Map<String, Value>)> {
    if let Value::String(name) = entry {
        return Ok((name.clone(), Map::new()));
    }
    let Some(name) = entry.get("class_name").and_then(Value::as_str) else {
        let message = format!("expected the {kind}'s name, or its class and config; got {entry}");
        return Err(Error::config("class_name", message));
    };
    let config = match entry.get("config") {
        Some(Value::Object(config)) => config.clone(),
        Some(Value::String(function)) if name == "function" => {
            return Ok((function.clone(), Map::new()));
        }
        None | Some(Value::Null) => Map::new(),
        Some(other) => {
            return Err(Error::config("config", format!("expected an object, got {other}")));
        }
    };
    // Keras 2 writes `Custom>Adam` in legacy files.
    let name = name.rsplit('>').next().unwrap_or(name);
    Ok((name.to_owned(), config))
}

/// A `T` as `config` describes it. Keys that are missing keep their defaults; keys unknown to `T`
/// are errors, unless they say nothing (null, false, zero) or are `harmless`.
pub(crate) fn read<T: Serialize + DeserializeOwned + Default>(
    config: &Map<String, Value>,
    harmless: impl Fn(&str, &Value) -> bool,
) -> Result<T> {
    let at = |key: &str, message: String| Error::config(format!("config.{key}"), message);
    let json = |e: serde_json::Error| Error::config("config", e);
    let defaults = serde_json::to_value(T::default()).map_err(json)?;
    let mut merged = defaults.clone();
    for (key, value) in config {
        if defaults.get(key).is_some() {
            // Alone first, so that the error names the key.
            let mut one = defaults.clone();
            one[key] = value.clone();
            serde_json::from_value::<T>(one).map_err(|e| at(key, e.to_string()))?;
            merged[key] = value.clone();
        } else if !says_nothing(value) && !harmless(key, value) {
            return Err(at(key, format!("{value} is not supported here; remove the key")));
        }
    }
    serde_json::from_value(merged).map_err(json)
}

fn says_nothing(value: &Value) -> bool {
    value.is_null() || *value == false || value.as_f64() == Some(0.0)
}

/// Keras 3's entry for a function.
pub(crate) fn function(name: &str) -> Value {
    let kind = "function";
    json!({"module": "builtins", "class_name": kind, "config": name, "registered_name": kind})
}

/// Keras 3's entry for an object: where its class is, the class, the config.
pub(crate) fn entry(module: &str, class_name: &str, config: &impl Serialize) -> Result<Value> {
    let config = serde_json::to_value(config).map_err(|e| Error::config(class_name, e))?;
    Ok(json!({
        "module": module, "class_name": class_name, "config": config, "registered_name": null,
    }))
}
