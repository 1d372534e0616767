//! The words of Keras 3, complete as version 3.15 writes them, or short.

use ceratops_core::Result;
use ceratops_layers::{Registry, snake_case};
use serde_json::{Map, Value, json};

use super::{
    Out, Words,
    activations::hard_sigmoid,
    piece::{Piece, ordered, take_config},
};
use crate::json::{
    activations::{KERAS2, KEYS},
    classes::{BuildConfig, card, held, input3, thresholded_relu},
    log::join,
};

/// A model's document.
pub(super) fn document(model: Piece, compile_config: Option<Value>, out: &mut Out) -> Value {
    let mut document = entry(model, out);
    document["compile_config"] = compile_config.unwrap_or_else(|| json!({}));
    document
}

/// Refuses what Keras 3 has no word for.
pub(super) fn check(piece: &Piece) -> Result<()> {
    (card(&piece.class_name).check)(piece, Words::Keras3)?;
    piece.inner().try_for_each(check)
}

/// The entry of a layer or a nested model.
pub(super) fn entry(mut piece: Piece, out: &mut Out) -> Value {
    if piece.is_operation() {
        return operation(piece);
    }
    let layers = piece.layers.take();
    let mut config = std::mem::take(&mut piece.config);
    let nested = layers.is_some();
    if let Some(layers) = layers {
        let layers = layers.into_iter().map(|layer| entry(layer, out)).collect();
        config.insert("layers".into(), Value::Array(layers));
        config = ordered(config, &["name", "trainable", "dtype", "layers", "build_input_shape"]);
        config = dtype("Sequential", config, out);
        if config.contains_key("input_layers") {
            // Keras says these in another order, and no dtype.
            config.shift_remove("dtype");
        }
    }
    let calls = piece.calls.take();
    let held = std::mem::take(&mut piece.held).into_iter();
    let held: Map<String, Value> =
        held.map(|(key, held)| (key.to_owned(), entry(held, out))).collect();
    let mut written = piece.entry(config);
    if !nested {
        written = complete_object(written, &piece.path, out);
        say_what_activations_are_built_for(&mut written, &piece);
        if let (Some(Value::Object(config)), Some(input)) =
            (written.get_mut("config"), &piece.input)
        {
            held::say_what_for(config, input, true);
        }
    }
    if let Some(Value::Object(config)) = written.get_mut("config") {
        config.extend(held);
    }
    if let Some(shapes) = built_with_states(calls.as_deref()) {
        written.insert("build_config".into(), shapes);
    } else if let Some(shapes) = shapes_by_name(&piece) {
        written.insert("build_config".into(), json!({ "shapes_dict": shapes }));
    } else if let Some(shape) = built_for(&written, &piece, calls.as_deref()) {
        written.insert("build_config".into(), json!({ "input_shape": shape }));
    } else if card(&piece.class_name).build_config == BuildConfig::Empty {
        written.insert("build_config".into(), json!({}));
    }
    if nested {
        written.insert("compile_config".into(), json!({}));
    }
    if let Some(calls) = calls {
        written.insert("name".into(), piece.name.into());
        written.insert("inbound_nodes".into(), calls.into());
    }
    written.into()
}

/// What a layer was built for whose inputs have names.
fn shapes_by_name(piece: &Piece) -> Option<Map<String, Value>> {
    let names = Registry::input_names(&piece.class_name);
    let shapes = names.iter().zip(&piece.inputs);
    let shapes: Map<String, Value> =
        shapes.map(|(name, shape)| (format!("{name}_shape"), json!(shape))).collect();
    (!shapes.is_empty()).then_some(shapes)
}

/// The entry of an operation, which is complete as it is.
fn operation(mut piece: Piece) -> Value {
    let config = std::mem::take(&mut piece.config);
    let mut written = piece.entry(config);
    written.insert("name".into(), piece.name.into());
    written.insert("inbound_nodes".into(), piece.calls.unwrap_or_default().into());
    written.into()
}

/// The shape for which Keras says that a layer was built: those of all inputs of a layer that merges
/// them, and null for a functional model.
fn built_for(entry: &Map<String, Value>, piece: &Piece, calls: Option<&[Value]>) -> Option<Value> {
    if entry.get("config")?.get("input_layers").is_some() {
        return Some(Value::Null);
    }
    let inputs = calls.and_then(|calls| calls.first()?.pointer("/args/0")?.as_array());
    if let Some(inputs) = inputs {
        return inputs.iter().map(|input| input.pointer("/config/shape").cloned()).collect();
    }
    let is_built = entry["class_name"] == "Sequential" || says_build(piece);
    piece.input.as_ref().filter(|_| is_built).map(|shape| json!(shape))
}

/// What a recurrent layer was built for that was first called with states.
fn built_with_states(calls: Option<&[Value]>) -> Option<Value> {
    let call = calls?.first()?;
    let shape = |tensor: &Value| tensor.pointer("/config/shape").cloned();
    let states = match call.pointer("/kwargs/initial_state")? {
        Value::Array(states) => states.iter().map(shape).collect::<Option<Value>>()?,
        state => shape(state)?,
    };
    let sequences = shape(call.pointer("/args/0")?)?;
    let shapes = json!({ "sequences_shape": sequences, "initial_state_shape": states });
    Some(json!({ "shapes_dict": shapes }))
}

/// A layer with weights that stands in for an activation takes what its holder has made. Keras makes
/// its weights only if it is told. A model in that place is told, too, lest it keep to the size of
/// the first batch.
fn say_what_activations_are_built_for(entry: &mut Map<String, Value>, piece: &Piece) {
    let Some(output) = &piece.output else { return };
    let Some(Value::Object(config)) = entry.get_mut("config") else { return };
    // An LSTM applies them to one time.
    let within = card(&piece.class_name).functions_within.is_some();
    let shape = match output.axes() {
        [batch, .., units] if within => json!([batch, units]),
        _ => json!(output),
    };
    for key in KEYS {
        let Some(Value::Object(held)) = config.get_mut(key) else { continue };
        let class_name = held.get("class_name").and_then(Value::as_str).unwrap_or_default();
        let is_model = class_name == "Sequential";
        if is_model || class_name == "PReLU" {
            held.insert("build_config".into(), json!({ "input_shape": shape }));
        }
        if is_model {
            held.insert("compile_config".into(), json!({}));
            build_model(held, &shape);
        }
    }
}

/// Says in a model's entry what the model is built for.
fn build_model(entry: &mut Map<String, Value>, shape: &Value) {
    let Some(Value::Object(config)) = entry.get_mut("config") else { return };
    config.insert("build_input_shape".into(), shape.clone());
    let Some(Value::Array(layers)) = config.get_mut("layers") else { return };
    for layer in layers.iter_mut().filter(|layer| layer["class_name"] == "Rescaling") {
        layer["build_config"] = json!({ "input_shape": shape });
    }
    let own = json!({ "batch_shape": shape, "dtype": "float32", "name": "input_layer" });
    let input = input3(own.as_object().cloned().unwrap_or_default());
    layers.insert(
        0,
        json!({
            "module": "keras.layers", "class_name": "InputLayer", "config": input,
            "registered_name": null,
        }),
    );
}

/// Whether Keras says what the layer was built for: those that make something, and some
/// more.
fn says_build(piece: &Piece) -> bool {
    match card(&piece.class_name).build_config {
        BuildConfig::Weighs => piece.weighs,
        BuildConfig::Always => true,
        BuildConfig::Never | BuildConfig::Empty => false,
    }
}

/// A policy of that name, as layers have it since Keras 3.4.
fn policy(name: &str) -> Value {
    json!({
        "module": "keras", "class_name": "DTypePolicy",
        "config": { "name": name }, "registered_name": null,
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
        let text = "a model of Rescaling(0.2, 0.5) and ReLU(max_value=1), which is the same";
        out.note(path, "", text);
        return complete_object(keras2_hard_sigmoid(), path, out);
    }
    let Some((class_name, config)) = take_config(&mut entry) else { return entry };
    let short = out.words == Words::Keras3Short;
    let config = match class_name.as_str() {
        "ThresholdedReLU" => {
            out.note(path, "class_name", "`ReLU` with a threshold, which is the same");
            entry.insert("class_name".into(), "ReLU".into());
            thresholded_relu(config)
        }
        "Identity" if !short && config.contains_key("gain") => identity(config),
        "GlorotNormal" | "GlorotUniform" | "HeNormal" | "HeUniform" | "LecunNormal"
        | "LecunUniform" | "VarianceScaling"
            if !short =>
        {
            scaling(config)
        }
        "RandomNormal" | "RandomUniform" | "TruncatedNormal" | "Orthogonal" if !short => {
            ordered(config, &["seed"])
        }
        class_name => {
            let card = card(class_name);
            let config = (card.keras3)(config);
            if short { config } else { (card.complete)(config) }
        }
    };
    entry.insert("config".into(), dtype(&class_name, config, out).into());
    entry
}

/// The hard_sigmoid of Keras 2, which has no name in Keras 3, as a model in its place.
fn keras2_hard_sigmoid() -> Map<String, Value> {
    let layers = hard_sigmoid(0.2).map(|(class_name, own)| {
        let name = snake_case(class_name);
        let mut config = Map::from_iter([("name".to_owned(), name.into())]);
        config.extend([("trainable".into(), true.into()), ("dtype".into(), "float32".into())]);
        config.extend(own);
        json!({
            "module": "keras.layers", "class_name": class_name, "config": config,
            "registered_name": null,
        })
    });
    let config = json!({
        "name": "keras2_hard_sigmoid", "trainable": true, "dtype": "float32", "layers": layers,
    });
    Map::from_iter([
        ("module".to_owned(), "keras".into()),
        ("class_name".to_owned(), "Sequential".into()),
        ("config".to_owned(), config),
        ("registered_name".to_owned(), Value::Null),
    ])
}

/// The dtype of a layer is a policy; few have the plain name, and what came before Keras 3.4.
fn dtype(class_name: &str, mut config: Map<String, Value>, out: &Out) -> Map<String, Value> {
    let plain = card(class_name).plain_dtype || out.words == Words::Keras3Short;
    if let Some(dtype) = config.get_mut("dtype").filter(|_| !plain)
        && let Some(name) = dtype.as_str()
    {
        *dtype = policy(name);
    }
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
