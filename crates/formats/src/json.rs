//! The architecture of a model as JSON: Keras' `model.to_json()` and `model_from_json`.
//!
//! Every dialect is read: [`read`] finds out which one it is, brings the document to the dialect
//! of Keras 3, and says in a [`Report`] what it did. [`write_as`] writes for Keras 3, Keras 2,
//! TensorFlow.js, or all of them.
//!
//! Weights are not part of the JSON: a loaded model has fresh ones.

mod activations;
mod classes;
mod dialect;
mod dtypes;
mod encoding;
mod envelope;
mod functional;
mod governing;
mod graph;
mod inputs;
mod keras1;
mod keras1_merge;
mod limit;
mod log;
mod missing;
mod non_finite;
mod outline;
mod pipeline;
mod read;
mod report;
mod spelling;
mod subject;
mod upgrade;
mod values;
mod write;

use ceratops_core::{Error, Result};
use ceratops_layers::{Model, Registry, Sequential};
use serde_json::Value;

pub use dialect::Dialect;
pub(crate) use non_finite::{resolve_clipping, text};
pub use outline::{Outline, Outlined, outline};
pub use read::{Loaded, layer_from_json, read, read_value};
pub use report::{Change, Note, Report};
pub use write::{Words, WriteOptions, Written, layer_to_json, write_as};

/// A model to and from the JSON of its architecture.
///
/// ```
/// use ceratops_formats::ModelJson;
/// use ceratops_layers::{Dense, Input, PReLU, Sequential, sequential};
///
/// let model = sequential![Input::new([4]), Dense::new(8), PReLU::new(), Dense::new(3)]?;
/// let json = model.to_json()?;
/// let again = Sequential::from_json(&json)?;
/// assert_eq!(again.to_json()?, json);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub trait ModelJson: Sized {
    /// The architecture as Keras 3.15 writes it, on one line; `keras.models.model_from_json`
    /// opens it. [`write_as`] writes for other readers.
    ///
    /// What Keras 3 lacks is written as something that computes the same there: `ThresholdedReLU` as
    /// `ReLU(threshold=theta)`, and the `hard_sigmoid` of Keras 2 as a model of a Rescaling and a
    /// ReLU, which is read here as that function again.
    fn to_json(&self) -> Result<String>;

    /// [`ModelJson::to_json`] on many lines, for people to read.
    fn to_json_pretty(&self) -> Result<String>;

    /// The model that a document of any dialect describes, with fresh weights. See [`read`].
    fn from_json(json: &str) -> Result<Self> {
        Self::from_json_with(json, &Registry::builtin())
    }

    /// The same, with layers and activations of your own.
    fn from_json_with(json: &str, registry: &Registry) -> Result<Self>;
}

impl ModelJson for Sequential {
    fn to_json(&self) -> Result<String> {
        (**self).to_json()
    }

    fn to_json_pretty(&self) -> Result<String> {
        (**self).to_json_pretty()
    }

    fn from_json_with(json: &str, registry: &Registry) -> Result<Self> {
        read(json, registry).map(|loaded| loaded.model)
    }
}

impl ModelJson for Model {
    fn to_json(&self) -> Result<String> {
        to_text(&keras3(self)?)
    }

    fn to_json_pretty(&self) -> Result<String> {
        let document = keras3(self)?;
        check_depth(&document)?;
        let text = serde_json::to_string_pretty(&document)
            .map_err(|e| Error::Model(format!("the model cannot be written as JSON: {e}")))?;
        check_length(&text)?;
        Ok(text)
    }

    fn from_json_with(json: &str, registry: &Registry) -> Result<Self> {
        read(json, registry).map(|loaded| loaded.model.into())
    }
}

fn keras3(model: &Model) -> Result<Value> {
    Ok(write_as(model, Words::Keras3, &WriteOptions::default())?.document)
}

/// The text of a document, if [`parse`] reads it again.
pub(crate) fn to_text(document: &Value) -> Result<String> {
    check_depth(document)?;
    let text = text(document);
    check_length(&text)?;
    Ok(text)
}

fn check_depth(document: &Value) -> Result<()> {
    let depth = depth(document);
    if depth > DEEPEST {
        return Err(Error::Model(format!(
            "the document would have lists and objects {depth} deep in one another, of which \
             {DEEPEST} are read again; nest fewer models"
        )));
    }
    Ok(())
}

/// How many lists and objects lie in one another.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// As many as `serde_json` reads.
const DEEPEST: usize = 127;

/// The longest document that is read, in bytes. Some thousand layers take a tenth of it; as a tree
/// in memory it may take thirty times its length.
const LONGEST: usize = 8 << 20;

/// The value of the JSON text in a file, in whatever encoding it is.
pub(crate) fn parse_bytes(bytes: &[u8]) -> Result<Value> {
    parse(&encoding::decode(bytes)?)
}

/// The value of a JSON text, in which Python may have written numbers that JSON lacks.
pub(crate) fn parse(text: &str) -> Result<Value> {
    check_length(text)?;
    // Editors on Windows put a byte order mark in front.
    serde_json::from_str(&non_finite::mark(text.trim_start_matches('\u{feff}')))
        .map_err(|e| Error::Data(format!("this is not JSON: {e}")))
}

fn check_length(text: &str) -> Result<()> {
    if text.len() > LONGEST {
        return Err(Error::Data(format!(
            "a document of {} bytes is no architecture; expected {LONGEST} at most",
            text.len()
        )));
    }
    Ok(())
}

/// A value as it stands in a message: cut short if it is long.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 80;
    let text = text(value);
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain("...".chars()).collect()
}
