//! How a model was compiled, in the words of one Keras: the text of `training_config`.

use serde_json::{Map, Value};

use super::write::bare;

/// Arguments of optimizers that only Keras 1 and 2 know, or only Keras 3.
const OF_KERAS_2: [&str; 4] = ["decay", "is_legacy_optimizer", "jit_compile", "schedule_decay"];
const OF_KERAS_3: [&str; 2] = ["gradient_accumulation_steps", "loss_scale_factor"];

/// The text of `training_config`, put in words that Keras 2 or 3 accepts, whoever wrote `config`.
pub(super) fn training_config(config: &Value, is_keras2: bool) -> Option<String> {
    let Value::Object(config) = config else { return None };
    let mut config: Map<String, Value> = config.clone();
    // What came from a `.keras` file has it under another key.
    let optimizer = config.shift_remove("optimizer");
    if let Some(entry) = config.shift_remove("optimizer_config").or(optimizer) {
        config.insert("optimizer_config".into(), optimizer_config(entry, is_keras2));
    }
    if let (false, Some(loss)) = (is_keras2, config.get_mut("loss")) {
        keras3_loss(loss);
    }
    Some(Value::Object(config).to_string())
}

fn optimizer_config(entry: Value, is_keras2: bool) -> Value {
    // It may be no more than a name.
    if !entry.is_object() {
        return entry;
    }
    let mut entry = bare(entry);
    // Keras 2.11 and later write their optimizers as if they were registered.
    if let Some(name) = entry["class_name"].as_str().and_then(|name| name.strip_prefix("Custom>")) {
        entry["class_name"] = name.into();
    }
    if let Some(Value::Object(config)) = entry.get_mut("config") {
        if let Some(rate) = config.shift_remove("lr") {
            config.entry("learning_rate").or_insert(rate);
        }
        let foreign = if is_keras2 { &OF_KERAS_3[..] } else { &OF_KERAS_2[..] };
        config.retain(|key, _| !foreign.contains(&key.as_str()));
    }
    entry
}

/// Losses of Keras 2 name their function, and have a reduction that Keras 3 does not know: `auto`,
/// which means the mean over the batch.
fn keras3_loss(loss: &mut Value) {
    match loss {
        Value::Object(object) => {
            if object.contains_key("reduction") {
                object.shift_remove("fn");
                if object["reduction"] == "auto" {
                    object["reduction"] = "sum_over_batch_size".into();
                }
            }
            object.values_mut().for_each(keras3_loss);
        }
        Value::Array(items) => items.iter_mut().for_each(keras3_loss),
        _ => {}
    }
}
