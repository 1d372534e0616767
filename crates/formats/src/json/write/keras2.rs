//! The words of Keras 2, as tf_keras 2.21 writes them.

use ceratops_core::{Result, Shape};
use ceratops_layers::Registry;
use serde_json::{Map, Value, json};

use super::{
    Out, Words, activations,
    equals::{Names, split_functions},
    graph::{self, Ends, Writing},
    mode::Calls,
    names,
    piece::{Piece, ordered, take_config},
};
use crate::json::{
    activations::KEYS,
    classes::{card, held, thresholded_relu},
};

/// The version that a document says it is of.
const VERSION: &str = "2.21.0";

/// A model's document.
pub(super) fn document(model: Piece, out: &mut Out) -> Result<Value> {
    let (class_name, config) = model_config(model, out)?;
    Ok(json!({
        "class_name": class_name, "config": config,
        "keras_version": VERSION, "backend": "tensorflow",
    }))
}

/// The class and the config of a model: its name and its layers.
fn model_config(model: Piece, out: &mut Out) -> Result<(String, Value)> {
    if let Some(ends) = Ends::of(&model) {
        let write =
            Writing { split: split_functions, entry: |piece, out| entry(piece, false, out) };
        let mut config = graph::config(model, ends, &write, out)?;
        config["trainable"] = true.into();
        return Ok(("Functional".into(), config));
    }
    let calls = Calls::of(&model)?;
    let class_name = model.class_name.clone();
    let (name, pieces) = (model.name.clone(), model.layers.unwrap_or_default());
    let first = first_named_by_its_input(&pieces);
    let mut taken: Names = pieces.iter().map(|piece| piece.name.clone()).collect();
    let mut layers = Vec::with_capacity(pieces.len());
    for piece in pieces {
        names::check(&piece, out)?;
        for piece in split_functions(piece, &mut taken, out)? {
            layers.push(entry(piece, layers.len() == 1 && first, out)?);
        }
    }
    Ok(match calls {
        Some(calls) => ("Functional".into(), calls.functional(&name, layers)),
        None => (class_name, json!({ "name": name, "layers": layers })),
    })
}

/// Keras 2 repeats the shape of the input on the first layer where that layer had named it; the
/// Input has then its name from the layer.
fn first_named_by_its_input(pieces: &[Piece]) -> bool {
    matches!(pieces, [input, first, ..] if first.layers.is_none()
        && input.name == format!("{}_input", first.name))
}

fn entry(mut piece: Piece, repeats_input: bool, out: &mut Out) -> Result<Value> {
    let built = piece.input.clone().filter(|_| piece.class_name != "InputLayer");
    if piece.layers.is_some() {
        let (class_name, config) = model_config(piece, out)?;
        let entry = json!({
            "module": "keras", "class_name": class_name, "config": config, "registered_name": null,
        });
        return Ok(with_build(entry, built.as_ref()));
    }
    if Registry::is_builtin(&piece.class_name) {
        activations::spell(&mut piece, out)?;
        thresholded(&mut piece, out);
        of_keras2_alone(&piece, out);
    }
    (card(&piece.class_name).check)(&piece, out.words)?;
    let mut config = config(&piece.class_name, std::mem::take(&mut piece.config), &piece);
    let held = piece.write_held(|held| within(held, out))?;
    config.extend(held.into_iter().map(|(key, entry)| (key.to_owned(), entry)));
    if out.words == Words::Keras2And3 {
        // Keras 3 refuses to be told of what kind of generator a layer draws, and that a
        // Discretization could learn.
        config.shift_remove("rng_type");
        if piece.class_name == "Discretization" {
            config.shift_remove("trainable");
        }
    }
    if let Some(shape) = &built {
        held::say_what_for(&mut config, shape, false);
    }
    if let Some(shape) = built.as_ref().filter(|_| repeats_input) {
        config.insert("batch_input_shape".into(), json!(shape));
        config = ordered(config, &["name", "trainable", "dtype", "batch_input_shape"]);
    }
    Ok(with_build(piece.entry(config).into(), built.as_ref()))
}

/// The entry of a layer that another one holds.
fn within(piece: Piece, out: &mut Out) -> Result<Value> {
    let piece = piece.whole(split_functions, out)?;
    let is_graph = Ends::of(&piece).is_some();
    if is_graph && out.words == Words::Keras2And3 {
        let text = "Keras 2 opens a functional model there, Keras 3 refuses it: write keras3-h5 or a \
                    .keras file for it";
        out.keep(&piece.path, "", text);
    }
    let mut entry = entry(piece, false, out)?;
    if out.words == Words::Keras2And3 {
        for_both(&mut entry);
    }
    Ok(entry)
}

/// Of what Keras 2 says of a layer, Keras 3 passes over at the top what it does not know; within another
/// layer it refuses that. Without, Keras 2 reads the same.
fn for_both(entry: &mut Value) {
    let is_input = entry["class_name"] == "InputLayer";
    let Some(Value::Object(config)) = entry.get_mut("config").filter(|_| !is_input) else { return };
    for key in ["batch_input_shape", "implementation", "input_length", "time_major"] {
        config.shift_remove(key);
    }
    if let Some(axis) = config.get_mut("axis")
        && let Some([only]) = axis.as_array().map(Vec::as_slice)
    {
        *axis = only.clone();
    }
    config.get_mut("layers").and_then(Value::as_array_mut).into_iter().flatten().for_each(for_both);
}

/// Keras 3 has no ThresholdedReLU; `ReLU(threshold=theta)` is the same function to both.
fn thresholded(piece: &mut Piece, out: &mut Out) {
    if piece.class_name == "ThresholdedReLU" && out.words == Words::Keras2And3 {
        out.note(&piece.path, "class_name", "`ReLU` with a threshold, which is the same");
        piece.class_name = "ReLU".into();
        piece.config = thresholded_relu(std::mem::take(&mut piece.config));
    }
}

/// Keras 3 has no layers that draw the size of images.
fn of_keras2_alone(piece: &Piece, out: &mut Out) {
    if ["RandomHeight", "RandomWidth"].contains(&piece.class_name.as_str())
        && out.words == Words::Keras2And3
    {
        let class = &piece.class_name;
        let text = format!("{class}, which Keras 2 has; Keras 3 refuses the file");
        out.note(&piece.path, "class_name", &text);
    }
}

/// Each built layer says what for.
fn with_build(mut entry: Value, shape: Option<&Shape>) -> Value {
    if let Some(shape) = shape {
        entry["build_config"] = json!({ "input_shape": shape });
    }
    entry
}

/// The config of a layer, or of one that stands in for an activation.
fn config(class_name: &str, config: Map<String, Value>, piece: &Piece) -> Map<String, Value> {
    // What a layer holds is built otherwise than what stands in for an activation.
    let holder = Piece { output: None, ..piece.clone() };
    let inner = |(key, value): (String, Value)| {
        let piece = if KEYS.contains(&key.as_str()) { piece } else { &holder };
        (key, inner_entry(value, piece))
    };
    let config = config.into_iter().map(inner).collect();
    (card(class_name).keras2)(config, piece)
}

/// An entry within a layer's config. A layer that stands in for an activation takes what its
/// holder has made.
fn inner_entry(value: Value, piece: &Piece) -> Value {
    let mut entry = match value {
        Value::Object(entry) => entry,
        Value::Array(items) => {
            return items.into_iter().map(|item| inner_entry(item, piece)).collect();
        }
        value => return value,
    };
    let Some((class_name, own)) = take_config(&mut entry) else { return entry.into() };
    let is_layer = own.contains_key("dtype");
    let own = match class_name.as_str() {
        // Seeds come last in Keras 2.
        _ if own.contains_key("seed") && !is_layer => {
            let mut own = own;
            let seed = own.shift_remove("seed").unwrap_or_default();
            own.insert("seed".into(), seed);
            own
        }
        _ => config(&class_name, own, piece),
    };
    entry.insert("config".into(), own.into());
    with_build(entry.into(), piece.output.as_ref().filter(|_| is_layer))
}
