//! AdditiveAttention: queries and keys are compared by a small network.

use ceratops_core::{
    Arguments, Context, Error, Gradients, Mask, MultiLayer, Param, Result, Rng, Shape, Tensor,
    Tensors,
};
use ceratops_weights::Initializer;
use serde::{Deserialize, Serialize};

use super::{
    super::{built, rules::Rules},
    CAUSAL, SCORES, calls, check_dropout,
    multi_head::mask_of_query,
    pairs::{self, Dropping, SavedPairs, Score},
};

/// y = softmax(scores) · value with scores = Σ scale · tanh(query + key), from a query (batch, T, features)
/// and a value (batch, S, values) to (batch, T, values).
///
/// It is called with `[&query, &value]` or `[&query, &value, &key]`; the value is the key where there is
/// none.
///
/// Weights: `scale` (features,), if `use_scale`; without, it is 1.
///
/// ```
/// use ceratops_layers::{AdditiveAttention, CallLayer, Input, Model};
///
/// let [query, value] = [3, 5].map(|steps| Input::new([steps, 8]).tensor());
/// let model = Model::new([&query, &value], [&AdditiveAttention::new().call([&query, &value])?])?;
/// assert_eq!(model.count_params(), 8);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Masks are those of [`Attention`](crate::Attention).
///
/// Source: Bahdanau, Cho and Bengio 2015, "Neural Machine Translation by Jointly Learning to Align and
/// Translate"; Keras, `keras.layers.AdditiveAttention`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct AdditiveAttention {
    /// Whether there is a scale.
    pub use_scale: bool,
    /// The share of scores that is dropped in training.
    pub dropout: f64,
    /// Told apart by it, two layers drop different scores; without, by their place.
    pub seed: Option<u64>,
    #[serde(skip)]
    scale: Option<Param>,
}

impl Default for AdditiveAttention {
    fn default() -> Self {
        Self { use_scale: true, dropout: 0.0, seed: None, scale: None }
    }
}

impl AdditiveAttention {
    /// The layer with Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    builders! { dropout seed }

    calls! { use_causal_mask return_attention_scores }

    /// Weighs each feature by a number that learns (the default), or not.
    #[must_use]
    pub fn use_scale(self, use_scale: bool) -> Self {
        Self { use_scale, ..self }
    }

    /// The weight of each feature.
    fn weights(&self, features: usize) -> Result<Vec<f32>> {
        if !self.use_scale {
            return Ok(vec![1.0; features]);
        }
        let scale = built(self.scale.as_ref())?.value().as_slice();
        match scale.len() == features {
            true => Ok(scale.to_vec()),
            false => {
                let expected = format!("(batch, steps, {})", scale.len());
                Err(Error::argument("inputs", expected, format!("{features} features")))
            }
        }
    }
}

impl MultiLayer for AdditiveAttention {
    const CLASS_NAME: &'static str = "AdditiveAttention";
    const ARGUMENTS: &'static [&'static str] = &[SCORES, CAUSAL];
    const KEEPS_MASK: bool = true;
    type Saved = SavedPairs;

    fn validate(&self) -> Result<()> {
        check_dropout(self.dropout)
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let [output, _] = pairs::shapes(inputs)?;
        Ok(vec![output])
    }

    fn shapes_of_call(&self, inputs: &[Shape], arguments: &Arguments) -> Result<Vec<Shape>> {
        let [output, scores] = pairs::shapes(arguments.split(inputs).0)?;
        Ok(if arguments.is_true(SCORES) { vec![output, scores] } else { vec![output] })
    }

    fn build_all(&mut self, inputs: &[Shape], rng: &mut Rng) -> Result<()> {
        pairs::shapes(inputs)?;
        self.scale = None;
        if self.use_scale {
            let features = inputs.first().and_then(Shape::last).ok_or_else(|| {
                Error::argument("input_shape", "a known length of the last axis", &inputs[0])
                    .with_help("set it in the Input: there is a weight for each feature")
            })?;
            let initializer = Initializer::from("glorot_uniform");
            let rules = Rules::new(&initializer, &None, &None);
            self.scale = Some(rules.weight("scale", &[features], rng)?);
        }
        Ok(())
    }

    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<SavedPairs>)> {
        let dropping = Dropping { rate: self.dropout, seed: self.seed };
        let features = xs.first().and_then(|query| query.shape().last().copied());
        let weights = self.weights(features.unwrap_or(0))?;
        let score = Score::Tanh { scale: 1.0, weights: &weights };
        pairs::forward(score, dropping, &xs, cx)
    }

    fn backward_all(
        &self,
        saved: SavedPairs,
        dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        let weights = self.weights(saved.features())?;
        let made = pairs::backward(Score::Tanh { scale: 1.0, weights: &weights }, saved, dys)?;
        if let (Some(scale), Some(dscale)) = (&self.scale, dw.get(0)) {
            dscale.add_scaled(1.0, &Tensor::new(scale.value().shape(), made.weights)?)?;
        }
        Ok(made.inputs.into())
    }

    fn output_masks(&self, _: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Mask>>> {
        Ok(mask_of_query(masks))
    }

    fn params(&self) -> Vec<&Param> {
        self.scale.iter().collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.scale.iter_mut().collect()
    }
}
