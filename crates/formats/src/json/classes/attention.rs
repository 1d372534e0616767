//! Attention.

use ceratops_core::Result;
use serde_json::json;

use super::{BuildConfig, Card, Config, of_keras3};
use crate::json::{Change, Dialect, Words, subject::Subject, write::piece::Piece};

pub(super) const CARDS: &[Card] = &[
    Card { build_config: BuildConfig::Always, ..Card::of("Attention") },
    Card { build_config: BuildConfig::Always, ..Card::of("AdditiveAttention") },
    Card {
        aliases: &["GroupedQueryAttention"],
        read: &[ways],
        check: of_keras3,
        build_config: BuildConfig::Always,
        ..Card::of("GroupQueryAttention")
    },
    Card {
        read: &[ways, penalty],
        check: since_keras3,
        build_config: BuildConfig::Always,
        keras2: with_shapes,
        ..Card::of("MultiHeadAttention")
    },
];

/// What chooses how Keras computes the same, and what Keras 2 was built for, which follows from the inputs.
fn ways(layer: &mut Subject<'_>) -> Result<()> {
    layer.ignore("flash_attention", "it chooses how Keras computes the same numbers");
    layer.ignore("softmax_robust_masking", "it chooses how Keras computes the same numbers");
    for key in ["query_shape", "key_shape", "value_shape"] {
        layer.ignore(key, "it follows from the inputs");
    }
    Ok(())
}

/// Keras 2 has the penalty on the output alone. Predictions are the same.
fn penalty(layer: &mut Subject<'_>) -> Result<()> {
    let given = layer.config.get("activity_regularizer").is_some_and(|penalty| !penalty.is_null());
    if given && layer.log.detected.dialect == Dialect::Keras2 {
        let text = "a penalty on what each projection puts out, as in Keras 3; Keras 2 penalizes what the \
                    layer puts out, so that training goes another way";
        layer.log.note(layer.path, Change::Reinterpreted, text);
    }
    Ok(())
}

/// Keras 2 knows no gate and no window.
fn since_keras3(piece: &Piece, words: Words) -> Result<()> {
    let given = |key: &str, none: serde_json::Value| {
        piece.config.get(key).is_some_and(|value| *value != none)
    };
    let new = [
        ("use_gate", given("use_gate", json!(false))),
        ("sliding_window", given("sliding_window", json!(null))),
    ];
    match new.into_iter().find(|(_, given)| *given) {
        Some((key, _)) if !matches!(words, Words::Keras3 | Words::Keras3Short) => {
            Err(piece.error(key, "only Keras 3 has this argument; write a .keras file"))
        }
        _ => Ok(()),
    }
}

/// Keras 2 says what the layer was built for, and makes its weights by that.
fn with_shapes(mut config: Config, piece: &Piece) -> Config {
    for key in ["use_gate", "sliding_window", "seed"] {
        config.shift_remove(key);
    }
    let [query, value, key] =
        [0, 1, 2].map(|i| piece.inputs.get(i).or_else(|| piece.inputs.get(1)));
    for (name, shape) in [("query_shape", query), ("key_shape", key), ("value_shape", value)] {
        config.insert(name.into(), json!(shape));
    }
    config.insert("softmax_robust_masking".into(), false.into());
    config
}
