//! Whose words a document uses.

use std::fmt;

use ceratops_core::{Error, Result};
use serde_json::{Map, Value};

/// The program whose dialect a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Keras 1: `nb_filter`, `border_mode`, `output_dim`.
    Keras1,
    /// Keras 2 and tf.keras: `batch_input_shape`, LeakyReLU's `alpha`.
    Keras2,
    /// Keras 3.
    #[default]
    Keras3,
    /// The layers of TensorFlow.js, which speak mostly like Keras 2.
    TensorFlowJs,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Keras1 => "Keras 1",
            Self::Keras2 => "Keras 2",
            Self::Keras3 => "Keras 3",
            Self::TensorFlowJs => "TensorFlow.js",
        })
    }
}

/// A dialect, and how well it is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Detected {
    pub(super) dialect: Dialect,
    pub(super) version: Option<String>,
    /// Whether nothing that tells Keras 2 from Keras 3 was found.
    pub(super) ambiguous: bool,
}

impl Detected {
    /// The dialect of `version`.
    pub(super) fn of_version(version: &str) -> Result<Self> {
        let dialect = match version.split('.').next().unwrap_or_default() {
            "1" => Dialect::Keras1,
            "2" => Dialect::Keras2,
            "3" => Dialect::Keras3,
            _ if version.starts_with("tfjs") => Dialect::TensorFlowJs,
            _ => {
                let expected = "version 1, 2 or 3 of Keras, or one of TensorFlow.js";
                return Err(Error::argument("keras_version", expected, version));
            }
        };
        Ok(Self { dialect, version: Some(version.to_owned()), ambiguous: false })
    }

    /// The dialect that the keys of a model's or a layer's entry tell.
    pub(super) fn of_entry(entry: &Value) -> Self {
        let (dialect, ambiguous) = of_keys(entry);
        Self { dialect, version: None, ambiguous }
    }
}

/// What the keys tell, and whether they leave it open.
fn of_keys(entry: &Value) -> (Dialect, bool) {
    let listed = entry.get("config").is_some_and(Value::is_array);
    if any_object(entry, &is_keras1) {
        (Dialect::Keras1, false)
    } else if listed || any_object(entry, &is_keras2) {
        (Dialect::Keras2, false)
    } else if any_object(entry, &is_keras3) {
        (Dialect::Keras3, false)
    } else if entry.get("module").is_none() {
        // Keras 3 always writes the module of a class, Keras 2 seldom does.
        (Dialect::Keras2, false)
    } else {
        (Dialect::Keras3, true)
    }
}

/// An object or a config that only Keras 1 writes.
fn is_keras1(object: &Map<String, Value>) -> bool {
    const KEYS: [&str; 8] = [
        "nb_filter",
        "border_mode",
        "dim_ordering",
        "subsample",
        "W_regularizer",
        "U_regularizer",
        "inner_activation",
        "input_dtype",
    ];
    KEYS.iter().any(|key| object.contains_key(*key))
        || is_class(object, "Dense", "output_dim")
        || is_class(object, "Dropout", "p")
}

/// An object or a config that only Keras 2 writes.
fn is_keras2(object: &Map<String, Value>) -> bool {
    object.contains_key("batch_input_shape") || is_class(object, "LeakyReLU", "alpha")
}

/// An object or a config that only Keras 3 writes.
fn is_keras3(object: &Map<String, Value>) -> bool {
    object.contains_key("batch_shape")
        || object.get("class_name").is_some_and(|name| name == "DTypePolicy")
        || is_class(object, "LeakyReLU", "negative_slope")
        || is_class(object, "Sequential", "dtype")
        || is_class(object, "Sequential", "trainable")
}

/// Whether this is the entry of a layer of that class, with `key` in its config.
fn is_class(object: &Map<String, Value>, class_name: &str, key: &str) -> bool {
    object.get("class_name").is_some_and(|name| name == class_name)
        && object.get("config").is_some_and(|config| config.get(key).is_some())
}

/// Whether some object in `value`, at any depth, is such.
pub(super) fn any_object(value: &Value, is: &dyn Fn(&Map<String, Value>) -> bool) -> bool {
    match value {
        Value::Object(object) => is(object) || object.values().any(|value| any_object(value, is)),
        Value::Array(items) => items.iter().any(|item| any_object(item, is)),
        _ => false,
    }
}
