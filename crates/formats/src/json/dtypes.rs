//! In what numbers a layer computed, which here are always f32.

use ceratops_core::Result;
use serde_json::Value;

use super::{Change, log::join, subject::Subject};

/// Policies and types of floating-point numbers: what they compute, f32 computes as well or better.
const FLOATS: [&str; 9] = [
    "float32",
    "float64",
    "float16",
    "bfloat16",
    "mixed_float16",
    "mixed_bfloat16",
    "double",
    "half",
    "float",
];

/// What an input may hold beside them: f32 holds its numbers up to 16,777,216 as they are.
const WHOLE: [&str; 9] =
    ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"];

/// Every policy is read as float32, and the report says so once for each.
pub(super) fn policy(layer: &mut Subject<'_>) -> Result<()> {
    if let Some(mode) = layer.config.get("dtype").and_then(quantized) {
        let message = format!(
            "{} is quantized ({mode}), which cannot be read as yet; save the model in Keras before \
             `quantize`",
            layer.class_name
        );
        return Err(layer.error("dtype", message));
    }
    let Some(name) = layer.config.get("dtype").and_then(name).map(str::to_owned) else {
        return Ok(());
    };
    let is_input = layer.class_name == "InputLayer" || layer.config.contains_key("input_dtype");
    let first = layer.config.contains_key("batch_input_shape");
    if FLOATS.contains(&name.as_str()) {
        if name != "float32" {
            let text = format!("float32, in which `{name}` is computed here");
            layer.log.note_once(&join(layer.path, "dtype"), Change::Reinterpreted, text);
        }
    } else if WHOLE.contains(&name.as_str()) && (is_input || first) {
        let text = format!("float32, which holds the numbers of `{name}`: give it whole ones");
        layer.log.note_once(&join(layer.path, "dtype"), Change::Reinterpreted, text);
    } else {
        return Ok(());
    }
    layer.config.insert("dtype".into(), "float32".into());
    Ok(())
}

/// The mode of a policy whose weights are numbers of a few bits: `int8`, `int4/128`.
fn quantized(dtype: &Value) -> Option<&str> {
    match dtype {
        // Of a policy as a string: `int8_from_float32`.
        Value::String(name) => name.split_once("_from_").map(|(mode, _)| mode),
        dtype => dtype.pointer("/config/mode")?.as_str(),
    }
}

/// The name of a type or a policy, as a string or as any Keras' object.
fn name(dtype: &Value) -> Option<&str> {
    let name = match dtype {
        Value::String(name) => name,
        Value::Object(object) => {
            let known = ["DTypePolicy", "FloatDTypePolicy", "Policy", "PolicyV1"];
            let class_name = object.get("class_name")?.as_str()?;
            let config = object.get("config").filter(|_| known.contains(&class_name))?;
            config.get("name")?.as_str()?
        }
        _ => return None,
    };
    Some(name.rsplit('.').next().unwrap_or(name))
}
