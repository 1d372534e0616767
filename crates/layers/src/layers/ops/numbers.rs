//! Constants and settings, as Keras writes them.

use ceratops_core::{Error, Result, Tensor};
use serde_json::Value;

use crate::Numbers;

/// A number, a truth or an array as a tensor.
pub(super) fn constant(value: &Value) -> Result<Tensor> {
    let numbers = match value {
        Value::Bool(truth) => Numbers::from(f64::from(u8::from(*truth))),
        _ => {
            let value = truths_as_numbers(value);
            let read = serde_json::from_value::<Numbers>(value);
            read.map_err(|e| Error::config("", format!("cannot compute with this: {e}")))?
        }
    };
    Tensor::new(numbers.shape(), numbers.to_f32())
}

fn truths_as_numbers(value: &Value) -> Value {
    match value {
        Value::Bool(truth) => f64::from(u8::from(*truth)).into(),
        Value::Array(items) => items.iter().map(truths_as_numbers).collect(),
        Value::Object(object) => Value::Object(
            object.iter().map(|(key, value)| (key.clone(), truths_as_numbers(value))).collect(),
        ),
        other => other.clone(),
    }
}
