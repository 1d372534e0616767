//! Values in the wrappings that Python and JavaScript put around them.

use serde_json::Value;

/// Takes the wrappings off, at any depth: an array of no axes stands for a number, a tuple or a
/// TensorShape for a list.
pub(super) fn unwrap(value: &mut Value) {
    if let Some(inner) = wrapped(value).and_then(|path| value.pointer_mut(path)) {
        *value = inner.take();
    }
    match value {
        Value::Object(object) => object.values_mut().for_each(unwrap),
        Value::Array(items) => items.iter_mut().for_each(unwrap),
        _ => {}
    }
}

/// Where a wrapping holds its value.
fn wrapped(value: &Value) -> Option<&'static str> {
    let name = value.get("class_name").or_else(|| value.get("type"))?.as_str()?;
    match name {
        "ndarray" => Some("/value"),
        "__numpy__" | "__tensor__" => Some("/config/value"),
        "__tuple__" | "TensorShape" => Some("/items"),
        _ => None,
    }
}
