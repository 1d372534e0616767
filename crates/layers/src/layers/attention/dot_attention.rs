//! Attention: each query looks at the values by how much their keys are like it.

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
    pairs::{self, Dropping, PairGradients, SavedPairs, Score},
};

/// y = softmax(scores) · value, from a query (batch, T, features) and a value (batch, S, values) to
/// (batch, T, values). The scores are scale · query · keyᵀ with `score_mode` dot, and concat_score_weight ·
/// Σ tanh(scale · (query + key)) with concat.
///
/// It is called with `[&query, &value]` or `[&query, &value, &key]`; the value is the key where there is
/// none.
///
/// Weights, each one number: `scale` (if `use_scale`) and `concat_score_weight` (with concat); without,
/// the scale is 1.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Attention, CallLayer, Input, Model};
///
/// let [query, value] = [3, 5].map(|steps| Input::new([steps, 8]).tensor());
/// let model = Model::new([&query, &value], [&Attention::new().call([&query, &value])?])?;
/// let [query, value] = [3, 5].map(|steps| Tensor::zeros(&[1, steps, 8]));
/// assert_eq!(model.predict([&query, &value])?.shape(), [1, 3, 8]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Values that are masked, and with `use_causal_mask` later ones, are not looked at; of a query that is
/// masked the output is 0. The output has the query's mask.
///
/// Source: Luong et al. 2015, "Effective Approaches to Attention-based Neural Machine Translation"; Keras,
/// `keras.layers.Attention`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Attention {
    /// Whether the scores are scaled by a number that learns.
    pub use_scale: bool,
    /// How a query and a key are compared.
    pub score_mode: ScoreMode,
    /// The share of scores that is dropped in training.
    pub dropout: f64,
    /// Told apart by it, two layers drop different scores; without, by their place.
    pub seed: Option<u64>,
    #[serde(skip)]
    scale: Option<Param>,
    #[serde(skip)]
    concat_score_weight: Option<Param>,
    /// For concat, the weight once for each feature.
    #[serde(skip)]
    features: usize,
}

/// How [`Attention`] compares a query and a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScoreMode {
    /// scale · Σ q k
    #[default]
    Dot,
    /// concat_score_weight · Σ tanh(scale · (q + k))
    Concat,
}

impl Default for Attention {
    fn default() -> Self {
        Self {
            use_scale: false,
            score_mode: ScoreMode::Dot,
            dropout: 0.0,
            seed: None,
            scale: None,
            concat_score_weight: None,
            features: 0,
        }
    }
}

impl Attention {
    /// The layer with Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    builders! { dropout seed }

    calls! { use_causal_mask return_attention_scores }

    /// Scales the scores by a number that learns, or not (the default).
    #[must_use]
    pub fn use_scale(self, use_scale: bool) -> Self {
        Self { use_scale, ..self }
    }

    /// Compares queries and keys in this way.
    #[must_use]
    pub fn score_mode(self, score_mode: ScoreMode) -> Self {
        Self { score_mode, ..self }
    }

    /// `run` with the scores that the weights make.
    fn with_score<T>(&self, run: impl FnOnce(Score<'_>) -> Result<T>) -> Result<T> {
        let number = |param: &Option<Param>| -> Result<f32> {
            Ok(built(param.as_ref())?.value().as_slice().first().copied().unwrap_or(1.0))
        };
        let scale = if self.use_scale { number(&self.scale)? } else { 1.0 };
        match self.score_mode {
            ScoreMode::Dot => run(Score::Dot { scale }),
            ScoreMode::Concat => {
                let weights = vec![number(&self.concat_score_weight)?; self.features];
                run(Score::Tanh { scale, weights: &weights })
            }
        }
    }
}

impl MultiLayer for Attention {
    const CLASS_NAME: &'static str = "Attention";
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
        let ones = Initializer::from("ones");
        let rules = Rules::new(&ones, &None, &None);
        let mut weight =
            |name, wanted: bool| wanted.then(|| rules.weight(name, &[], rng)).transpose();
        self.scale = weight("scale", self.use_scale)?;
        let concat = self.score_mode == ScoreMode::Concat;
        self.concat_score_weight = weight("concat_score_weight", concat)?;
        if concat {
            let query = inputs.first().and_then(Shape::last);
            self.features = query.ok_or_else(|| {
                Error::argument("input_shape", "a known length of the last axis", &inputs[0])
            })?;
        }
        Ok(())
    }

    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<SavedPairs>)> {
        let dropping = Dropping { rate: self.dropout, seed: self.seed };
        self.with_score(|score| pairs::forward(score, dropping, &xs, cx))
    }

    fn backward_all(
        &self,
        saved: SavedPairs,
        dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        let PairGradients { inputs, scale, weights } =
            self.with_score(|score| pairs::backward(score, saved, dys))?;
        if let (Some(_), Some(dscale)) = (&self.scale, dw.get(0)) {
            dscale.add_scaled(1.0, &Tensor::scalar(scale))?;
        }
        let place = self.scale.iter().count();
        if let (Some(_), Some(dweight)) = (&self.concat_score_weight, dw.get(place)) {
            dweight.add_scaled(1.0, &Tensor::scalar(weights.iter().sum()))?;
        }
        Ok(inputs.into())
    }

    fn output_masks(&self, _: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Mask>>> {
        Ok(mask_of_query(masks))
    }

    fn params(&self) -> Vec<&Param> {
        self.scale.iter().chain(&self.concat_score_weight).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.scale.iter_mut().chain(&mut self.concat_score_weight).collect()
    }
}
