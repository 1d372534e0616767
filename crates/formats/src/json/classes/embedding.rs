//! Embedding.

use ceratops_core::Result;
use serde_json::{Value, json};

use super::{Card, Config, dense::lora, of_keras3};
use crate::json::{Dialect, subject::Subject, write::piece::ordered};

pub(super) const CARDS: &[Card] = &[
    Card {
        keras1: &[
            ("init", "embeddings_initializer"),
            ("W_regularizer", "embeddings_regularizer"),
            ("W_constraint", "embeddings_constraint"),
        ],
        read: &[lora, length, dropout],
        complete: quantizable,
        keras2: |config, _| keras2(config),
        tfjs: Some(&[
            "input_dim",
            "output_dim",
            "embeddings_initializer",
            "embeddings_regularizer",
            "embeddings_constraint",
            "mask_zero",
        ]),
        ..Card::of("Embedding")
    },
    Card {
        read: &[lora],
        complete: reversible,
        check: of_keras3,
        ..Card::of("ReversibleEmbedding")
    },
];

/// The number of ids in a sample says what shape the input has, where the Embedding comes first; else the
/// layers above do.
fn length(layer: &mut Subject<'_>) -> Result<()> {
    layer.ignore("input_length", "the shape of the input says it too");
    Ok(())
}

/// Keras 1 left out whole words in training, here and nowhere else.
fn dropout(layer: &mut Subject<'_>) -> Result<()> {
    if layer.log.detected.dialect == Dialect::Keras1 {
        let text = "it left out words at random in training only, which later versions of Keras do not; \
                    what the model answers is the same";
        layer.ignore("dropout", text);
    }
    Ok(())
}

fn quantizable(mut config: Config) -> Config {
    config.insert("quantization_config".into(), Value::Null);
    config
}

/// What an Embedding has stands before the rest.
fn reversible(config: Config) -> Config {
    let first = [
        "name",
        "trainable",
        "dtype",
        "activity_regularizer",
        "input_dim",
        "output_dim",
        "embeddings_initializer",
        "embeddings_regularizer",
        "embeddings_constraint",
        "mask_zero",
        "quantization_config",
    ];
    ordered(quantizable(config), &first)
}

/// Keras 2 says of every Embedding what shape an input of it would have.
fn keras2(mut config: Config) -> Config {
    config.insert("input_length".into(), Value::Null);
    config.insert("batch_input_shape".into(), json!([null, null]));
    ordered(config, &["name", "trainable", "dtype", "batch_input_shape"])
}
