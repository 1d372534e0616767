//! What recurrent layers hold: cells, and layers.

use ceratops_core::{Result, Shape};
use serde_json::{Map, Value, json};

use super::{super::card, Config};
use crate::json::{
    Words,
    log::join,
    write::{Out, piece::Piece},
};

/// Where entries stand that a recurrent layer holds.
const HELD: [&str; 3] = ["layer", "backward_layer", "cell"];

/// Does something with each entry that a layer holds, as a piece of its own; with the innermost first.
pub(in crate::json) fn each(
    piece: &mut Piece,
    act: &mut dyn FnMut(&mut Piece) -> Result<()>,
) -> Result<()> {
    let mut config = std::mem::take(&mut piece.config);
    let path = join(&piece.path, "config");
    let mut of = |key: &str, entry: &mut Value| -> Result<()> {
        let path = join(&path, key);
        let Some(class_name) = entry.get("class_name").and_then(Value::as_str) else {
            return Ok(());
        };
        let class_name = class_name.to_owned();
        let Some(Value::Object(own)) = entry.get_mut("config").map(Value::take) else {
            return Ok(());
        };
        let mut held = Piece { class_name, config: own, path, ..piece.clone() };
        each(&mut held, act)?;
        act(&mut held)?;
        entry["config"] = held.config.into();
        Ok(())
    };
    let mut result = Ok(());
    for key in HELD {
        if let Some(entry) = config.get_mut(key) {
            result = result.and_then(|()| of(key, entry));
        }
    }
    for (i, entry) in
        config.get_mut("cells").and_then(Value::as_array_mut).into_iter().flatten().enumerate()
    {
        result = result.and_then(|()| of(&format!("cells[{i}]"), entry));
    }
    piece.config = config;
    result
}

/// Does something with the entry of all that is held.
pub(in crate::json) fn entries(
    config: &mut Map<String, Value>,
    act: &mut dyn FnMut(&mut Map<String, Value>),
) {
    let mut of = |entry: &mut Value| {
        let Value::Object(entry) = entry else { return };
        if let Some(Value::Object(own)) = entry.get_mut("config") {
            entries(own, act);
        }
        act(entry);
    };
    HELD.iter().for_each(|key| config.get_mut(*key).into_iter().for_each(&mut of));
    config.get_mut("cells").and_then(Value::as_array_mut).into_iter().flatten().for_each(of);
}

/// Names the functions of all that is held as TensorFlow.js does.
pub(super) fn name_functions(piece: &mut Piece, out: &mut Out) -> Result<()> {
    each(piece, &mut |held| match card(&held.class_name).functions_within {
        Some(_) if HELD.iter().any(|key| held.config.contains_key(*key)) => Ok(()),
        Some(name_functions) => name_functions(held, out),
        None => Ok(()),
    })
}

/// The second layer as Keras makes it of the first one, unless it is given.
fn turned(layer: &Value) -> Value {
    let mut turned = layer.clone();
    let backwards = turned.pointer("/config/go_backwards") == Some(&Value::Bool(true));
    turned["config"]["go_backwards"] = (!backwards).into();
    turned
}

/// Takes away how a layer is named for where it walks to.
fn without_prefix(layer: &mut Value, prefix: &str) {
    let name = layer.pointer("/config/name").and_then(Value::as_str).unwrap_or_default();
    let plain = name.strip_prefix(prefix).unwrap_or(name).to_owned();
    layer["config"]["name"] = plain.into();
}

/// The config of a Bidirectional as Keras 2 has it: the layer as it was given, and the second one only
/// if it is another.
pub(super) fn keras2(mut config: Config) -> Config {
    for (key, prefix) in [("layer", "forward_"), ("backward_layer", "backward_")] {
        let Some(layer) = config.get_mut(key) else { continue };
        without_prefix(layer, prefix);
        // It is so by itself.
        if let Some(Value::Object(own)) = layer.get_mut("config") {
            own.shift_remove("zero_output_for_mask");
        }
    }
    if config.get("layer").map(turned).as_ref() == config.get("backward_layer") {
        config.shift_remove("backward_layer");
    }
    config
}

/// TensorFlow.js takes no second layer.
pub(super) fn one_kind(piece: &Piece, words: Words) -> Result<()> {
    let tfjs = matches!(words, Words::TensorFlowJs | Words::Portable);
    if tfjs && keras2(piece.config.clone()).contains_key("backward_layer") {
        let reason = "TensorFlow.js makes the second layer of the first one and takes no other; write \
                      the file for Keras";
        return Err(piece.error("backward_layer", reason));
    }
    let stacked = piece.config["layer"].pointer("/config/cell/class_name");
    if tfjs && stacked.is_some_and(|class| class == "StackedRNNCells") {
        let reason = "TensorFlow.js cannot read cells that are stacked within a Bidirectional; write the \
                      file for Keras";
        return Err(piece.error("layer", reason));
    }
    Ok(())
}

/// Says what the cells, and in Keras 3 the layers, within a layer are built for.
pub(in crate::json) fn say_what_for(config: &mut Map<String, Value>, input: &Shape, layers: bool) {
    let both = layers && config.contains_key("backward_layer");
    for key in ["layer", "backward_layer"] {
        let Some(Value::Object(entry)) = config.get_mut(key).filter(|_| both) else { continue };
        entry.insert("build_config".into(), json!({ "input_shape": input }));
        if let Some(Value::Object(own)) = entry.get_mut("config") {
            say_what_for(own, input, layers);
        }
    }
    let Some(Value::Object(cell)) = config.get_mut("cell") else { return };
    let mut step = input.axes().to_vec();
    step.remove(1.min(step.len().saturating_sub(1)));
    let shape = json!(Shape::from(step.clone()));
    cell.insert("build_config".into(), json!({ "input_shape": shape }));
    let cells = cell.get_mut("config").and_then(|config| config.get_mut("cells"));
    for cell in cells.and_then(Value::as_array_mut).into_iter().flatten() {
        let shape = json!(Shape::from(step.clone()));
        let units = cell.pointer("/config/units").and_then(Value::as_u64);
        cell["build_config"] = json!({ "input_shape": shape });
        if let Some(last) = step.last_mut() {
            *last = units.map(|units| units as usize);
        }
    }
}
