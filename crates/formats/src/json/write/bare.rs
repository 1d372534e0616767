//! The words of TensorFlow.js, and those that Keras 2, Keras 3 and TensorFlow.js all read: bare
//! entries of class name and config.

use ceratops_core::{Result, Shape};
use ceratops_layers::Registry;
use serde_json::{Map, Value, json};

use super::{
    Out, Words,
    equals::{Names, split},
    governing, keras3,
    piece::{Piece, renamed},
};

const BEFORE: &[&str] = &["name", "trainable"];

/// Of each class the arguments that all three know, in their words.
const CLASSES: &[(&str, &[&str])] = &[
    ("Activation", &["activation"]),
    (
        "BatchNormalization",
        &[
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
        ],
    ),
    (
        "Conv2D",
        &[
            "filters",
            "kernel_size",
            "strides",
            "padding",
            "data_format",
            "dilation_rate",
            "activation",
            "use_bias",
            "kernel_initializer",
            "bias_initializer",
            "kernel_regularizer",
            "bias_regularizer",
            "kernel_constraint",
            "bias_constraint",
        ],
    ),
    (
        "Dense",
        &[
            "units",
            "activation",
            "use_bias",
            "kernel_initializer",
            "bias_initializer",
            "kernel_regularizer",
            "bias_regularizer",
            "kernel_constraint",
            "bias_constraint",
        ],
    ),
    ("Dropout", &["rate", "noise_shape", "seed"]),
    ("ELU", &["alpha"]),
    ("Flatten", &["data_format"]),
    ("LeakyReLU", &["alpha"]),
    ("MaxPooling2D", &["pool_size", "padding", "strides", "data_format"]),
    ("PReLU", &["alpha_initializer", "alpha_regularizer", "alpha_constraint", "shared_axes"]),
    ("ReLU", &["max_value"]),
    ("Reshape", &["target_shape"]),
    ("Softmax", &["axis"]),
    ("ThresholdedReLU", &["theta"]),
];

/// A model's document.
pub(super) fn document(model: Piece, out: &mut Out) -> Result<Value> {
    let class_name = model.class_name.clone();
    let config = model_config(model, out)?;
    Ok(match out.words {
        // The version is that of a Keras 2 from which Keras 3 takes old words, too.
        Words::Portable => json!({
            "module": "keras", "class_name": class_name, "config": config,
            "registered_name": null, "keras_version": "2.15.0", "backend": "tensorflow",
        }),
        _ => json!({
            "class_name": class_name, "config": config,
            "keras_version": "tfjs-layers 4.22.0", "backend": "tensor_flow.js",
        }),
    })
}

/// The config of a model: its name and its layers.
fn model_config(mut model: Piece, out: &mut Out) -> Result<Value> {
    let Some(shape) = model.input.clone() else {
        let reason = format!(
            "{} must know the shape of the input; give the model an Input, or call build(shape)",
            out.words
        );
        return Err(model.error("", reason));
    };
    let pieces = model.layers.take().unwrap_or_default();
    let mut names: Names = pieces.iter().map(|piece| piece.name().to_owned()).collect();
    let alone = pieces.len() == 1;
    let mut layers = Vec::with_capacity(pieces.len());
    for piece in pieces {
        if piece.class_name == "InputLayer" {
            // TensorFlow.js writes the shape on the first layer, if there is one.
            if alone || out.words == Words::Portable {
                layers.push(input_layer(&piece, &shape));
            }
            continue;
        }
        if piece.layers.is_some() {
            let class_name = piece.class_name.clone();
            let config = model_config(piece, out)?;
            layers.push(json!({ "class_name": class_name, "config": config }));
            continue;
        }
        for piece in split(piece, &mut names, out)? {
            layers.push(entry(piece, out)?);
        }
    }
    if out.words == Words::TensorFlowJs
        && let Some(first) = layers.first_mut()
        && first["config"]["layers"].is_null()
    {
        first["config"]["batch_input_shape"] = json!(shape);
        first["config"]["dtype"] = "float32".into();
    }
    Ok(json!({ "name": model.name(), "layers": layers }))
}

fn input_layer(piece: &Piece, shape: &Shape) -> Value {
    json!({ "class_name": "InputLayer", "config": {
        "batch_input_shape": shape, "dtype": "float32", "sparse": false, "name": piece.name(),
    }})
}

/// The entry of a layer.
fn entry(mut piece: Piece, out: &mut Out) -> Result<Value> {
    if piece.class_name == "Softmax" {
        check_softmax(&piece, out)?;
    }
    let mut config = std::mem::take(&mut piece.config);
    config.shift_remove("dtype");
    if Registry::is_builtin(&piece.class_name) {
        config = words(&piece, config, out)?;
    } else {
        let text = format!(
            "it is: {} is a class of your own, which whoever reads this must know, too",
            piece.class_name
        );
        out.note(&piece.path, "class_name", text);
    }
    Ok(json!({ "class_name": piece.class_name, "config": config }))
}

/// The config of a known class; what the other programs do not know is refused.
fn words(
    piece: &Piece,
    mut config: Map<String, Value>,
    out: &mut Out,
) -> Result<Map<String, Value>> {
    let Some((_, known)) = CLASSES.iter().find(|(name, _)| *name == piece.class_name) else {
        let reason = format!("layers of this class cannot be written for {} as yet", out.words);
        return Err(piece.error("", reason));
    };
    config = match piece.class_name.as_str() {
        "LeakyReLU" => renamed(config, "negative_slope", "alpha"),
        "MaxPooling2D" => keras3::pooling(config),
        _ => config,
    };
    if config.get("groups").is_some_and(|groups| *groups == 1) {
        config.shift_remove("groups");
    }
    let known = |key: &str| known.contains(&key) || BEFORE.contains(&key);
    config.retain(|key, value| known(key) || !value.is_null());
    if let Some((key, value)) = config.iter().find(|(key, _)| !known(key)) {
        let reason = format!("{} has no such argument (it is {value})", out.words);
        return Err(piece.error(key, reason));
    }
    for (key, value) in &mut config {
        governing::spell(key, value, piece, out)?;
    }
    Ok(config)
}

/// TensorFlow.js sums over the last axis only, unless there are several.
fn check_softmax(piece: &Piece, out: &Out) -> Result<()> {
    let axis = piece.config.get("axis").and_then(Value::as_i64);
    let ndim = piece.input.as_ref().and_then(|shape| i64::try_from(shape.ndim()).ok());
    if axis.is_none_or(|axis| axis == -1 || ndim == Some(axis + 1)) {
        return Ok(());
    }
    let reason = format!(
        "{} sums over the last axis only; move the axis to the end, or write Keras 3",
        out.words
    );
    Err(piece.error("axis", reason))
}
