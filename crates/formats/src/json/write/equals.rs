//! What a reader cannot say, said by layers that compute the same.

use std::collections::HashSet;

use ceratops_core::{Error, Result};
use ceratops_layers::Registry;
use serde_json::{Map, Value, json};

use super::{
    Out, Words,
    activations::{Layer, Spelling, as_layers, function_name, spelled},
    piece::{Piece, take_config},
};
use crate::json::classes::card;

/// The layers without weights that may stand in for an activation.
const RECTIFIERS: [(&str, &str); 7] = [
    ("Activation", "activation"),
    ("ELU", "elu"),
    ("LeakyReLU", "leaky_re_lu"),
    ("ReLU", "re_lu"),
    ("Rescaling", "rescaling"),
    ("Softmax", "softmax"),
    ("ThresholdedReLU", "thresholded_re_lu"),
];

/// The names that layers of one model have.
pub(super) type Names = HashSet<String>;

/// The layers, one or several, that are the same as `piece` to TensorFlow.js.
pub(super) fn split(mut piece: Piece, names: &mut Names, out: &mut Out) -> Result<Vec<Piece>> {
    // What a class of one's own means by its arguments, nobody knows.
    if !Registry::is_builtin(&piece.class_name) || piece.layers.is_some() {
        return Ok(vec![piece]);
    }
    if let Some(name_functions) = card(&piece.class_name).functions_within {
        name_functions(&mut piece, out)?;
        return Ok(vec![piece]);
    }
    let mut split = Vec::new();
    for piece in activation(piece, names, out)? {
        split.extend(rectifier(piece, names, out)?);
    }
    Ok(split)
}

/// The layers, one or several, that are the same as `piece` to Keras 2.
pub(super) fn split_functions(
    piece: Piece,
    names: &mut Names,
    out: &mut Out,
) -> Result<Vec<Piece>> {
    let name = piece.config.get("activation").and_then(function_name);
    let layers = name.and_then(|name| as_layers(name, out.words));
    let within = card(&piece.class_name).functions_within.is_some();
    match layers.filter(|_| Registry::is_builtin(&piece.class_name) && !within) {
        Some(layers) => behind(piece, owned(layers), names, out),
        None => Ok(vec![piece]),
    }
}

impl Piece {
    /// The layer in the reader's words, where one must do.
    pub(super) fn whole(
        self,
        split: impl Fn(Self, &mut Names, &mut Out) -> Result<Vec<Self>>,
        out: &mut Out,
    ) -> Result<Self> {
        let (path, class_name, name) =
            (self.path.clone(), self.class_name.clone(), self.name.clone());
        let mut pieces = split(self, &mut Names::default(), out)?.into_iter();
        match (pieces.next(), pieces.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(Error::config(
                path,
                format!(
                    "{class_name} \"{name}\": {} needs several layers for it, where another layer \
                     holds it; put them into a Sequential there, or write the file for Keras 3",
                    out.words
                ),
            )),
        }
    }
}

/// Class and config of layers that may come from the model.
type Layers = Vec<(String, Map<String, Value>)>;

fn owned(layers: Vec<Layer>) -> Layers {
    layers.into_iter().map(|(class_name, config)| (class_name.to_owned(), config)).collect()
}

/// Names the activation as the reader knows it, or makes layers of it.
fn activation(mut piece: Piece, names: &mut Names, out: &mut Out) -> Result<Vec<Piece>> {
    let Some(layers) = layers_of_activation(&mut piece, out)? else { return Ok(vec![piece]) };
    let mut pieces = behind(piece, layers, names, out)?;
    // A layer that stood in for an activation may have one itself.
    let Some(last) = pieces.pop() else { return Ok(pieces) };
    pieces.extend(activation(last, names, out)?);
    Ok(pieces)
}

/// The piece with `layers` in the place of its activation.
fn behind(
    mut piece: Piece,
    layers: Layers,
    names: &mut Names,
    out: &mut Out,
) -> Result<Vec<Piece>> {
    let stands_alone = piece.class_name == "Activation";
    let count = layers.len();
    let (mut pieces, mut said) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for (i, (class_name, config)) in layers.into_iter().enumerate() {
        let name = if stands_alone && i + 1 == count {
            said.push(class_name.clone());
            piece.name.clone()
        } else {
            let name =
                free_name(&format!("{}_{}", piece.name, suffix(&class_name, &piece)?), names);
            said.push(format!("{class_name} \"{name}\""));
            name
        };
        let stand_in = stand_in(&piece, &class_name, config, name);
        pieces.push(Piece { input: piece.output.clone(), ..stand_in });
    }
    let own = if count == 1 { "a layer of its own" } else { "layers of their own" };
    let place = if stands_alone { "" } else { " behind this one" };
    out.note_in(&piece, "activation", format!("{own}{place}: {}", said.join(", ")));
    if !stands_alone {
        piece.config.insert("activation".into(), "linear".into());
        pieces.insert(0, piece);
    }
    Ok(pieces)
}

/// What the name of a layer that stands in for an activation ends in.
fn suffix(class_name: &str, piece: &Piece) -> Result<&'static str> {
    let known = RECTIFIERS.iter().find(|(known, _)| *known == class_name);
    known.map(|(_, suffix)| *suffix).ok_or_else(|| {
        let reason = format!(
            "in TensorFlow.js an activation cannot be a layer with weights; give the model a layer \
             {class_name} behind this one"
        );
        piece.error("activation", reason)
    })
}

/// Class and config of the layers that the activation is, or must be; none if it has a name.
fn layers_of_activation(piece: &mut Piece, out: &mut Out) -> Result<Option<Layers>> {
    let Some(mut value) = piece.config.get("activation").cloned() else { return Ok(None) };
    let Some(name) = function_name(&value) else {
        return Ok(value.as_object_mut().and_then(take_config).map(|layer| vec![layer]));
    };
    Ok(match spelled(name, piece, "activation", out)? {
        Spelling::Layers(layers) => Some(owned(layers)),
        Spelling::Same(name) => {
            piece.config.insert("activation".into(), name);
            None
        }
    })
}

/// A layer of that class in the place of `piece`.
pub(super) fn stand_in(
    piece: &Piece,
    class_name: &str,
    own: Map<String, Value>,
    name: String,
) -> Piece {
    let mut config = Map::new();
    config.insert("name".into(), name.as_str().into());
    let trainable = piece.config.get("trainable").cloned().unwrap_or(true.into());
    config.insert("trainable".into(), trainable);
    config.insert("dtype".into(), "float32".into());
    config.extend(own.into_iter().filter(|(key, _)| !config_of_all(key)));
    Piece { class_name: class_name.to_owned(), name, config, ..piece.clone() }
}

/// The layers that TensorFlow.js has, in place of those that it lacks.
fn rectifier(piece: Piece, names: &mut Names, out: &mut Out) -> Result<Vec<Piece>> {
    match piece.class_name.as_str() {
        "ReLU" => relu(piece, names, out),
        "ThresholdedReLU" if out.words == Words::Portable => thresholded_relu(piece, out),
        "ELU" => elu(piece, names, out),
        "Identity" => Ok(vec![identity(&piece, out)]),
        "Flatten" if piece.input.as_ref().is_some_and(|shape| shape.ndim() < 3) => {
            Ok(vec![flatten(&piece, out)])
        }
        _ => Ok(vec![piece]),
    }
}

/// Whether every layer has this key.
fn config_of_all(key: &str) -> bool {
    matches!(key, "name" | "trainable" | "dtype")
}

fn number(piece: &Piece, key: &str) -> f64 {
    piece.config.get(key).and_then(Value::as_f64).unwrap_or_default()
}

/// ReLU has only a `max_value` there, and passes over the rest without a word.
fn relu(mut piece: Piece, names: &mut Names, out: &mut Out) -> Result<Vec<Piece>> {
    let (slope, threshold) = (number(&piece, "negative_slope"), number(&piece, "threshold"));
    let max_value = piece.config.get("max_value").filter(|max| !max.is_null()).cloned();
    let thresholded = |name: &str| one(&piece, "ThresholdedReLU", name, "theta", threshold);
    match (slope != 0.0, threshold != 0.0, max_value) {
        (false, false, _) => {
            piece.config.retain(|key, _| key != "negative_slope" && key != "threshold");
            Ok(vec![piece])
        }
        (true, false, None) => {
            out.note_in(&piece, "negative_slope", "LeakyReLU, which is the same");
            Ok(vec![one(&piece, "LeakyReLU", &piece.name, "negative_slope", slope)])
        }
        (false, true, None) if out.words != Words::Portable => {
            out.note_in(&piece, "threshold", "ThresholdedReLU, which is the same");
            Ok(vec![thresholded(&piece.name)])
        }
        (false, true, Some(_)) if out.words != Words::Portable => {
            let name = free_name(&format!("{}_thresholded_re_lu", piece.name), names);
            let text = format!("a layer of its own before this one: ThresholdedReLU \"{name}\"");
            out.note_in(&piece, "threshold", text);
            let before = thresholded(&name);
            piece.config.retain(|key, _| key != "negative_slope" && key != "threshold");
            Ok(vec![before, piece])
        }
        (sloped, ..) => {
            let key = if sloped { "negative_slope" } else { "threshold" };
            let reason = "TensorFlow.js knows no ReLU with these arguments, nor layers that all \
                          readers know and that make the same; use LeakyReLU or a ReLU with no \
                          more than a max_value, or write the file for Keras 3";
            Err(piece.error(key, reason))
        }
    }
}

/// Keras 3 has no ThresholdedReLU, and TensorFlow.js no other word for it.
fn thresholded_relu(piece: Piece, out: &mut Out) -> Result<Vec<Piece>> {
    if number(&piece, "theta") == 0.0 {
        out.note_in(&piece, "theta", "ReLU, which is the same for theta = 0");
        let config = json!({ "max_value": null }).as_object().cloned().unwrap_or_default();
        let name = piece.name.clone();
        return Ok(vec![stand_in(&piece, "ReLU", config, name)]);
    }
    let reason = "Keras 3 has no ThresholdedReLU, and TensorFlow.js no ReLU with a threshold; \
                  write the file for one of them";
    Err(piece.error("theta", reason))
}

/// Flatten refuses an input that is flat there. Its `target_shape` is found as that of any Reshape.
fn flatten(piece: &Piece, out: &mut Out) -> Piece {
    out.note(&piece.path, "class_name", "`Reshape`, which is the same for a flat input");
    let config = Map::from_iter([("target_shape".to_owned(), json!([-1]))]);
    stand_in(piece, "Reshape", config, piece.name.clone())
}

/// There is no Identity, and Keras 2 has one only since 2.11.
fn identity(piece: &Piece, out: &mut Out) -> Piece {
    out.note(&piece.path, "class_name", "`Activation` of `linear`, which is the same");
    let config = Map::from_iter([("activation".to_owned(), "linear".into())]);
    stand_in(piece, "Activation", config, piece.name.clone())
}

/// ELU has alpha = 1 there. LeakyReLU(alpha) behind it makes of exp(x) - 1, which is negative,
/// alpha (exp(x) - 1), and leaves x > 0 alone.
fn elu(piece: Piece, names: &mut Names, out: &mut Out) -> Result<Vec<Piece>> {
    let alpha = number(&piece, "alpha");
    if alpha == 1.0 {
        return Ok(vec![piece]);
    }
    if alpha < 0.0 {
        let reason = "TensorFlow.js knows only alpha = 1, and a negative one cannot be made of it";
        return Err(piece.error("alpha", reason));
    }
    let name = free_name(&format!("{}_elu", piece.name), names);
    let text = format!("ELU \"{name}\" with alpha = 1, and LeakyReLU({alpha}) behind it");
    out.note_in(&piece, "alpha", text);
    let leaky = one(&piece, "LeakyReLU", &piece.name, "negative_slope", alpha);
    Ok(vec![one(&piece, "ELU", &name, "alpha", 1.0), leaky])
}

/// A layer with a single argument in the place of `piece`.
fn one(piece: &Piece, class_name: &str, name: &str, key: &str, value: f64) -> Piece {
    stand_in(piece, class_name, Map::from_iter([(key.to_owned(), json!(value))]), name.to_owned())
}

/// `base`, or with the first number that makes it a new name.
pub(super) fn free_name(base: &str, names: &mut Names) -> String {
    let mut name = base.to_owned();
    for number in 1.. {
        if names.insert(name.clone()) {
            break;
        }
        name = format!("{base}_{number}");
    }
    name
}
