//! Which activations each program knows, and by what name.

use ceratops_core::Result;
use serde_json::{Map, Value, json};

use super::{Out, Words, piece::Piece};
use crate::json::{
    activations::{KERAS2, KEYS},
    log::join,
};

/// The name of a function here, in Keras 2, and in TensorFlow.js; empty where there is none. All
/// were compared by their values in tf_keras 2.21 and TensorFlow.js 4.22.
const NAMES: &[(&str, &str, &str)] = &[
    // Both are elu for alpha = 1, which is celu's default.
    ("celu", "elu", "elu"),
    ("elu", "elu", "elu"),
    ("exponential", "exponential", ""),
    ("gelu", "gelu", "gelu"),
    (KERAS2, "hard_sigmoid", "hard_sigmoid"),
    ("leaky_relu", "leaky_relu", ""),
    ("linear", "linear", "linear"),
    ("log_softmax", "log_softmax", "log_softmax"),
    ("mish", "mish", "mish"),
    ("relu", "relu", "relu"),
    ("relu6", "relu6", "relu6"),
    ("selu", "selu", "selu"),
    ("sigmoid", "sigmoid", "sigmoid"),
    ("silu", "swish", "swish"),
    ("softmax", "softmax", "softmax"),
    ("softplus", "softplus", "softplus"),
    ("softsign", "softsign", "softsign"),
    ("tanh", "tanh", "tanh"),
];

/// The slope of the function `leaky_relu`.
const SLOPE: f64 = 0.2;

/// How a function can be said.
pub(super) enum Spelling {
    /// By this value.
    Same(Value),
    /// As a layer of this class with this config.
    Layer(&'static str, Map<String, Value>),
}

/// The name of a function, given by its identifier or as Keras writes one of the user's own.
pub(super) fn function_name(activation: &Value) -> Option<&str> {
    match activation {
        Value::String(name) => Some(name),
        Value::Object(object) if object.get("class_name")? == "function" => {
            object.get("config")?.as_str()
        }
        _ => None,
    }
}

/// The function `name`, the value at `key`, in the words that are written.
pub(super) fn spelled(name: &str, piece: &Piece, key: &str, out: &mut Out) -> Result<Spelling> {
    let row = NAMES.iter().find(|(ours, ..)| *ours == name);
    let known = match (row, out.words) {
        (None, _) => "",
        (Some((_, keras2, _)), Words::Keras2) => keras2,
        (Some((ours, ..)), Words::Portable) if *ours == KERAS2 => "",
        (Some((.., tfjs)), _) => tfjs,
    };
    if !known.is_empty() {
        if name == "celu" {
            out.note(&join(&piece.path, "config"), key, "`elu`, which celu is for alpha = 1");
        }
        return Ok(Spelling::Same(known.into()));
    }
    if name == "leaky_relu" {
        let config = json!({ "negative_slope": SLOPE });
        let config = config.as_object().cloned().unwrap_or_default();
        return Ok(Spelling::Layer("LeakyReLU", config));
    }
    Err(piece.error(key, refusal(name, out.words)))
}

fn refusal(name: &str, words: Words) -> String {
    match (name, words) {
        ("hard_sigmoid" | KERAS2, Words::Portable) => format!(
            "`{name}` is x / 6 + 0.5 in Keras 3 but 0.2 x + 0.5 in Keras 2 and TensorFlow.js, so \
             that no name means the same in all of them; write the file for one of them"
        ),
        ("hard_sigmoid", _) => format!(
            "`{name}` is x / 6 + 0.5 here, but 0.2 x + 0.5 in {words}, which would give other \
             numbers; write the file for Keras 3, or train the model with `{KERAS2}`"
        ),
        (_, Words::Portable) => refusal(name, Words::TensorFlowJs),
        _ => format!(
            "{words} has no activation `{name}`; choose another one, or write the file for Keras 3"
        ),
    }
}

/// Puts the functions in a layer's config into the words of Keras 2, at any depth.
pub(super) fn spell(piece: &mut Piece, out: &mut Out) -> Result<()> {
    let mut config = std::mem::take(&mut piece.config);
    let result = spell_in(&mut config, "", piece, out);
    piece.config = config;
    result
}

fn spell_in(
    config: &mut Map<String, Value>,
    path: &str,
    piece: &Piece,
    out: &mut Out,
) -> Result<()> {
    for (key, value) in config.iter_mut() {
        let path = join(path, key);
        let name = function_name(value).filter(|_| KEYS.contains(&key.as_str()));
        if let Some(name) = name {
            // A function of the user's own has the same form in Keras 2.
            if value.is_object() && name != KERAS2 {
                continue;
            }
            if let Spelling::Same(name) = spelled(name, piece, &path, out)? {
                *value = name;
            }
        } else if let Some(Value::Object(inner)) = value.get_mut("config") {
            spell_in(inner, &join(&path, "config"), piece, out)?;
        }
    }
    Ok(())
}
