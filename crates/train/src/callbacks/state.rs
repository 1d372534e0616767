//! Numbers in the JSON that callbacks remember.

use ceratops_core::{Error, Result};
use serde_json::Value;

/// A number or none as JSON, which has no words of its own for NaN and the infinities.
pub(super) fn number(value: Option<f64>) -> Value {
    match value {
        Some(value) if value.is_finite() => value.into(),
        Some(value) => value.to_string().into(),
        None => Value::Null,
    }
}

/// What [`number`] wrote under `key`; none where there is nothing.
pub(super) fn read_number(state: &Value, key: &str) -> Result<Option<f64>> {
    let found = match &state[key] {
        Value::Null => return Ok(None),
        Value::String(word) => word.parse().ok(),
        other => other.as_f64(),
    };
    found.map(Some).ok_or_else(|| wrong(state, key, "a number"))
}

/// The count under `key`; 0 where there is nothing.
pub(super) fn read_count(state: &Value, key: &str) -> Result<usize> {
    Ok(read_place(state, key)?.unwrap_or(0))
}

/// The number of an epoch under `key`; none where there is nothing.
pub(super) fn read_place(state: &Value, key: &str) -> Result<Option<usize>> {
    match &state[key] {
        Value::Null => Ok(None),
        other => {
            let found = other.as_u64().and_then(|n| usize::try_from(n).ok());
            found.map(Some).ok_or_else(|| wrong(state, key, "a whole number"))
        }
    }
}

fn wrong(state: &Value, key: &str, expected: &str) -> Error {
    Error::config(key, format!("expected {expected}, got {}", state[key]))
}
