//! Values in the wrappings that Python and JavaScript put around them.

use serde_json::Value;

/// Takes the wrappings off, at any depth: an array of no axes stands for a number, a tuple or a
/// TensorShape for a list, 2.0 for 2.
pub(super) fn unwrap(value: &mut Value) {
    if let Some(inner) = wrapped(value).and_then(|path| value.pointer_mut(path)) {
        *value = inner.take();
    }
    match value {
        Value::Number(number) => {
            if let Some(whole) = number.as_f64().and_then(whole).filter(|_| number.is_f64()) {
                *value = whole.into();
            }
        }
        Value::Object(object) => object.values_mut().for_each(unwrap),
        Value::Array(items) => items.iter_mut().for_each(unwrap),
        _ => {}
    }
}

/// The integer that a number with a point is, as Python and JavaScript take 2.0 for 2.
fn whole(number: f64) -> Option<i64> {
    // From here on not every integer is an f64.
    const LAST: f64 = 9_007_199_254_740_992.0;
    let is_whole = number.fract() == 0.0 && number.abs() < LAST;
    // There is no -0 among the integers.
    let is_whole = is_whole && !(number == 0.0 && number.is_sign_negative());
    is_whole.then_some(number as i64)
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
