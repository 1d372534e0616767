//! Which activations each program knows, and by what name.

use ceratops_core::Result;
use serde_json::{Map, Value, json};

use super::{Out, Words, piece::Piece};
use crate::json::{
    activations::{KERAS2, KEYS},
    classes::card,
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

/// Class and config of a layer.
pub(in crate::json) type Layer = (&'static str, Map<String, Value>);

/// How a function can be said.
pub(in crate::json) enum Spelling {
    /// By this value.
    Same(Value),
    /// As layers, one behind the other.
    Layers(Vec<Layer>),
}

/// The name of a function, given by its identifier or as Keras writes one of the user's own.
pub(in crate::json) fn function_name(activation: &Value) -> Option<&str> {
    match activation {
        Value::String(name) => Some(name),
        Value::Object(object) if object.get("class_name")? == "function" => {
            object.get("config")?.as_str()
        }
        _ => None,
    }
}

/// The function `name`, the value at `key`, in the words that are written.
pub(in crate::json) fn spelled(
    name: &str,
    piece: &Piece,
    key: &str,
    out: &mut Out,
) -> Result<Spelling> {
    if let Some(layers) = as_layers(name, out.words) {
        return Ok(Spelling::Layers(layers));
    }
    let row = NAMES.iter().find(|(ours, ..)| *ours == name);
    let known = match (row, out.words) {
        (None, _) => "",
        (Some((_, keras2, _)), Words::Keras2 | Words::Keras2And3) => keras2,
        (Some((.., tfjs)), _) => tfjs,
    };
    if known.is_empty() {
        let words = if out.words == Words::Portable { Words::TensorFlowJs } else { out.words };
        let reason = format!(
            "{words} has no activation `{name}`; choose another one, or write the file for Keras 3"
        );
        return Err(piece.error(key, reason));
    }
    if name == "celu" {
        out.note(&join(&piece.path, "config"), key, "`elu`, which celu is for alpha = 1");
    }
    Ok(Spelling::Same(known.into()))
}

/// The layers that compute the function `name`, if its name means something else in these words, or
/// nothing.
pub(in crate::json) fn as_layers(name: &str, words: Words) -> Option<Vec<Layer>> {
    let for_several = matches!(words, Words::Portable | Words::Keras2And3);
    match name {
        // No name of hard_sigmoid means the same to Keras 2 and Keras 3.
        KERAS2 if for_several => Some(hard_sigmoid(0.2).into()),
        "hard_sigmoid" => Some(hard_sigmoid(1.0 / 6.0).into()),
        "leaky_relu" if matches!(words, Words::Portable | Words::TensorFlowJs) => {
            Some(vec![layer("LeakyReLU", &json!({ "negative_slope": SLOPE }))])
        }
        _ => None,
    }
}

/// min(max(slope x + 0.5, 0), 1), the hard_sigmoid of Keras 2 for a slope of 0.2, that of Keras 3 for
/// 1/6, in layers that mean the same everywhere.
pub(in crate::json) fn hard_sigmoid(slope: f64) -> [Layer; 2] {
    let clip = json!({ "max_value": 1.0, "negative_slope": 0.0, "threshold": 0.0 });
    [layer("Rescaling", &json!({ "scale": slope, "offset": 0.5 })), layer("ReLU", &clip)]
}

fn layer(class_name: &'static str, config: &Value) -> Layer {
    (class_name, config.as_object().cloned().unwrap_or_default())
}

/// Puts the functions in a layer's config into the words of Keras 2, at any depth.
pub(in crate::json) fn spell(piece: &mut Piece, out: &mut Out) -> Result<()> {
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
            let name = name.to_owned();
            *value = within(&name, piece, &path, out)?;
        } else if let Some(Value::Object(inner)) = value.get_mut("config") {
            spell_in(inner, &join(&path, "config"), piece, out)?;
        } else if let Value::Array(cells) = value {
            for (i, cell) in cells.iter_mut().enumerate() {
                let Some(Value::Object(inner)) = cell.get_mut("config") else { continue };
                spell_in(inner, &join(&path, &format!("[{i}].config")), piece, out)?;
            }
        }
    }
    Ok(())
}

/// The function `name`, which works within a layer, so that no layers can take its place.
fn within(name: &str, piece: &Piece, path: &str, out: &mut Out) -> Result<Value> {
    match spelled(name, piece, path, out)? {
        Spelling::Same(known) => Ok(known),
        Spelling::Layers(_)
            if name == KERAS2 && card(&piece.class_name).functions_within.is_some() =>
        {
            let text = "Keras 2 computes 0.2 x + 0.5 as here; Keras 3, which would compute x / 6 + \
                        0.5, refuses the file; write one for Keras 3 (keras, keras3-h5)";
            out.keep(&join(&piece.path, "config"), path, text);
            Ok("hard_sigmoid".into())
        }
        Spelling::Layers(_) => Err(piece.error(path, no_name(name))),
    }
}

/// Why no layers help where a function works within a layer.
pub(in crate::json) fn no_name(name: &str) -> String {
    format!(
        "`{name}` has another meaning for those who read this file (x / 6 + 0.5 in Keras 3, 0.2 x + \
         0.5 elsewhere), and no layers can take its place within this one; write the file for the \
         Keras that the name is of, or train the model with another activation"
    )
}
