//! Poolings.

use ceratops_core::Result;
use serde_json::{Value, json};

use super::{BuildConfig, Card, Config};
use crate::json::{
    Words,
    write::piece::{Piece, ordered},
};

pub(super) const CARDS: &[Card] = &[
    sequence("MaxPooling1D", &["MaxPool1D"]),
    pool("MaxPooling2D", &["MaxPool2D"]),
    Card { check: wrong_in_wasm, ..pool("MaxPooling3D", &["MaxPool3D"]) },
    sequence("AveragePooling1D", &["AvgPool1D"]),
    pool("AveragePooling2D", &["AvgPool2D"]),
    pool("AveragePooling3D", &["AvgPool3D"]),
    global("GlobalMaxPooling1D", &["GlobalMaxPool1D"], Some(&[])),
    global("GlobalMaxPooling2D", &["GlobalMaxPool2D"], Some(&["data_format"])),
    global("GlobalMaxPooling3D", &["GlobalMaxPool3D"], None),
    global("GlobalAveragePooling1D", &["GlobalAvgPool1D"], Some(&[])),
    global("GlobalAveragePooling2D", &["GlobalAvgPool2D"], Some(&["data_format"])),
    global("GlobalAveragePooling3D", &["GlobalAvgPool3D"], None),
    adaptive("AdaptiveMaxPooling1D"),
    adaptive("AdaptiveMaxPooling2D"),
    adaptive("AdaptiveMaxPooling3D"),
    adaptive("AdaptiveAveragePooling1D"),
    adaptive("AdaptiveAveragePooling2D"),
    adaptive("AdaptiveAveragePooling3D"),
];

const fn pool(class_name: &'static str, aliases: &'static [&'static str]) -> Card {
    Card {
        aliases,
        keras3: own_strides,
        keras2: |config, _| own_strides(config),
        tfjs: Some(&["pool_size", "padding", "strides", "data_format"]),
        bare: |config, _| own_strides(config),
        ..Card::of(class_name)
    }
}

const fn sequence(class_name: &'static str, aliases: &'static [&'static str]) -> Card {
    Card {
        keras1: &[("pool_length", "pool_size"), ("stride", "strides")],
        keras2: |config, _| {
            ordered(own_strides(config), &["name", "trainable", "dtype", "strides"])
        },
        tfjs: Some(&["pool_size", "padding", "strides"]),
        bare: |config, _| without(own_strides(config), "data_format", &json!("channels_last")),
        ..pool(class_name, aliases)
    }
}

const fn global(
    class_name: &'static str,
    aliases: &'static [&'static str],
    tfjs: Option<&'static [&'static str]>,
) -> Card {
    Card {
        aliases,
        tfjs,
        bare: |config, piece| {
            let config = without(config, "keepdims", &json!(false));
            match piece.class_name.ends_with("1D") {
                true => without(config, "data_format", &json!("channels_last")),
                false => config,
            }
        },
        ..Card::of(class_name)
    }
}

const fn adaptive(class_name: &'static str) -> Card {
    Card { build_config: BuildConfig::Always, check: not_in_keras2, ..Card::of(class_name) }
}

fn not_in_keras2(piece: &Piece, words: Words) -> Result<()> {
    if matches!(words, Words::Keras2 | Words::Keras2And3) {
        let reason = "Keras 2 has no such layer; use a pool whose window has a size, or write the file \
                      for Keras 3 alone";
        return Err(piece.error("", reason));
    }
    Ok(())
}

fn wrong_in_wasm(piece: &Piece, words: Words) -> Result<()> {
    if words.are_bare() {
        let reason =
            "TensorFlow.js computes wrong numbers in WebAssembly, where no maximum is below 0";
        return Err(piece.error("", reason));
    }
    Ok(())
}

/// Without strides a pool moves by its own size.
fn own_strides(mut config: Config) -> Config {
    if config.get("strides").is_some_and(Value::is_null) {
        let size = config.get("pool_size").cloned().unwrap_or_default();
        config.insert("strides".into(), size);
    }
    config
}

/// The config without an argument that the reader does not know, where it has the value that the reader
/// takes for granted.
pub(super) fn without(mut config: Config, key: &str, granted: &Value) -> Config {
    if config.get(key) == Some(granted) {
        config.shift_remove(key);
    }
    config
}
