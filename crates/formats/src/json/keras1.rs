//! The words of Keras 1.

use ceratops_core::Result;
use serde_json::{Map, Value, json};

use super::{Change, Dialect, classes::card, log::join, shown, subject::Subject};

/// The old keys of all classes and the new.
const KEYS: &[(&str, &str)] = &[
    ("border_mode", "padding"),
    ("init", "kernel_initializer"),
    ("bias", "use_bias"),
    ("W_regularizer", "kernel_regularizer"),
    ("b_regularizer", "bias_regularizer"),
    ("W_constraint", "kernel_constraint"),
    ("b_constraint", "bias_constraint"),
    ("input_dtype", "dtype"),
];

fn speaks(layer: &Subject<'_>) -> bool {
    layer.log.detected.dialect == Dialect::Keras1
}

pub(super) fn rename_keys(layer: &mut Subject<'_>) -> Result<()> {
    if speaks(layer) {
        for (old, new) in card(layer.class_name).keras1.iter().chain(KEYS) {
            layer.rename(old, new);
        }
    }
    Ok(())
}

/// `dim_ordering` is `data_format`.
pub(super) fn data_format(layer: &mut Subject<'_>) -> Result<()> {
    if !speaks(layer) {
        return Ok(());
    }
    let data_format = match layer.config.get("dim_ordering") {
        None => return Ok(()),
        Some(Value::String(order)) if order == "tf" => "channels_last",
        Some(Value::String(order)) if order == "th" => "channels_first",
        Some(other) => {
            let message = format!("expected \"tf\" or \"th\", got {}", shown(other));
            return Err(layer.error("dim_ordering", message));
        }
    };
    layer.rename("dim_ordering", "data_format");
    layer.config.insert("data_format".into(), data_format.into());
    Ok(())
}

/// Regularizers and constraints stood as `{"name": class, ...arguments}`.
pub(super) fn governing_objects(layer: &mut Subject<'_>) -> Result<()> {
    if !speaks(layer) {
        return Ok(());
    }
    for (key, value) in layer.config.iter_mut() {
        let Value::Object(object) = value else { continue };
        if !(key.ends_with("_regularizer") || key.ends_with("_constraint")) {
            continue;
        }
        let Some(Value::String(name)) = object.remove("name") else { continue };
        let class_name = match name.as_str() {
            "WeightRegularizer" | "ActivityRegularizer" | "L1L2Regularizer" => "L1L2",
            other => other,
        };
        let config: Map<String, Value> = std::mem::take(object)
            .into_iter()
            .map(|(key, value)| (renamed_limit(key), value))
            .collect();
        *value = json!({ "class_name": class_name, "config": config });
        let path = join(layer.path, key);
        layer.log.note(&path, Change::Reinterpreted, format!("`{class_name}`"));
    }
    Ok(())
}

/// The limits of constraints had other names.
fn renamed_limit(key: String) -> String {
    match key.as_str() {
        "m" | "high" => "max_value".into(),
        "low" => "min_value".into(),
        _ => key,
    }
}
