//! Cards: what each class says of itself in files, beyond the fields of its struct.
//!
//! The struct of a layer is its config in Keras 3. How Keras 1 and 2 call its arguments, which of them
//! TensorFlow.js knows, what the programs write besides: all of that stands on the card of the class, in
//! the file of its family. A class without a card is written as its struct has it, and is unknown to
//! TensorFlow.js.

mod activation;
mod attention;
mod categories;
mod convolution;
mod dense;
mod embedding;
mod images;
mod merging;
mod normalization;
mod pooling;
mod recurrent;
mod regularization;
mod shape;
mod sound;
mod volume;
mod wrapper;

use ceratops_core::Result;
use serde_json::{Map, Value};

use super::{
    Words,
    subject::Subject,
    write::{Out, piece::Piece},
};

pub(super) use self::{activation::thresholded_relu, recurrent::held, shape::input3};

/// The config of a layer.
pub(super) type Config = Map<String, Value>;

/// What a class says of itself in files.
pub(super) struct Card {
    pub(super) class_name: &'static str,
    /// What other versions and programs call the class.
    pub(super) aliases: &'static [&'static str],
    /// The arguments of Keras 1, and what they are called now.
    pub(super) keras1: &'static [(&'static str, &'static str)],
    /// Whether `input_dim` is the length of the last axis of its input.
    pub(super) takes_input_dim: bool,
    /// What brings a config from a file of any program to the words of Keras 3.
    pub(super) read: &'static [Rule],
    /// Refuses a layer that cannot be said in these words.
    pub(super) check: fn(&Piece, Words) -> Result<()>,
    /// The config as every Keras 3 reads it.
    pub(super) keras3: fn(Config) -> Config,
    /// The same with all that Keras 3.15 writes, in its order.
    pub(super) complete: fn(Config) -> Config,
    /// When Keras 3 says what a layer was built for.
    pub(super) build_config: BuildConfig,
    /// Whether Keras 3 writes the name of the dtype, and not its policy.
    pub(super) plain_dtype: bool,
    /// The config as Keras 2 writes it.
    pub(super) keras2: fn(Config, &Piece) -> Config,
    /// The arguments that TensorFlow.js knows, in its words; none where it has no such class.
    pub(super) tfjs: Option<&'static [&'static str]>,
    /// The config in the words of TensorFlow.js.
    pub(super) bare: fn(Config, &Piece) -> Config,
    /// Where the functions of the layer work within it, so that no layer behind can take their place:
    /// what names them as TensorFlow.js does.
    pub(super) functions_within: Option<fn(&mut Piece, &mut Out) -> Result<()>>,
}

/// A step on the way to Keras 3.
pub(super) type Rule = fn(&mut Subject<'_>) -> Result<()>;

/// When Keras 3 says in an entry what the layer was built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BuildConfig {
    /// If it has weights.
    Weighs,
    Always,
    Never,
    /// Always, but nothing of what for.
    Empty,
}

impl Card {
    /// The card of a class that is written as its struct has it.
    const fn of(class_name: &'static str) -> Self {
        Self {
            class_name,
            aliases: &[],
            keras1: &[],
            takes_input_dim: false,
            read: &[],
            check: |_, _| Ok(()),
            keras3: |config| config,
            complete: |config| config,
            build_config: BuildConfig::Weighs,
            plain_dtype: false,
            keras2: |config, _| config,
            tfjs: None,
            bare: |config, _| config,
            functions_within: None,
        }
    }
}

/// Keras 2 has no such class.
fn of_keras3(piece: &Piece, words: Words) -> Result<()> {
    match words {
        Words::Keras3 | Words::Keras3Short => Ok(()),
        _ => Err(piece.error("", "only Keras 3 has this layer; write a .keras file")),
    }
}

/// The card of an unknown class.
static BLANK: Card = Card::of("");

/// The cards of all families.
const FAMILIES: &[&[Card]] = &[
    activation::CARDS,
    attention::CARDS,
    categories::CARDS,
    convolution::CARDS,
    dense::CARDS,
    embedding::CARDS,
    images::CARDS,
    merging::CARDS,
    normalization::CARDS,
    pooling::CARDS,
    recurrent::CARDS,
    regularization::CARDS,
    shape::CARDS,
    sound::CARDS,
    volume::CARDS,
    wrapper::CARDS,
];

/// The card of a class.
pub(super) fn card(class_name: &str) -> &'static Card {
    all().find(|card| card.class_name == class_name).unwrap_or(&BLANK)
}

/// The name of today for a class that has another one in a file.
pub(super) fn renamed(class_name: &str) -> Option<&'static str> {
    Some(all().find(|card| card.aliases.contains(&class_name))?.class_name)
}

fn all() -> impl Iterator<Item = &'static Card> {
    FAMILIES.iter().copied().flatten()
}
