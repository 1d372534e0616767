//! HashedCrossing: sorts what several features are together into bins.

use ceratops_core::{
    Context, Error, Gradients, Mask, MultiLayer, Result, Shape, Tensor, Tensors, Text,
};
use serde::{Deserialize, Serialize};

use super::{OutputMode, farm_hash::fingerprint, integers, shape_of};

/// y = hash(x₁, x₂, …) mod num_bins: one number for what two or more features are together, such as a
/// city and a month, each of shape (batch, 1) or (batch,).
///
/// The features are strings or whole numbers: a number given to an Input of numbers is itself in the hash,
/// one given to an [`Input::text`](crate::Input::text) its digits.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{CallLayer, HashedCrossing, Input, Model};
///
/// let (letter, number) = (Input::text([1]).tensor(), Input::new([1]).tensor());
/// let cross = HashedCrossing::new(5).call([&letter, &number])?;
/// let model = Model::new([&letter, &number], [&cross])?;
/// let letters = Tensor::from(["A", "B", "A", "B", "A"]);
/// let numbers = Tensor::from([[101.0], [101.0], [101.0], [102.0], [102.0]]);
/// assert_eq!(model.predict([&letters, &numbers])?.as_slice(), [1.0, 4.0, 1.0, 1.0, 3.0]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.HashedCrossing`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HashedCrossing {
    /// How many bins there are.
    pub num_bins: usize,
    /// In what form the bins come out: `Int` or `OneHot`.
    pub output_mode: OutputMode,
    /// Whether Keras keeps the output in a form that leaves out zeros; here it is never so.
    pub sparse: bool,
}

impl HashedCrossing {
    /// The layer with so many bins.
    pub fn new(num_bins: usize) -> Self {
        Self { num_bins, ..Self::default() }
    }

    builders! { output_mode }
}

impl MultiLayer for HashedCrossing {
    const CLASS_NAME: &'static str = "HashedCrossing";
    /// The shapes of the inputs.
    type Saved = Vec<Vec<usize>>;

    fn validate(&self) -> Result<()> {
        if self.num_bins == 0 || self.num_bins > 1 << 24 {
            return Err(Error::argument("num_bins", "1 to 16,777,216", self.num_bins));
        }
        match self.output_mode {
            OutputMode::Int | OutputMode::OneHot => Ok(()),
            mode => {
                let found = format!("{mode:?}");
                Err(Error::argument("output_mode", "\"int\" or \"one_hot\"", found))
            }
        }
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let [first, others @ ..] = inputs else { return Err(too_few(inputs.len())) };
        if others.is_empty() {
            return Err(too_few(1));
        }
        for input in inputs {
            let single = match *input.axes() {
                [_] => true,
                [_, len] => len == Some(1),
                _ => false,
            };
            if !single || input.axes() != first.axes() {
                let help = "each sample has one value of each feature";
                let (what, expected) = ("input".into(), "(batch, 1) or (batch,), all alike".into());
                let found = input.to_string();
                return Err(Error::Shape { what, expected, found, help: help.into() });
            }
        }
        Ok(vec![self.output_mode.shape(&Shape::from(first.axes().to_vec()), Some(self.num_bins))?])
    }

    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<Self::Saved>)> {
        let first = xs.first().ok_or_else(|| too_few(0))?;
        let shape = shape_of(first).to_vec();
        let mut hashes = vec![SEED; shape.iter().product()];
        for x in xs.iter() {
            let features = features(x)?;
            if features.len() != hashes.len() {
                let expected = format!("{} values, as of the first input", hashes.len());
                return Err(Error::argument("x", expected, features.len()));
            }
            hashes
                .iter_mut()
                .zip(features)
                .for_each(|(hash, feature)| *hash = joined(*hash, feature));
        }
        let bins = self.num_bins as u64;
        let bin = |hash: &u64| usize::try_from(hash % bins).ok();
        let bins: Vec<Option<usize>> = hashes.iter().map(bin).collect();
        let y = self.output_mode.encode(&bins, &shape, self.num_bins, None)?;
        Ok((y.into(), cx.save(|| xs.iter().map(|x| x.shape().to_vec()).collect())))
    }

    fn backward_all(
        &self,
        shapes: Self::Saved,
        _: Vec<Option<Tensor>>,
        _: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        // Another value is another feature, however near.
        Ok(shapes.iter().map(|shape| Some(Tensor::zeros(shape))).collect())
    }

    fn output_masks(&self, _: &[Tensor], _: &[Option<Mask>]) -> Result<Vec<Option<Mask>>> {
        Ok(Vec::new())
    }

    fn reads_text(&self) -> bool {
        true
    }
}

/// Where TensorFlow begins to hash a cross.
const SEED: u64 = 0x00de_cafc_affe;
const MULTIPLIER: u64 = 0xc6a4_a793_5bd1_e995;

/// What is hashed of each value: a whole number as it is, of a string its fingerprint.
fn features(x: &Tensor) -> Result<Vec<u64>> {
    if Text::is_in(x) {
        let text = Text::of(x)?;
        return Ok(text.strings().iter().map(|string| fingerprint(string.as_bytes())).collect());
    }
    Ok(integers(x)?.into_iter().map(i64::cast_unsigned).collect())
}

/// One hash of two.
fn joined(hash: u64, feature: u64) -> u64 {
    let mix = |value: u64| value ^ (value >> 47);
    let feature = mix(feature.wrapping_mul(MULTIPLIER)).wrapping_mul(MULTIPLIER);
    let hash = (hash ^ MULTIPLIER ^ feature).wrapping_mul(MULTIPLIER);
    mix(mix(hash).wrapping_mul(MULTIPLIER))
}

fn too_few(count: usize) -> Error {
    Error::argument("inputs", "two tensors or more", count)
}
