//! Merging layers, and layers that are called several times, as TensorFlow.js has them.

use ceratops_core::Result;
use serde_json::{Value, json};

use super::{
    Out,
    equals::{Names, free_name, stand_in},
    piece::Piece,
};

/// The layers as TensorFlow.js has them.
///
/// There is no Subtract: what is taken away is turned round by a Rescaling, and added.
pub(super) fn spelled(pieces: Vec<Piece>, out: &mut Out) -> Vec<Piece> {
    let mut taken: Names = pieces.iter().map(|piece| piece.name.clone()).collect();
    let mut layers = Vec::with_capacity(pieces.len());
    for mut piece in pieces {
        if piece.class_name == "Subtract" {
            let name = free_name(&format!("{}_rescaling", piece.name), &mut taken);
            let text = format!("`Add`, with Rescaling(-1) \"{name}\" before its second input");
            out.note(&piece.path, "class_name", text);
            layers.push(turned(&mut piece, name));
            piece.class_name = "Add".into();
        }
        axes_from_the_start(&mut piece);
        layers.push(piece);
    }
    layers
}

/// The Rescaling that turns the second input of each call of `piece`, which then takes what it makes.
fn turned(piece: &mut Piece, name: String) -> Piece {
    let config = json!({ "scale": -1.0, "offset": 0.0 });
    let config = config.as_object().cloned().unwrap_or_default();
    let mut calls = Vec::new();
    for (i, call) in piece.calls.iter_mut().flatten().enumerate() {
        let made = json!({
            "class_name": "__keras_tensor__", "config": { "keras_history": [name, i, 0] },
        });
        if let Some(second) = call.pointer_mut("/args/0/1") {
            let second = std::mem::replace(second, made);
            calls.push(json!({ "args": [second], "kwargs": {} }));
        }
    }
    Piece { calls: Some(calls), ..stand_in(piece, "Rescaling", config, name) }
}

/// Concatenate takes each negative axis for the last one there, and Dot no negative ones in a list.
fn axes_from_the_start(piece: &mut Piece) {
    let Some(shapes) = piece.calls.iter().flatten().next().map(shapes) else { return };
    let from_the_start = |axis: &mut Value, shape: Option<&Value>| {
        let ndim =
            shape.and_then(Value::as_array).and_then(|shape| i64::try_from(shape.len()).ok());
        if let (Some(old @ ..0), Some(ndim)) = (axis.as_i64(), ndim) {
            *axis = (old + ndim).into();
        }
    };
    let key = match piece.class_name.as_str() {
        "Concatenate" => "axis",
        "Dot" => "axes",
        _ => return,
    };
    match piece.config.get_mut(key) {
        Some(Value::Array(axes)) => {
            axes.iter_mut()
                .zip(&shapes)
                .for_each(|(axis, shape)| from_the_start(axis, Some(shape)));
        }
        Some(axis) if key == "axis" => from_the_start(axis, shapes.first()),
        _ => {}
    }
}

/// Refuses what TensorFlow.js computes otherwise, or cannot.
pub(super) fn check(piece: &Piece) -> Result<()> {
    let calls: Vec<Vec<Value>> = piece.calls.iter().flatten().map(shapes).collect();
    let ndim = |shape: &Value| shape.as_array().map_or(0, Vec::len);
    if piece.class_name == "Dot" && calls.iter().flatten().any(|shape| ndim(shape) > 3) {
        let reason = "TensorFlow.js takes no tensors of more than three axes here; use a Reshape \
                      before, or write the file for Keras 3";
        return Err(piece.error("", reason));
    }
    let differ = |by: fn(&Value) -> Value| {
        let mut shapes = calls.iter().flatten().map(by);
        shapes.next().is_some_and(|first| shapes.any(|other| other != first))
    };
    let depends = match piece.class_name.as_str() {
        "Reshape" => differ(Value::clone),
        "Concatenate" | "Flatten" | "Softmax" => {
            differ(|shape| shape.as_array().map_or(0, Vec::len).into())
        }
        _ => false,
    };
    if depends {
        let reason = "it is called on inputs of different shapes, for each of which TensorFlow.js \
                      needs other arguments; give each call a layer of its own";
        return Err(piece.error("", reason));
    }
    Ok(())
}

/// The shapes of the tensors that a call takes.
fn shapes(call: &Value) -> Vec<Value> {
    fn gather(args: &Value, found: &mut Vec<Value>) {
        match args {
            Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
            tensor => found.extend(tensor.pointer("/config/shape").cloned()),
        }
    }
    let mut found = Vec::new();
    gather(&call["args"], &mut found);
    found
}
