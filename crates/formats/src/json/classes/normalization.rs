//! Layers that normalize.

use ceratops_core::Result;
use serde_json::{Value, json};

use super::{BuildConfig, Card, Config, activation::is_last, of_keras3};
use crate::json::{Change, Dialect, Words, shown, subject::Subject, write::piece::Piece};

pub(super) const CARDS: &[Card] = &[
    Card {
        aliases: &["BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization"],
        keras1: &[("beta_init", "beta_initializer"), ("gamma_init", "gamma_initializer")],
        read: &[mode, unbiased_variance],
        check: axis,
        complete: with_renorm,
        keras2: axis_from_the_start,
        tfjs: Some(&[
            "axis",
            "momentum",
            "epsilon",
            "center",
            "scale",
            "beta_initializer",
            "gamma_initializer",
            "moving_mean_initializer",
            "moving_variance_initializer",
            "beta_regularizer",
            "gamma_regularizer",
            "beta_constraint",
            "gamma_constraint",
        ]),
        ..Card::of("BatchNormalization")
    },
    Card { ..Card::of("GroupNormalization") },
    Card {
        check: rms_scaling,
        keras3: listed_axis,
        keras2: |config, piece| without_rms_scaling(listed_from_the_start(config, piece)),
        tfjs: Some(&[
            "axis",
            "epsilon",
            "center",
            "scale",
            "beta_initializer",
            "gamma_initializer",
            "beta_regularizer",
            "gamma_regularizer",
        ]),
        bare: |config, piece| without_rms_scaling(listed_from_the_start(config, piece)),
        ..Card::of("LayerNormalization")
    },
    Card { build_config: BuildConfig::Always, ..Card::of("Normalization") },
    Card { keras3: listed_axis, check: of_keras3, ..Card::of("RMSNormalization") },
];

/// `mode` 0 of Keras 1 is what later versions do.
fn mode(layer: &mut Subject<'_>) -> Result<()> {
    if layer.log.detected.dialect != Dialect::Keras1 {
        return Ok(());
    }
    match layer.config.get("mode") {
        None | Some(Value::Null) => {}
        Some(mode) if *mode == json!(0) => {
            layer.ignore("mode", "0 is the only mode of later versions");
        }
        Some(other) => {
            let message = format!(
                "expected 0, got {}; only mode 0, with statistics for each channel, is known to \
                 later versions of Keras",
                shown(other)
            );
            return Err(layer.error("mode", message));
        }
    }
    Ok(())
}

/// Keras 2 follows the unbiased variance of a batch of images, Keras 3 and TensorFlow.js its own.
fn unbiased_variance(layer: &mut Subject<'_>) -> Result<()> {
    if layer.log.detected.dialect == Dialect::Keras2 {
        let text = "one whose moving variance follows n / (n - 1) times that of a batch of images";
        layer.log.note(layer.path, Change::Reinterpreted, text);
        layer.config.insert("unbiased_variance".into(), true.into());
    }
    Ok(())
}

/// Keras 3 takes one axis only, and TensorFlow.js takes wrong statistics for others than the last.
fn axis(piece: &Piece, words: Words) -> Result<()> {
    let Some(axis) = piece.config.get("axis") else { return Ok(()) };
    let reason = match words {
        Words::Keras3 | Words::Keras3Short if axis.is_array() => {
            "Keras 3 takes one axis only; write the file for Keras 2"
        }
        _ if words.are_bare() && !is_last(axis.as_i64(), piece) => {
            "TensorFlow.js computes wrong numbers for other axes than the last; put the channels \
             last, or write the file for Keras 3"
        }
        _ => return Ok(()),
    };
    Err(piece.error("axis", reason))
}

/// Who does not renormalize says so, and how it would.
fn with_renorm(mut config: Config) -> Config {
    let mut renorm =
        |key: &str, none: Value| (key.to_owned(), config.shift_remove(key).unwrap_or(none));
    let last = [
        ("synchronized".to_owned(), false.into()),
        renorm("renorm", false.into()),
        renorm("renorm_clipping", Value::Null),
        renorm("renorm_momentum", json!(0.99)),
    ];
    config.extend(last);
    config
}

/// Keras 2 counts the axis of a built layer from the start.
fn axis_from_the_start(mut config: Config, piece: &Piece) -> Config {
    let ndim = piece.input.as_ref().and_then(|shape| i64::try_from(shape.ndim()).ok());
    if let (Some(ndim), Some(axis)) = (ndim, config.get("axis").and_then(Value::as_i64)) {
        let axis = if axis < 0 { axis + ndim } else { axis };
        config.insert("axis".into(), json!([axis]));
    }
    config
}

/// Keras 2 and TensorFlow.js have no such argument.
fn rms_scaling(piece: &Piece, words: Words) -> Result<()> {
    let scales = piece.config.get("rms_scaling") == Some(&true.into());
    match words {
        Words::Keras3 | Words::Keras3Short => Ok(()),
        _ if scales => Err(piece.error("rms_scaling", "only Keras 3 has this argument")),
        _ => Ok(()),
    }
}

fn without_rms_scaling(mut config: Config) -> Config {
    if config.get("rms_scaling") == Some(&false.into()) {
        config.shift_remove("rms_scaling");
    }
    config
}

/// A built layer lists its axes, also where it has one.
fn listed_axis(mut config: Config) -> Config {
    if let Some(axis) = config.get_mut("axis").filter(|axis| axis.is_number()) {
        *axis = json!([axis]);
    }
    config
}

/// Keras 2 lists the axes of a built layer, counted from the start.
fn listed_from_the_start(config: Config, piece: &Piece) -> Config {
    let mut config = listed_axis(config);
    let ndim = piece.input.as_ref().and_then(|shape| i64::try_from(shape.ndim()).ok());
    let axes = config.get_mut("axis").and_then(Value::as_array_mut);
    for axis in axes.into_iter().flatten() {
        if let (Some(ndim), Some(negative)) = (ndim, axis.as_i64().filter(|axis| *axis < 0)) {
            *axis = (negative + ndim).into();
        }
    }
    config
}
