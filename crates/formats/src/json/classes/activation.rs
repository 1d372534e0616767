//! The activations that are layers.

use ceratops_core::Result;
use serde_json::{Value, json};

use super::{BuildConfig, Card, Config};
use crate::json::{
    Words,
    subject::Subject,
    write::piece::{Piece, ordered, renamed},
};

pub(super) const CARDS: &[Card] = &[
    Card {
        build_config: BuildConfig::Never,
        tfjs: Some(&["activation"]),
        ..Card::of("Activation")
    },
    Card {
        complete: |config| ordered(config, &["name", "alpha"]),
        tfjs: Some(&["alpha"]),
        ..Card::of("ELU")
    },
    Card {
        read: &[slope],
        keras2: |config, _| renamed(config, "negative_slope", "alpha"),
        tfjs: Some(&["alpha"]),
        bare: |config, _| renamed(config, "negative_slope", "alpha"),
        ..Card::of("LeakyReLU")
    },
    Card {
        keras1: &[("init", "alpha_initializer")],
        check: shared_alphas,
        tfjs: Some(&["alpha_initializer", "alpha_regularizer", "alpha_constraint", "shared_axes"]),
        ..Card::of("PReLU")
    },
    Card { tfjs: Some(&["max_value"]), ..Card::of("ReLU") },
    Card { check: softmax_axis, tfjs: Some(&["axis"]), ..Card::of("Softmax") },
    Card { tfjs: Some(&["theta"]), ..Card::of("ThresholdedReLU") },
];

/// LeakyReLU's slope is called `alpha` up to Keras 2.
fn slope(layer: &mut Subject<'_>) -> Result<()> {
    layer.rename("alpha", "negative_slope");
    Ok(())
}

/// TensorFlow.js computes other numbers, on some of its backends, where alphas are shared along some
/// axes but have others in front of these or between.
fn shared_alphas(piece: &Piece, words: Words) -> Result<()> {
    let (Some(shape), true) = (&piece.input, words.are_bare()) else { return Ok(()) };
    let shared = piece.config.get("shared_axes").and_then(Value::as_array);
    let is_own = |axis: &usize| !shared.is_some_and(|all| all.contains(&json!(axis)));
    // The last axis has the number of how many there are, since the batch is axis 0.
    let last = shape.ndim().saturating_sub(1);
    let own: Vec<usize> = (1..=last).filter(is_own).collect();
    if own.is_empty() || own.len() == last || own == [last] {
        return Ok(());
    }
    let reason = "TensorFlow.js computes wrong numbers, on some of its backends, for alphas that are \
                  shared along some axes but not along all in front of the last one; share all of \
                  these, or none, or write the file for Keras 3";
    Err(piece.error("shared_axes", reason))
}

/// TensorFlow.js sums over the last axis, or over several; Keras 3 passes over several in old words.
fn softmax_axis(piece: &Piece, words: Words) -> Result<()> {
    let reason = match piece.config.get("axis") {
        Some(Value::Array(_)) if words == Words::Portable => {
            "Keras 3 reads a list of axes as -1 here; write the file for one reader"
        }
        Some(Value::Number(axis)) if words.are_bare() && !is_last(axis.as_i64(), piece) => {
            "TensorFlow.js sums over the last axis only; move that axis to the end, or write the \
             file for Keras 3"
        }
        _ => return Ok(()),
    };
    Err(piece.error("axis", reason))
}

/// Whether that is the last axis of the layer's input.
pub(super) fn is_last(axis: Option<i64>, piece: &Piece) -> bool {
    let ndim = piece.input.as_ref().and_then(|shape| i64::try_from(shape.ndim()).ok());
    axis.is_some_and(|axis| axis == -1 || ndim == Some(axis + 1))
}

/// Keras 3 has no ThresholdedReLU; `ReLU(threshold=theta)` is the same function.
pub(in crate::json) fn thresholded_relu(mut config: Config) -> Config {
    let theta = config.shift_remove("theta").unwrap_or_default();
    config.insert("max_value".into(), Value::Null);
    config.insert("negative_slope".into(), json!(0.0));
    config.insert("threshold".into(), theta);
    config
}
