//! From a model to JSON, in the words of whoever is to read it.

pub(super) mod activations;
mod bare;
mod equals;
mod governing;
mod graph;
mod keras2;
mod keras3;
mod masks;
mod merging;
mod mode;
mod names;
pub(super) mod piece;
mod whole_numbers;

use std::fmt;

use ceratops_core::{Error, Result};
use ceratops_layers::{Model, Node};
use serde_json::Value;

use self::piece::Piece;
use super::{Change, Note, functional, log::join};

/// Who is to read a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Words {
    /// Keras 3: all that version 3.15 writes.
    #[default]
    Keras3,
    /// Any Keras 3, of which those before 3.15 refuse keys that are newer than they are: only what
    /// differs from the defaults that all share.
    Keras3Short,
    /// Keras 2: all that tf_keras 2.21 writes.
    Keras2,
    /// Keras 2 and Keras 3 alike, in the words of Keras 2: the architecture within an `.h5`.
    Keras2And3,
    /// Keras 2, Keras 3 and TensorFlow.js alike, in the words that all of them read.
    Portable,
    /// TensorFlow.js: the `modelTopology` of a `model.json`.
    TensorFlowJs,
}

impl Words {
    /// Whether TensorFlow.js is among the readers.
    pub(super) fn are_bare(self) -> bool {
        matches!(self, Self::Portable | Self::TensorFlowJs)
    }

    /// Whether Keras 2 is among the readers, and its words are meant.
    pub(super) fn is_keras2(self) -> bool {
        matches!(self, Self::Keras2 | Self::Keras2And3)
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Keras3 | Self::Keras3Short => "Keras 3",
            Self::Keras2 => "Keras 2",
            Self::Keras2And3 => "Keras 2 and Keras 3 alike",
            Self::Portable => "Keras 2, Keras 3 and TensorFlow.js alike",
            Self::TensorFlowJs => "TensorFlow.js",
        })
    }
}

/// What is to be written beside the layers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WriteOptions {
    /// How the model was compiled, in the words of Keras 3's `compile_config`.
    pub compile_config: Option<Value>,
}

/// A document, and what had to be said in other words.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The document.
    pub document: Value,
    /// What was written as something else that computes the same, what is to be known of what was
    /// written, and what was left out. Paths lead into the document that Keras 3 would have. What is
    /// only spelled in another way is not noted.
    pub notes: Vec<Note>,
}

/// The document of `model` in `words`.
///
/// | words | reader | what it looks like |
/// |---|---|---|
/// | [`Words::Keras3`] | Keras 3.15 | equal, as data, to `model.to_json()` there |
/// | [`Words::Keras3Short`] | any Keras 3 | the same without what versions have added |
/// | [`Words::Keras2`] | tf_keras 2.21 | equal, as data, to `model.to_json()` there |
/// | [`Words::Keras2And3`] | both | the same without what Keras 3 would take for something else |
/// | [`Words::Portable`] | all three | an InputLayer and bare entries |
/// | [`Words::TensorFlowJs`] | TensorFlow.js 4.22 | the `modelTopology` of a `model.json` |
///
/// What a reader lacks is written as something that computes the same, with a note:
///
/// - Keras 3 has no ThresholdedReLU: `ReLU(threshold=theta)`.
/// - `hard_sigmoid` is x / 6 + 0.5 in Keras 3 and 0.2 x + 0.5 in Keras 2 and TensorFlow.js, cut at 0
///   and 1. The other one is Rescaling and ReLU(max_value=1): layers of their own behind the layer
///   (`dense_rescaling`, `dense_re_lu`); for Keras 3 a model in the activation's place, which is read
///   here as the function again. Where several are to read one document, neither name is written.
///   Within an LSTM no layers can take its place, but for Keras 3; [`Words::Keras2And3`] keep Keras
///   2's name there, and Keras 3 refuses the file for it.
/// - Only Keras 2 takes a `/` in the name of a layer: `a_b` for `a/b`.
/// - Keras 2 and TensorFlow.js have no celu: elu.
/// - TensorFlow.js has no `leaky_relu`, and no layers as activations: layers of their own behind
///   the layer (`dense_leaky_re_lu`). Its ReLU has only a `max_value`: LeakyReLU and
///   ThresholdedReLU. Its ELU has only alpha = 1: LeakyReLU(alpha) behind it. Its Flatten takes no
///   flat input: Reshape. All that goes for [`Words::Portable`], too, but for thresholds.
/// - TensorFlow.js has no Subtract (Rescaling(-1) and Add) and no Identity (Activation), takes
///   negative axes of merging layers for others, and computes no model that gives one tensor twice (an
///   Activation hands it on). It numbers the calls of shared layers as it can make them, and tells
///   layers of one name in nested models not apart: they are numbered and named so (`inner_dense`).
///   All but the names goes for [`Words::Portable`], too, which has no nested functional models.
/// - TensorFlow.js applies a constraint whenever weights are set. A constraint that the weights do
///   not keep to now is left out; a document that several are to read has no weights with it, and
///   keeps it with a note.
///
/// A layer that always runs in one mode ([`Node::set_training`]) is written for Keras 2, as the call
/// of a functional model. The others have no such thing: that a layer is never in training mode is
/// left out with a note, and matters to `fit` alone; that it always is, is refused.
///
/// Masks flow by themselves in all of them, and are not written. Where they become something else at
/// a layer than in the reader's Keras, because the layer was an operation, or comes from before Keras
/// 3 or goes there, that is noted.
///
/// `compile_config` has a place in Keras 3 only.
///
/// A document of Keras 3.15 or tf_keras 2.21 that is read and written again is equal, but that:
///
/// - numbers that may be fractions are written as such, 2.0 for 2, which is the same in JSON;
/// - a layer that stands in for an activation is named for its class, having no name here, and a
///   PReLU says what it is built for, as in Keras once the model was called;
/// - of Keras 2, the shape of the input stands on the first layer too if the Input is named for it
///   (`dense_input` before `dense`), as where that layer had named the shape.
///
/// # Errors
/// What a reader has no word for, or would take for something else. The path leads into the
/// document that Keras 3 would have, and the message names the layer.
///
/// ```
/// use ceratops_formats::json::{self, Words};
/// use ceratops_layers::{ELU, Input, IntoNode, sequential};
///
/// let model = sequential![Input::new([4]), ELU::new(0.5).named("e")]?;
/// let written = json::write_as(&model, Words::TensorFlowJs, &Default::default())?;
/// assert_eq!(written.document["config"]["layers"][1]["config"]["alpha"], 0.5);
/// assert_eq!(
///     written.notes[0].to_string(),
///     "config.layers[1].config.alpha: written as ELU \"e_elu\" with alpha = 1, and \
///      LeakyReLU(0.5) behind it"
/// );
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.Model.to_json`.
pub fn write_as(model: &Model, words: Words, options: &WriteOptions) -> Result<Written> {
    let mut out = Out { words, notes: Vec::new() };
    let mut piece = Piece::of_model(model)?;
    // What Keras 2 alone can say, Keras 3 passes over or refuses in its `.h5`, which the notes tell.
    let keras2 = matches!(words, Words::Keras2 | Words::Keras2And3);
    if !keras2 {
        names::without_slashes(&mut piece, &mut out);
    }
    if words == Words::TensorFlowJs {
        names::tell_apart(&mut piece, &mut out);
    }
    let compile_config = options.compile_config.clone();
    let is_keras3 = matches!(words, Words::Keras3 | Words::Keras3Short);
    if compile_config.is_some() && !is_keras3 {
        out.leave_out(
            "",
            "compile_config",
            format!("an architecture for {words} has no place for it"),
        );
    }
    whole_numbers::declare(&mut piece);
    masks::check(&piece, &mut out);
    functional::check_operations(&piece, &out)?;
    if !keras2 {
        mode::check(&piece, &mut out)?;
    }
    let document = match words {
        Words::Keras3 | Words::Keras3Short => {
            keras3::check(&piece)?;
            keras3::document(piece, compile_config, &mut out)
        }
        Words::Keras2 | Words::Keras2And3 => keras2::document(piece, &mut out)?,
        Words::Portable | Words::TensorFlowJs => bare::document(piece, &mut out)?,
    };
    Ok(Written { document, notes: out.notes })
}

/// The JSON entry of one layer, as Keras 3 writes it.
///
/// ```
/// use ceratops_formats::layer_to_json;
/// use ceratops_layers::{ELU, IntoNode};
///
/// let json = layer_to_json(&ELU::new(0.5).named("e"))?;
/// assert_eq!(
///     json,
///     r#"{"module":"keras.layers","class_name":"ELU","config":{"name":"e","alpha":0.5,"#
///         .to_owned()
///         + r#""trainable":true,"dtype":{"module":"keras","class_name":"DTypePolicy","#
///         + r#""config":{"name":"float32"},"registered_name":null}},"registered_name":null}"#
/// );
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn layer_to_json(layer: &Node) -> Result<String> {
    let mut piece = Piece::of_node(layer)?;
    // A layer outside a model has no name yet; who reads it will give it one.
    if layer.name().is_empty() {
        piece.config.shift_remove("name");
    }
    let mut out = Out { words: Words::Keras3, notes: Vec::new() };
    serde_json::to_string(&keras3::entry(piece, &mut out))
        .map_err(|e| Error::Model(format!("the layer has no JSON: {e}")))
}

/// What is written for, and what was done.
pub(super) struct Out {
    pub(super) words: Words,
    notes: Vec<Note>,
}

impl Out {
    /// Notes that the value at `key` below `path` is written as something else.
    fn note(&mut self, path: &str, key: &str, text: impl Into<String>) {
        let path = join(path, key);
        self.notes.push(Note { path, change: Change::Rewritten, text: text.into() });
    }

    /// Notes what is to be known of the value at `key` below `path`, which is written as it is.
    fn keep(&mut self, path: &str, key: &str, text: impl Into<String>) {
        let path = join(path, key);
        self.notes.push(Note { path, change: Change::Kept, text: text.into() });
    }

    /// Notes that the value at `key` below `path` is not written.
    fn leave_out(&mut self, path: &str, key: &str, text: impl Into<String>) {
        let path = join(path, key);
        self.notes.push(Note { path, change: Change::LeftOut, text: text.into() });
    }

    /// Notes that the value at `key` of a layer's config is written as something else.
    fn note_in(&mut self, piece: &Piece, key: &str, text: impl Into<String>) {
        self.note(&join(&piece.path, "config"), key, text);
    }
}
