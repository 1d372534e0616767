//! Operations for those who read them: Keras 3 as they are, Keras 2 as functions of TensorFlow.

use ceratops_core::Result;
use serde_json::{Map, Value, json};

use super::tensorflow;
use crate::json::write::{Out, Words, piece::Piece};

/// Refuses operations that a reader does not know, and notes those that one of two readers does not.
pub(in crate::json) fn check(piece: &Piece, out: &Out) -> Result<()> {
    if piece.is_operation() {
        match out.words {
            Words::Keras3 | Words::Keras3Short if piece.module() == "keras.src.ops.tensorflow" => {
                return Err(
                    piece.error("", "Keras 3 has no such operation; write the file for Keras 2")
                );
            }
            Words::Portable | Words::TensorFlowJs => {
                let reason = "TensorFlow.js has no operations, and no layer that computes this; use layers \
                              that it has, or write the file for Keras 3";
                return Err(piece.error("", reason));
            }
            _ => {}
        }
    }
    piece.layers.iter().flatten().try_for_each(|layer| check(layer, out))
}

/// The entry of an operation as Keras 2 has it; `link` says how a tensor is named there.
pub(in crate::json) fn keras2(piece: &Piece, link: impl Fn(&[Value]) -> Value) -> Result<Value> {
    let unknown = |what: &str| {
        piece.error("", format!("Keras 2 has no such operation{what}; write the file for Keras 3"))
    };
    let piece = &as_functions(piece);
    let (function, names) = tensorflow::function(&piece.class_name).ok_or_else(|| unknown(""))?;
    let mut calls = Vec::new();
    for call in piece.calls.iter().flatten() {
        let mut settings = piece.config.clone();
        settings.extend(call["kwargs"].as_object().cloned().unwrap_or_default());
        settings.shift_remove("name");
        for (key, value) in spelled(piece, &mut settings).map_err(|what| unknown(&what))? {
            settings.insert(key, value);
        }
        let mut kwargs = Map::new();
        for (ours, value) in settings.into_iter().filter(|(_, value)| !value.is_null()) {
            let theirs = names.iter().find(|(_, own)| **own == ours);
            let (theirs, _) = theirs.ok_or_else(|| unknown(&format!(" with {ours} = {value}")))?;
            kwargs.insert((*theirs).to_owned(), value);
        }
        let args = call["args"].as_array().map_or(&[][..], Vec::as_slice);
        for (place, arg) in args.iter().enumerate().skip(1).filter(|(_, arg)| !arg.is_null()) {
            let theirs = names.iter().find(|(_, own)| own.parse() == Ok(place));
            let (theirs, _) = theirs.ok_or_else(|| unknown(" with these arguments"))?;
            let value = argument(arg, &link);
            let is_operand = !matches!(piece.class_name.as_str(), "GetItem" | "Take");
            let value = if is_operand { fractions(value) } else { value };
            kwargs.insert((*theirs).to_owned(), value);
        }
        let input = |arg: &Value| match history(arg) {
            Some(history) => {
                let tensor = link(history);
                json!([tensor[0], tensor[1], tensor[2], kwargs])
            }
            None => json!(["_CONSTANT_VALUE", -1, fractions(argument(arg, &link)), kwargs]),
        };
        calls.push(match args.first() {
            Some(Value::Array(items)) if items.iter().any(|item| history(item).is_some()) => {
                items.iter().map(input).collect()
            }
            Some(first) => input(first),
            None => return Err(unknown(" without arguments")),
        });
    }
    let class_name = if piece.class_name == "GetItem" { "SlicingOpLambda" } else { "TFOpLambda" };
    Ok(json!({
        "class_name": class_name,
        "config": {
            "name": piece.name, "trainable": true, "dtype": "float32", "function": function,
        },
        "name": piece.name,
        "inbound_nodes": calls,
    }))
}

/// The same as an operation that TensorFlow has a function for, where it has none for this one.
fn as_functions(piece: &Piece) -> Piece {
    let mut piece = piece.clone();
    let ndim = piece.input.as_ref().map_or(0, |shape| shape.ndim());
    let place = |axis: &Value| {
        let axis = axis.as_i64()?;
        usize::try_from(if axis < 0 { axis + i64::try_from(ndim).ok()? } else { axis }).ok()
    };
    match piece.class_name.as_str() {
        "Swapaxes" => {
            let axes = (place(&piece.config["axis1"]), place(&piece.config["axis2"]));
            if let (Some(a), Some(b)) = axes
                && a.max(b) < ndim
            {
                let mut order: Vec<usize> = (0..ndim).collect();
                order.swap(a, b);
                piece.class_name = "Transpose".into();
                piece.config = Map::from_iter([("axes".to_owned(), json!(order))]);
            }
        }
        "Einsum" => {
            let flags = [(true, false), (false, true), (true, true)];
            let is_this =
                |(a, b): &(bool, bool)| piece.config["subscripts"] == tensorflow::turned(*a, *b);
            if let Some((a, b)) = flags.into_iter().find(is_this) {
                piece.class_name = "Matmul".into();
                let flags = [("transpose_a", a), ("transpose_b", b)];
                piece.config =
                    flags.into_iter().map(|(key, flag)| (key.to_owned(), flag.into())).collect();
            }
        }
        _ => {}
    }
    piece
}

fn history(arg: &Value) -> Option<&[Value]> {
    arg.pointer("/config/keras_history").and_then(Value::as_array).map(Vec::as_slice)
}

/// An argument as TensorFlow takes it: a tensor, numbers, or what stands in brackets.
fn argument(arg: &Value, link: &impl Fn(&[Value]) -> Value) -> Value {
    if let Some(history) = history(arg) {
        return link(history);
    }
    match (arg.get("class_name").and_then(Value::as_str), arg) {
        (Some("__numpy__"), _) => arg["config"]["value"].clone(),
        (Some("__slice__"), _) => arg["config"].clone(),
        (Some("__ellipsis__"), _) => json!({ "class_name": "__ellipsis__" }),
        (_, Value::Array(items)) => items.iter().map(|item| argument(item, link)).collect(),
        _ => arg.clone(),
    }
}

/// Numbers as fractions: TensorFlow adds no whole number to tensors of others. (A tensor's own numbers
/// stand behind its name.)
fn fractions(value: Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) if !items.first().is_some_and(Value::is_string) => {
            items.into_iter().map(fractions).collect()
        }
        other => other,
    }
}

/// Settings that TensorFlow says in another way, taken out of the others and said so.
fn spelled(
    piece: &Piece,
    settings: &mut Map<String, Value>,
) -> std::result::Result<Vec<(String, Value)>, String> {
    let mut said = Vec::new();
    match piece.class_name.as_str() {
        "Normalize" => {
            let least = take(settings, "epsilon").as_f64().unwrap_or(1e-7);
            take(settings, "order");
            said.push(("epsilon".to_owned(), json!(least * least)));
        }
        "Argmax" | "Argmin" if take(settings, "keepdims") == true => {
            return Err(" with keepdims".into());
        }
        "Round" if settings.get("decimals").is_some_and(|decimals| *decimals == 0) => {
            settings.shift_remove("decimals");
        }
        "DepthToSpace" | "SpaceToDepth" => drop(take(settings, "data_format")),
        "Flip" => {
            let axis = take(settings, "axis");
            let axes = if axis.is_array() { axis } else { json!([axis]) };
            said.push(("axis".to_owned(), axes));
        }
        "OneHot" => drop(take(settings, "sparse")),
        "Cumsum" | "Cumprod" => drop(take(settings, "dtype")),
        "Pad" => {
            let mode = take(settings, "mode").as_str().unwrap_or("constant").to_uppercase();
            said.push(("mode".to_owned(), mode.into()));
        }
        "Split" if settings.get("indices_or_sections").is_some_and(Value::is_array) => {
            let lens = lengths(piece, settings).ok_or(" of an axis of unknown length")?;
            said.push(("indices_or_sections".to_owned(), json!(lens)));
        }
        _ => {}
    }
    Ok(said)
}

/// How long the parts of a Split are.
fn lengths(piece: &Piece, settings: &Map<String, Value>) -> Option<Vec<i64>> {
    let shape = piece.input.as_ref()?.axes();
    let axis = settings.get("axis")?.as_i64()?;
    let axis = if axis < 0 { axis + i64::try_from(shape.len()).ok()? } else { axis };
    let len = i64::try_from(shape.get(usize::try_from(axis).ok()?).copied()??).ok()?;
    let cuts = settings.get("indices_or_sections")?.as_array()?.iter().map(Value::as_i64);
    let cuts: Option<Vec<i64>> = cuts.collect();
    let ends = cuts?.into_iter().chain([len]);
    let mut before = 0;
    Some(ends.map(|end| end - std::mem::replace(&mut before, end)).collect())
}

fn take(settings: &mut Map<String, Value>, key: &str) -> Value {
    settings.shift_remove(key).unwrap_or_default()
}
