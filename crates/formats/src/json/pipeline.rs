//! Keras 3's Pipeline, layers one after the other that are no model: in a model a Sequential is the same, but that
//! masks end at a Pipeline.

use serde_json::{Map, Value};

use super::{
    Change,
    log::{Log, join},
};

/// Makes each Pipeline in the value at `path`, at any depth, a Sequential.
pub(super) fn settle(value: &mut Value, path: &str, log: &mut Log) {
    match value {
        Value::Object(object) => {
            if object.get("class_name").is_some_and(|class| class == "Pipeline") {
                to_sequential(object);
                log.note(&join(path, "class_name"), Change::Reinterpreted, "a `Sequential`");
            }
            object.iter_mut().for_each(|(key, value)| settle(value, &join(path, key), log));
        }
        Value::Array(items) => {
            let items = items.iter_mut().enumerate();
            items.for_each(|(i, item)| settle(item, &format!("{path}[{i}]"), log));
        }
        _ => {}
    }
}

fn to_sequential(object: &mut Map<String, Value>) {
    object.insert("class_name".into(), "Sequential".into());
    object.insert("module".into(), "keras".into());
    object.insert("masks".into(), "end".into());
    // Keras says of each call that it trains, which `fit` and `predict` overrule.
    let calls = object.get_mut("inbound_nodes").and_then(Value::as_array_mut);
    for call in calls.into_iter().flatten() {
        if let Some(Value::Object(kwargs)) = call.get_mut("kwargs")
            && kwargs.get("training") == Some(&Value::Bool(true))
        {
            kwargs.remove("training");
        }
    }
}
