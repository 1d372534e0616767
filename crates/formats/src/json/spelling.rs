//! The spelling of TensorFlow.js, which writes strings in camel case while it runs.

use ceratops_core::Result;
use serde_json::Value;

use super::{Dialect, subject::Subject};

/// The keys whose strings come from a fixed list. Activations and classes are known by their
/// camel case names anyhow.
const KEYS: [&str; 4] = ["data_format", "padding", "mode", "distribution"];

/// `channelsLast` is `channels_last`.
pub(super) fn snake_case(layer: &mut Subject<'_>) -> Result<()> {
    if layer.log.detected.dialect != Dialect::TensorFlowJs {
        return Ok(());
    }
    for key in KEYS {
        if let Some(Value::String(text)) = layer.config.get(key)
            && text.contains(|c: char| c.is_ascii_uppercase())
        {
            let snake: String = text.chars().flat_map(snake).collect();
            layer.replace(key, &snake);
        }
    }
    Ok(())
}

/// A letter of a camel case word in a snake case one.
fn snake(c: char) -> impl Iterator<Item = char> {
    c.is_ascii_uppercase().then_some('_').into_iter().chain([c.to_ascii_lowercase()])
}
