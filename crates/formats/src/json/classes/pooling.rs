//! Poolings.

use serde_json::Value;

use super::{Card, Config};

pub(super) const CARDS: &[Card] = &[Card {
    keras3: own_strides,
    keras2: |config, _| own_strides(config),
    tfjs: Some(&["pool_size", "padding", "strides", "data_format"]),
    bare: |config, _| own_strides(config),
    ..Card::of("MaxPooling2D")
}];

/// Without strides a pool moves by its own size.
fn own_strides(mut config: Config) -> Config {
    if config.get("strides").is_some_and(Value::is_null) {
        let size = config.get("pool_size").cloned().unwrap_or_default();
        config.insert("strides".into(), size);
    }
    config
}
