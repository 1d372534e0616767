//! Hashing: sorts strings, or whole numbers, into bins by their hash.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Shape, Tensor, Text};
use serde::{Deserialize, Serialize};

use super::{OutputMode, Salt, integers, nothing, shape_of, table::bin};

/// y = hash(x) mod num_bins, where the hash of a number is that of its decimal digits; FarmHash's Fingerprint64, or
/// SipHash where there is a salt.
///
/// With a `mask_value` that value alone is in bin 0, and others in the bins from 1 on.
///
/// ```
/// use ceratops_layers::{Hashing, Input, sequential};
///
/// let model = sequential![Input::text([1]), Hashing::new(3)]?;
/// let y = model.predict(["A", "B", "C", "D", "E"])?;
/// assert_eq!(y.as_slice(), [1.0, 0.0, 1.0, 1.0, 2.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.Hashing`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hashing {
    /// How many bins there are.
    pub num_bins: usize,
    /// What makes the hashes others than everyone's.
    pub salt: Option<Salt>,
    /// What is in bin 0.
    pub mask_value: Option<MaskValue>,
    /// In what form the bins come out.
    pub output_mode: OutputMode,
    /// Whether Keras keeps the output in a form that leaves out zeros; here it is never so.
    pub sparse: bool,
}

/// A string or a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a string or an integer")]
pub enum MaskValue {
    /// A whole number.
    Integer(i64),
    /// A string.
    String(String),
}

impl From<i64> for MaskValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<&str> for MaskValue {
    fn from(string: &str) -> Self {
        Self::String(string.into())
    }
}

impl Hashing {
    /// The layer with so many bins.
    pub fn new(num_bins: usize) -> Self {
        Self { num_bins, ..Self::default() }
    }

    builders! { output_mode }

    /// Makes the hashes others than everyone's: one number, or two.
    #[must_use]
    pub fn salt(self, salt: impl Into<Salt>) -> Self {
        Self { salt: Some(salt.into()), ..self }
    }

    /// Keeps bin 0 for this value.
    #[must_use]
    pub fn mask_value(self, mask_value: impl Into<MaskValue>) -> Self {
        Self { mask_value: Some(mask_value.into()), ..self }
    }

    fn bin(&self, text: &str) -> usize {
        // A single bin is not shared.
        let mask = self.mask_value.as_ref().filter(|_| self.num_bins > 1);
        let is_masked = match mask {
            None => return bin(text, self.num_bins as u64, self.salt),
            Some(MaskValue::Integer(number)) => text.parse() == Ok(*number),
            Some(MaskValue::String(string)) => text == string,
        };
        if is_masked { 0 } else { 1 + bin(text, self.num_bins as u64 - 1, self.salt) }
    }
}

impl Layer for Hashing {
    const CLASS_NAME: &'static str = "Hashing";
    const READS_TEXT: bool = true;
    /// The shape of the input.
    type Saved = Vec<usize>;

    fn validate(&self) -> Result<()> {
        if self.num_bins == 0 || self.num_bins > 1 << 24 {
            return Err(Error::argument("num_bins", "1 to 16,777,216", self.num_bins));
        }
        match self.output_mode {
            OutputMode::TfIdf => {
                Err(Error::argument("output_mode", "\"int\", \"one_hot\", ...", "\"tf_idf\""))
            }
            _ => Ok(()),
        }
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.output_mode.shape(input, Some(self.num_bins))
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<usize>>)> {
        let bins: Vec<Option<usize>> = match Text::is_in(&x) {
            true => Text::of(&x)?.strings().iter().map(|string| Some(self.bin(string))).collect(),
            false => integers(&x)?.iter().map(|n| Some(self.bin(&n.to_string()))).collect(),
        };
        let y = self.output_mode.encode(&bins, shape_of(&x), self.num_bins, None)?;
        Ok((y, cx.save(|| x.shape().to_vec())))
    }

    fn backward(
        &self,
        shape: Vec<usize>,
        _: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        Ok(nothing(&shape))
    }
}
