//! Where numbers come in, and layers that only move or scale them.

use ceratops_core::Result;
use serde_json::{Value, json};

use super::{BuildConfig, Card, Config};
use crate::json::{
    subject::Subject,
    write::piece::{Piece, ordered, renamed},
};

pub(super) const CARDS: &[Card] = &[
    Card {
        read: &[batch_shape],
        build_config: BuildConfig::Never,
        plain_dtype: true,
        complete: input3,
        keras2: |config, _| input2(config),
        ..Card::of("InputLayer")
    },
    Card { build_config: BuildConfig::Always, tfjs: Some(&["data_format"]), ..Card::of("Flatten") },
    Card {
        read: &[open_length],
        tfjs: Some(&["target_shape"]),
        bare: known_lengths,
        ..Card::of("Reshape")
    },
    Card {
        build_config: BuildConfig::Always,
        tfjs: Some(&["scale", "offset"]),
        ..Card::of("Rescaling")
    },
];

/// An InputLayer's `batch_input_shape` is called `batch_shape` in Keras 3.
fn batch_shape(layer: &mut Subject<'_>) -> Result<()> {
    layer.rename("batch_input_shape", "batch_shape");
    Ok(())
}

pub(in crate::json) fn input3(mut config: Config) -> Config {
    config.extend([("sparse".into(), false.into()), ("ragged".into(), false.into())]);
    let mut config = ordered(config, &["batch_shape", "dtype", "sparse", "ragged"]);
    config.insert("optional".into(), false.into());
    config
}

fn input2(config: Config) -> Config {
    let mut config = renamed(config, "batch_shape", "batch_input_shape");
    config.extend([("sparse".into(), false.into()), ("ragged".into(), false.into())]);
    let mut config = ordered(config, &["batch_input_shape", "dtype", "sparse", "ragged", "name"]);
    config.insert("optional".into(), false.into());
    config
}

/// TensorFlow.js writes null for the length of a Reshape that follows from the others.
fn open_length(layer: &mut Subject<'_>) -> Result<()> {
    if let Some(Value::Array(lengths)) = layer.config.get_mut("target_shape") {
        lengths.iter_mut().filter(|length| length.is_null()).for_each(|length| *length = json!(-1));
    }
    Ok(())
}

/// TensorFlow.js finds out no length of -1 in a model that is loaded.
fn known_lengths(mut config: Config, piece: &Piece) -> Config {
    let lengths: Option<Vec<usize>> = piece.output.as_ref().and_then(|shape| {
        let behind_batch = shape.axes().iter().skip(1);
        behind_batch.copied().collect()
    });
    if let Some(lengths) = lengths {
        config.insert("target_shape".into(), json!(lengths));
    }
    config
}
