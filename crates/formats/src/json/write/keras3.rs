//! The words of Keras 3, complete as version 3.15 writes them, or short.

use ceratops_core::Result;
use serde_json::{Map, Value, json};

use super::{
    Out, Words,
    piece::{Piece, ordered, take_config},
    recurrent,
};
use crate::json::{activations::KERAS2, log::join};

/// A model's document.
pub(super) fn document(model: Piece, compile_config: Option<Value>, out: &mut Out) -> Value {
    let mut document = entry(model, out);
    document["compile_config"] = compile_config.unwrap_or_else(|| json!({}));
    document
}

/// Refuses what Keras 3 has no word for.
pub(super) fn check(piece: &Piece) -> Result<()> {
    if piece.class_name == "BatchNormalization"
        && piece.config.get("axis").is_some_and(Value::is_array)
    {
        let reason = "Keras 3 takes one axis only; write the file for Keras 2";
        return Err(piece.error("axis", reason));
    }
    piece.layers.iter().flatten().try_for_each(check)
}

/// The entry of a layer or a nested model.
pub(super) fn entry(mut piece: Piece, out: &mut Out) -> Value {
    let layers = piece.layers.take();
    let mut config = std::mem::take(&mut piece.config);
    let nested = layers.is_some();
    if let Some(layers) = layers {
        let layers = layers.into_iter().map(|layer| entry(layer, out)).collect();
        config.insert("layers".into(), Value::Array(layers));
        config = ordered(config, &["name", "trainable", "dtype", "layers", "build_input_shape"]);
        config = dtype("Sequential", config, out);
    }
    let mut written = piece.entry(config);
    if !nested {
        written = complete_object(written, &piece.path, out);
        say_what_activations_are_built_for(&mut written, &piece);
    }
    if let Some(shape) = piece.input.as_ref().filter(|_| nested || says_build(&piece)) {
        written.insert("build_config".into(), json!({ "input_shape": shape }));
    }
    if nested {
        written.insert("compile_config".into(), json!({}));
    }
    written.into()
}

/// A layer with weights that stands in for an activation takes what its holder has made. Keras makes
/// its weights only if it is told.
fn say_what_activations_are_built_for(entry: &mut Map<String, Value>, piece: &Piece) {
    let held = entry.get_mut("config").and_then(|config| config.get_mut("activation"));
    if let (Some(Value::Object(held)), Some(shape)) = (held, &piece.output)
        && held.get("class_name").is_some_and(|name| name == "PReLU")
    {
        held.insert("build_config".into(), json!({ "input_shape": shape }));
    }
}

/// Whether Keras says what the layer was built for: those that make something, and some
/// more.
fn says_build(piece: &Piece) -> bool {
    match piece.class_name.as_str() {
        "InputLayer" | "Activation" => false,
        "Flatten" | "Normalization" | "Rescaling" => true,
        _ => piece.weighs,
    }
}

/// A policy of float32, as layers have it since Keras 3.4.
fn policy() -> Value {
    json!({
        "module": "keras", "class_name": "DTypePolicy",
        "config": { "name": "float32" }, "registered_name": null,
    })
}

/// The same with all that Keras says, at any depth.
fn complete(value: Value, path: &str, out: &mut Out) -> Value {
    match value {
        Value::Object(object) => complete_object(object, path, out).into(),
        Value::Array(items) => {
            let items = items.into_iter().enumerate();
            items.map(|(i, item)| complete(item, &join(path, &format!("[{i}]")), out)).collect()
        }
        other => other,
    }
}

fn complete_object(object: Map<String, Value>, path: &str, out: &mut Out) -> Map<String, Value> {
    let object = object.into_iter().map(|(key, value)| {
        let value = complete(value, &join(path, &key), out);
        (key, value)
    });
    complete_entry(object.collect(), path, out)
}

/// Completes the entry of a layer, an initializer or the like; what it holds is complete.
fn complete_entry(mut entry: Map<String, Value>, path: &str, out: &mut Out) -> Map<String, Value> {
    if entry.get("class_name").is_some_and(|name| name == "function")
        && entry.get("config").is_some_and(|name| name == KERAS2)
    {
        let text = "Keras 3, whose hard_sigmoid is another function, refuses it unless one of your \
                    own is registered under this name";
        out.keep(path, "", text);
    }
    let Some((class_name, config)) = take_config(&mut entry) else { return entry };
    let short = out.words == Words::Keras3Short;
    let config = match class_name.as_str() {
        "ThresholdedReLU" => {
            out.note(path, "class_name", "`ReLU` with a threshold, which is the same");
            entry.insert("class_name".into(), "ReLU".into());
            thresholded_relu(config)
        }
        "MaxPooling2D" => pooling(config),
        "LSTM" => recurrent::keras3(config),
        _ if short => config,
        "InputLayer" => input_layer(config),
        "Dense" => dense(config),
        "ELU" => ordered(config, &["name", "alpha"]),
        "BatchNormalization" => normalization(config),
        "Identity" => identity(config),
        "GlorotNormal" | "GlorotUniform" | "HeNormal" | "HeUniform" | "LecunNormal"
        | "LecunUniform" | "VarianceScaling" => scaling(config),
        "RandomNormal" | "RandomUniform" | "TruncatedNormal" | "Orthogonal" => {
            ordered(config, &["seed"])
        }
        _ => config,
    };
    entry.insert("config".into(), dtype(&class_name, config, out).into());
    entry
}

/// The dtype of a layer is a policy; only an InputLayer has the plain name, and what came before
/// Keras 3.4.
fn dtype(class_name: &str, mut config: Map<String, Value>, out: &Out) -> Map<String, Value> {
    let plain = class_name == "InputLayer" || out.words == Words::Keras3Short;
    if let Some(dtype) = config.get_mut("dtype").filter(|_| !plain)
        && *dtype == "float32"
    {
        *dtype = policy();
    }
    config
}

fn input_layer(mut config: Map<String, Value>) -> Map<String, Value> {
    config.extend([("sparse".into(), false.into()), ("ragged".into(), false.into())]);
    let mut config = ordered(config, &["batch_shape", "dtype", "sparse", "ragged"]);
    config.insert("optional".into(), false.into());
    config
}

/// Dense says only of an activity regularizer that there is one.
fn dense(mut config: Map<String, Value>) -> Map<String, Value> {
    if config.get("activity_regularizer").is_some_and(Value::is_null) {
        config.shift_remove("activity_regularizer");
    }
    config.insert("quantization_config".into(), Value::Null);
    ordered(config, &["name", "trainable", "dtype", "activity_regularizer"])
}

/// Without strides a pool moves by its own size.
pub(super) fn pooling(mut config: Map<String, Value>) -> Map<String, Value> {
    if config.get("strides").is_some_and(Value::is_null) {
        let size = config.get("pool_size").cloned().unwrap_or_default();
        config.insert("strides".into(), size);
    }
    config
}

fn normalization(mut config: Map<String, Value>) -> Map<String, Value> {
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

/// Keras 3 has no ThresholdedReLU; `ReLU(threshold=theta)` is the same function.
fn thresholded_relu(mut config: Map<String, Value>) -> Map<String, Value> {
    let theta = config.shift_remove("theta").unwrap_or_default();
    config.insert("max_value".into(), Value::Null);
    config.insert("negative_slope".into(), json!(0.0));
    config.insert("threshold".into(), theta);
    config
}

/// Keras reads the gain of an Identity but does not write it; it is needed where it is not 1.
fn identity(mut config: Map<String, Value>) -> Map<String, Value> {
    if config.get("gain").and_then(Value::as_f64) == Some(1.0) {
        config.shift_remove("gain");
    }
    config
}

fn scaling(mut config: Map<String, Value>) -> Map<String, Value> {
    config.extend([("input_axes".into(), Value::Null), ("output_axes".into(), Value::Null)]);
    ordered(config, &["seed"])
}
