//! The words of TensorFlow.js, and those that Keras 2, Keras 3 and TensorFlow.js all read: bare
//! entries of class name and config.

use ceratops_core::{Result, Shape};
use ceratops_layers::Registry;
use serde_json::{Map, Value, json};

use super::{
    Out, Words,
    equals::{Names, split},
    governing, keras3, names,
    piece::{Piece, renamed},
    recurrent,
};
use crate::json::{log::join, shown};

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
    (
        "LSTM",
        &[
            "return_sequences",
            "go_backwards",
            "units",
            "activation",
            "recurrent_activation",
            "use_bias",
            "kernel_initializer",
            "recurrent_initializer",
            "bias_initializer",
            "unit_forget_bias",
            "kernel_regularizer",
            "recurrent_regularizer",
            "bias_regularizer",
            "kernel_constraint",
            "recurrent_constraint",
            "bias_constraint",
            "dropout",
            "recurrent_dropout",
        ],
    ),
    ("LeakyReLU", &["alpha"]),
    ("MaxPooling2D", &["pool_size", "padding", "strides", "data_format"]),
    ("PReLU", &["alpha_initializer", "alpha_regularizer", "alpha_constraint", "shared_axes"]),
    ("ReLU", &["max_value"]),
    ("Rescaling", &["scale", "offset"]),
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
    if model.config.contains_key("input_layers") {
        let reason = "a model with branches is not written for TensorFlow.js as yet; write a .keras or \
                      .h5 file";
        return Err(model.error("", reason));
    }
    let Some(shape) = model.input.clone() else {
        let reason = "TensorFlow.js must know the shape of the input; give the model an Input, or \
                      call build(shape)";
        return Err(model.error("", reason));
    };
    let pieces = model.layers.take().unwrap_or_default();
    let mut taken: Names = pieces.iter().map(|piece| piece.name.clone()).collect();
    let alone = pieces.len() == 1;
    let mut layers = Vec::with_capacity(pieces.len());
    for piece in pieces {
        names::check(&piece, out)?;
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
        for piece in split(piece, &mut taken, out)? {
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
    Ok(json!({ "name": model.name, "layers": layers }))
}

fn input_layer(piece: &Piece, shape: &Shape) -> Value {
    json!({ "class_name": "InputLayer", "config": {
        "batch_input_shape": shape, "dtype": "float32", "sparse": false, "name": piece.name,
    }})
}

/// The entry of a layer.
fn entry(mut piece: Piece, out: &mut Out) -> Result<Value> {
    check_axis(&piece, out)?;
    check_alphas(&piece)?;
    let mut config = std::mem::take(&mut piece.config);
    for weight in &piece.unconstrained {
        let key = format!("{}_constraint", weight.replace("recurrent_kernel", "recurrent"));
        constraint(&key, &mut config, &piece, out);
    }
    config.shift_remove("dtype");
    if Registry::is_builtin(&piece.class_name) {
        config = words(&piece, config)?;
    } else {
        out.keep(&piece.path, "class_name", "whoever reads this must know this class of your own");
    }
    Ok(json!({ "class_name": piece.class_name, "config": config }))
}

/// Leaves out a constraint that TensorFlow.js would change the weights by. A document without
/// weights says so only, since who has weights of their own for it may need the constraint.
fn constraint(key: &str, config: &mut Map<String, Value>, piece: &Piece, out: &mut Out) {
    let text = "TensorFlow.js applies it when weights are loaded, and it would change those that the \
                model has now";
    let path = join(&piece.path, "config");
    if out.words == Words::TensorFlowJs {
        config.insert(key.into(), Value::Null);
        out.leave_out(&path, key, text);
    } else {
        out.keep(&path, key, text);
    }
}

/// TensorFlow.js computes other numbers, on some of its backends, where alphas are shared along some
/// axes but have others in front of these or between.
fn check_alphas(piece: &Piece) -> Result<()> {
    let (Some(shape), true) = (&piece.input, piece.class_name == "PReLU") else { return Ok(()) };
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

/// The config of a known class; what the other programs do not know is refused.
fn words(piece: &Piece, mut config: Map<String, Value>) -> Result<Map<String, Value>> {
    let Some((_, known)) = CLASSES.iter().find(|(name, _)| *name == piece.class_name) else {
        let reason = "layers of this class cannot be written for TensorFlow.js as yet";
        return Err(piece.error("", reason));
    };
    config = match piece.class_name.as_str() {
        "LeakyReLU" => renamed(config, "negative_slope", "alpha"),
        "MaxPooling2D" => keras3::pooling(config),
        "LSTM" => recurrent::bare(config),
        "Reshape" => resolved(config, piece),
        _ => config,
    };
    if config.get("groups").is_some_and(|groups| *groups == 1) {
        config.shift_remove("groups");
    }
    let known = |key: &str| known.contains(&key) || BEFORE.contains(&key);
    config.retain(|key, value| known(key) || !value.is_null());
    if let Some((key, value)) = config.iter().find(|(key, _)| !known(key)) {
        let reason = match key.as_str() {
            "activity_regularizer" => "TensorFlow.js computes none; leave it out".to_owned(),
            _ => format!("TensorFlow.js has no such argument (it is {})", shown(value)),
        };
        return Err(piece.error(key, reason));
    }
    for (key, value) in &mut config {
        governing::spell(key, value, piece)?;
    }
    Ok(config)
}

/// TensorFlow.js finds out no length of -1 in a model that is loaded.
fn resolved(mut config: Map<String, Value>, piece: &Piece) -> Map<String, Value> {
    let lengths: Option<Vec<usize>> = piece.output.as_ref().and_then(|shape| {
        let behind_batch = shape.axes().iter().skip(1);
        behind_batch.copied().collect()
    });
    if let Some(lengths) = lengths {
        config.insert("target_shape".into(), json!(lengths));
    }
    config
}

/// TensorFlow.js' Softmax sums over the last axis, or over several; Keras 3 passes over several in
/// old words. TensorFlow.js' BatchNormalization takes wrong statistics for other axes than the last.
fn check_axis(piece: &Piece, out: &Out) -> Result<()> {
    let ndim = piece.input.as_ref().and_then(|shape| i64::try_from(shape.ndim()).ok());
    let is_last = |axis: i64| axis == -1 || ndim == Some(axis + 1);
    let reason = match (piece.class_name.as_str(), piece.config.get("axis")) {
        ("Softmax", Some(Value::Array(_))) if out.words == Words::Portable => {
            "Keras 3 reads a list of axes as -1 here; write the file for one reader"
        }
        ("Softmax", Some(Value::Number(axis))) if !axis.as_i64().is_some_and(is_last) => {
            "TensorFlow.js sums over the last axis only; move that axis to the end, or write the \
             file for Keras 3"
        }
        ("BatchNormalization", Some(axis)) if !axis.as_i64().is_some_and(is_last) => {
            "TensorFlow.js computes wrong numbers for other axes than the last; put the channels \
             last, or write the file for Keras 3"
        }
        _ => return Ok(()),
    };
    Err(piece.error("axis", reason))
}
