//! StringLookup: the numbers of strings in a vocabulary.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Rng, Samples, Shape, Tensor, Text};
use serde::{Deserialize, Serialize};

use super::{
    OutputMode, Salt, integers,
    lookup::lookup,
    nothing, shape_of,
    table::{Counting, Table, bin},
};

/// y = the number of x in the vocabulary, in front of which stand the mask token, if there is one, and the
/// numbers of unknown strings: 0 for all, or one of several by the hash of the string.
///
/// ```
/// use ceratops_core::{Context, Layer};
/// use ceratops_layers::{Input, OutputMode, StringLookup, sequential};
///
/// let mut lookup = StringLookup::new();
/// lookup.adapt(["to", "be", "or", "not", "to", "be"])?;
/// assert_eq!(lookup.get_vocabulary(), ["[UNK]", "to", "be", "or", "not"]);
/// let model = sequential![Input::text([2]), lookup.output_mode(OutputMode::Count)]?;
/// assert_eq!(model.predict([["to", "see"]])?, [[1.0, 1.0, 0.0, 0.0, 0.0]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// With `invert` it makes the strings of their numbers, of a number that none has the token of unknown strings:
///
/// ```
/// use ceratops_core::Text;
/// use ceratops_layers::{Input, StringLookup, sequential};
///
/// let lookup = StringLookup::new().vocabulary(["to", "be"]).invert(true);
/// let model = sequential![Input::new([3]), lookup]?;
/// let y = model.predict([[2.0, 1.0, 9.0]])?;
/// assert_eq!(Text::of(&y)?.strings(), ["be", "to", "[UNK]"]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.StringLookup`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct StringLookup {
    /// Whether to make strings of their numbers, the other way round.
    pub invert: bool,
    /// The most numbers that there are; as many as are found, if it is not said.
    pub max_tokens: Option<usize>,
    /// How many numbers unknown strings have; 1 by default.
    pub num_oov_indices: usize,
    /// What stands for them in the vocabulary: `"[UNK]"`.
    pub oov_token: Option<String>,
    /// The string of number 0.
    pub mask_token: Option<String>,
    /// In what form the numbers come out.
    pub output_mode: OutputMode,
    /// Whether Keras keeps the output in a form that leaves out zeros; here it is never so.
    pub sparse: bool,
    /// Whether other forms than `Int` have `max_tokens` places, whatever is found.
    pub pad_to_max_tokens: bool,
    /// The weights of the vocabulary's strings, for `TfIdf`.
    pub idf_weights: Option<Vec<f64>>,
    /// The strings that are known.
    pub vocabulary: Option<Vec<String>>,
    /// How many numbers there are.
    pub vocabulary_size: Option<usize>,
    /// How one of several numbers is found for an unknown string; always by its hash.
    pub oov_method: String,
    /// What makes the hashes others than everyone's.
    pub salt: Option<Salt>,
    /// How strings are written; always as UTF-8.
    pub encoding: String,
    #[serde(skip)]
    table: Option<Table<String>>,
}

impl Default for StringLookup {
    fn default() -> Self {
        Self {
            invert: false,
            max_tokens: None,
            num_oov_indices: 1,
            oov_token: Some("[UNK]".into()),
            mask_token: None,
            output_mode: OutputMode::Int,
            sparse: false,
            pad_to_max_tokens: false,
            idf_weights: None,
            vocabulary: None,
            vocabulary_size: None,
            oov_method: "floormod".into(),
            salt: None,
            encoding: "utf-8".into(),
            table: None,
        }
    }
}

impl StringLookup {
    /// The layer with Keras' defaults, to be given a vocabulary, or to be adapted.
    pub fn new() -> Self {
        Self::default()
    }
}

lookup!(
    StringLookup,
    String,
    |x: &Tensor| Text::of(x).map(|text| text.strings().to_vec()),
    |layer: &StringLookup, token: &String, bins: u64| bin(token, bins, layer.salt),
    Shape::of_text,
    write
);

/// The strings as a tensor. What is learned is learned from numbers.
fn write(shape: &[usize], strings: Vec<String>, training: bool) -> Result<Tensor> {
    if training {
        let message = "strings that come out of a model cannot be learned: train the model without this layer";
        return Err(Error::Model(message.into()));
    }
    Text::new(shape, strings)?.to_tensor()
}
