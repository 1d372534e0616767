//! The words of TensorFlow.js, and those that Keras 2, Keras 3 and TensorFlow.js all read: bare
//! entries of class name and config.

use ceratops_core::{Result, Shape};
use ceratops_layers::Registry;
use serde_json::{Map, Value, json};

use super::{
    Out, Words,
    equals::{Names, split},
    governing,
    graph::{self, Ends, Writing},
    merging, names,
    piece::Piece,
};
use crate::json::{
    classes::{card, held},
    log::join,
    shown,
};

const BEFORE: &[&str] = &["name", "trainable"];

/// A model's document.
pub(super) fn document(model: Piece, out: &mut Out) -> Result<Value> {
    let mut document = whole(model, out)?;
    // The version is that of a Keras 2 from which Keras 3 takes old words, too.
    let (version, backend) = match out.words {
        Words::Portable => {
            document["module"] = "keras".into();
            document["registered_name"] = Value::Null;
            ("2.15.0", "tensorflow")
        }
        _ => ("tfjs-layers 4.22.0", "tensor_flow.js"),
    };
    document["keras_version"] = version.into();
    document["backend"] = backend.into();
    Ok(document)
}

/// The class and the config of a model, its layers within.
fn whole(model: Piece, out: &mut Out) -> Result<Value> {
    let (class_name, config) = match Ends::of(&model) {
        None => (model.class_name.clone(), chain(model, out)?),
        // The name until Keras 2.4, which all know; TensorFlow.js writes it still.
        Some(ends) => ("Model".into(), functional(model, ends, out)?),
    };
    Ok(json!({ "class_name": class_name, "config": config }))
}

/// The config of a functional model.
fn functional(mut model: Piece, ends: Ends, out: &mut Out) -> Result<Value> {
    let pieces = model.layers.take().unwrap_or_default();
    let nested = if model.path.is_empty() {
        pieces.iter().find(|piece| piece.layers.is_some())
    } else {
        Some(&model)
    };
    if let (Words::Portable, Some(nested)) = (out.words, nested) {
        let reason = "a model in a functional one, and a functional one in any, is called otherwise in \
                      Keras 3 than in Keras 2 and TensorFlow.js; write the file for one reader";
        return Err(nested.error("", reason));
    }
    pieces.iter().try_for_each(merging::check)?;
    model.layers = Some(merging::spelled(pieces, out));
    let entry = |mut piece: Piece, out: &mut Out| match piece.class_name.as_str() {
        "InputLayer" => {
            let shape = piece.input.take().unwrap_or_default();
            Ok(input_layer(&piece, &shape))
        }
        _ => member(piece, out),
    };
    graph::config(model, ends, &Writing { split, entry }, out)
}

/// The entry of a layer or a model within a model.
fn member(piece: Piece, out: &mut Out) -> Result<Value> {
    if piece.layers.is_some() { whole(piece, out) } else { entry(piece, out) }
}

/// The config of a Sequential: its name and its layers.
fn chain(mut model: Piece, out: &mut Out) -> Result<Value> {
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
        for piece in split(piece, &mut taken, out)? {
            layers.push(member(piece, out)?);
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
    let card = card(&piece.class_name);
    (card.check)(&piece, out.words)?;
    held::each(&mut piece, &mut |held| {
        (self::card(&held.class_name).check)(held, out.words)?;
        let mut config = std::mem::take(&mut held.config);
        config.shift_remove("dtype");
        held.config = words(held, config)?;
        Ok(())
    })?;
    held::entries(&mut piece.config, &mut |entry| {
        entry.retain(|key, _| key == "class_name" || key == "config");
        if out.words == Words::Portable {
            entry.insert("module".into(), "keras.layers".into());
            entry.insert("registered_name".into(), Value::Null);
        }
    });
    let mut config = std::mem::take(&mut piece.config);
    for weight in &piece.unconstrained {
        let key = format!("{}_constraint", weight.strip_suffix("_kernel").unwrap_or(weight));
        constraint(&key, &mut config, &piece, out);
    }
    config.shift_remove("dtype");
    if Registry::is_builtin(&piece.class_name) {
        config = words(&piece, config)?;
    } else {
        out.keep(&piece.path, "class_name", "whoever reads this must know this class of your own");
    }
    let held = piece.write_held(|held| {
        let held = member(held.whole(split, out)?, out)?;
        Ok(if out.words == Words::Portable { with_module(held) } else { held })
    })?;
    config.extend(held.into_iter().map(|(key, entry)| (key.to_owned(), entry)));
    Ok(json!({ "class_name": piece.class_name, "config": config }))
}

/// The entry of a layer within another one, where Keras 3 must be told whence it is.
fn with_module(mut entry: Value) -> Value {
    let is_model = entry["config"]["layers"].is_array();
    entry["module"] = if is_model { "keras" } else { "keras.layers" }.into();
    entry["registered_name"] = Value::Null;
    entry
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

/// The config of a known class; what the other programs do not know is refused.
fn words(piece: &Piece, mut config: Map<String, Value>) -> Result<Map<String, Value>> {
    let card = card(&piece.class_name);
    let Some(known) = card.tfjs else {
        let reason = "TensorFlow.js has no such layer; use others that it has, or write a .keras or .h5 \
                      file";
        return Err(piece.error("", reason));
    };
    config = (card.bare)(config, piece);
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
