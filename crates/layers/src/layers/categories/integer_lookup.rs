//! IntegerLookup: the numbers of whole numbers in a vocabulary.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Rng, Samples, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    OutputMode, Salt, integers,
    lookup::lookup,
    nothing, shape_of,
    table::{Counting, Table, bin},
};

/// y = the number of x in the vocabulary, in front of which stand the mask token, if there is one, and the
/// numbers of unknown x: 0 for all, or one of several, x mod their count.
///
/// Behind an [`Input::text`](crate::Input::text) x can have any size; other inputs hold whole numbers below
/// 16,777,216, and larger ones are refused.
///
/// ```
/// use ceratops_layers::{Input, IntegerLookup, sequential};
///
/// let lookup = IntegerLookup::new().vocabulary([42, 7, 9_007_199_254_740_993_i64]);
/// let model = sequential![Input::text([1]), lookup]?;
/// let y = model.predict([7i64, 8, 9_007_199_254_740_993])?;
/// assert_eq!(y.as_slice(), [2.0, 0.0, 3.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.IntegerLookup`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct IntegerLookup {
    /// Whether to make the x of their numbers, the other way round.
    pub invert: bool,
    /// The most numbers that there are; as many as are found, if it is not said.
    pub max_tokens: Option<usize>,
    /// How many numbers unknown x have; 1 by default.
    pub num_oov_indices: usize,
    /// What stands for them in the vocabulary: -1.
    pub oov_token: Option<i64>,
    /// The x of number 0.
    pub mask_token: Option<i64>,
    /// In what form the numbers come out.
    pub output_mode: OutputMode,
    /// Whether Keras keeps the output in a form that leaves out zeros; here it is never so.
    pub sparse: bool,
    /// Whether other forms than `Int` have `max_tokens` places, whatever is found.
    pub pad_to_max_tokens: bool,
    /// Of what type Keras makes the vocabulary: `"int64"`.
    pub vocabulary_dtype: String,
    /// The weights of the vocabulary, for `TfIdf`.
    pub idf_weights: Option<Vec<f64>>,
    /// The x that are known.
    pub vocabulary: Option<Vec<i64>>,
    /// How many numbers there are.
    pub vocabulary_size: Option<usize>,
    /// How one of several numbers is found for an unknown x: `"floormod"`, or by its hash, `"farmhash"`.
    pub oov_method: String,
    /// What makes the hashes others than everyone's.
    pub salt: Option<Salt>,
    #[serde(skip)]
    table: Option<Table<i64>>,
}

impl Default for IntegerLookup {
    fn default() -> Self {
        Self {
            invert: false,
            max_tokens: None,
            num_oov_indices: 1,
            oov_token: Some(-1),
            mask_token: None,
            output_mode: OutputMode::Int,
            sparse: false,
            pad_to_max_tokens: false,
            vocabulary_dtype: "int64".into(),
            idf_weights: None,
            vocabulary: None,
            vocabulary_size: None,
            oov_method: "floormod".into(),
            salt: None,
            table: None,
        }
    }
}

impl IntegerLookup {
    /// The layer with Keras' defaults, to be given a vocabulary, or to be adapted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which of several numbers an unknown x has.
    fn among(&self, token: i64, several: u64) -> usize {
        if self.oov_method == "farmhash" {
            return bin(&token.to_string(), several, self.salt);
        }
        let several = i64::try_from(several).unwrap_or(i64::MAX).max(1);
        usize::try_from(token.rem_euclid(several)).unwrap_or(0)
    }
}

lookup!(
    IntegerLookup,
    i64,
    integers,
    |layer: &IntegerLookup, token: &i64, several: u64| layer.among(*token, several),
    |shape: Shape| shape,
    write
);

/// The whole numbers as a tensor.
fn write(shape: &[usize], tokens: Vec<i64>, _: bool) -> Result<Tensor> {
    const EXACT: u64 = 1 << 24;
    if let Some(large) = tokens.iter().find(|token| token.unsigned_abs() > EXACT) {
        let help = "a StringLookup with `invert` puts out tokens of any length";
        let expected = "tokens up to 16,777,216, which f32 holds, where `invert` is true";
        return Err(Error::argument("vocabulary", expected, large).with_help(help));
    }
    Tensor::new(shape, tokens.into_iter().map(|token| token as f32).collect())
}
