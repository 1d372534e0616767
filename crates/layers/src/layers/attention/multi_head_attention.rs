//! MultiHeadAttention: several looks at a sequence at once, each at what matters to it.

use ceratops_core::{
    Arguments, Context, Error, Gradients, Mask, MultiLayer, Param, Part, Result, Rng, Shape,
    Tensor, Tensors,
};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    super::rules::Rules,
    CAUSAL, PAIRS, SCORES, calls, check_dropout, check_sizes, made,
    multi_head::{MultiHead, Projections, SavedMultiHead, mask_of_query},
    places::Places,
    projection::Governing,
};

/// y = [head, ..., head] · Wo + bo with head = softmax(q · kᵀ / √key_dim) · v, where q, k and v are
/// query · Wq + bq, key · Wk + bk and value · Wv + bv, for each head with weights of its own: from
/// a query (batch, T, features) and a value (batch, S, ...) to (batch, T, features).
///
/// It is called with `[&query, &value]` or `[&query, &value, &key]`; the value is the key where there is
/// none. For self-attention call it with `[&x, &x]`.
///
/// Weights: `kernel` and `bias` of query (features, num_heads, key_dim) and key, of value (features,
/// num_heads, value_dim), and of attention_output (num_heads, value_dim, features); the biases lack the
/// axes that are summed over. With `use_gate` also of gate, before those of value.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{CallLayer, Input, Model, MultiHeadAttention};
///
/// let x = Input::new([None, Some(8)]).tensor();
/// let y = MultiHeadAttention::new(2, 4).use_causal_mask(true).call([&x, &x])?;
/// let model = Model::new([&x], [&y])?;
/// assert_eq!(model.count_params(), 4 * (8 * 8 + 8));
/// assert_eq!(model.predict(Tensor::zeros(&[3, 5, 8]))?.shape(), [3, 5, 8]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Which query looks at which key: those that the masks of query, value and key leave over, that
/// `attention_mask` does, and the causal mask and the sliding window. A query that may look at no key looks
/// at all of them alike; but where scores are put out or dropped, or the input has more than three axes, at
/// nothing. That is Keras' own difference. The output has the query's mask.
///
/// Source: Vaswani et al. 2017, "Attention Is All You Need"; Keras, `keras.layers.MultiHeadAttention`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct MultiHeadAttention {
    /// How many heads.
    pub num_heads: usize,
    /// How many numbers of query and key a head compares.
    pub key_dim: usize,
    /// How many numbers of the value a head puts out; `key_dim` by default.
    pub value_dim: Option<usize>,
    /// The share of scores that is dropped in training.
    pub dropout: f64,
    /// Whether the projections have a bias.
    pub use_bias: bool,
    /// Whether the heads' outputs are multiplied by sigmoid(query · Wg + bg).
    pub use_gate: bool,
    /// The axes of the output behind the steps; those of the query by default.
    #[serde(deserialize_with = "one_or_several")]
    pub output_shape: Option<Vec<usize>>,
    /// The axes that attention goes along: by default all between the batch and the last.
    #[serde(deserialize_with = "one_or_several")]
    pub attention_axes: Option<Vec<isize>>,
    /// How many steps to either side a query looks, its own counted; all by default.
    pub sliding_window: Option<usize>,
    /// The kernels' first values.
    pub kernel_initializer: Initializer,
    /// The biases' first values.
    pub bias_initializer: Initializer,
    /// A penalty on each kernel.
    pub kernel_regularizer: Option<Regularizer>,
    /// A penalty on each bias.
    pub bias_regularizer: Option<Regularizer>,
    /// A penalty on what each projection puts out, divided by the number of samples.
    pub activity_regularizer: Option<Regularizer>,
    /// A condition on each kernel.
    pub kernel_constraint: Option<Constraint>,
    /// A condition on each bias.
    pub bias_constraint: Option<Constraint>,
    /// Told apart by it, two layers drop different scores; without, by their place.
    pub seed: Option<u64>,
    #[serde(skip)]
    projections: Option<Projections>,
}

impl Default for MultiHeadAttention {
    fn default() -> Self {
        Self {
            num_heads: 0,
            key_dim: 0,
            value_dim: None,
            dropout: 0.0,
            use_bias: true,
            use_gate: false,
            output_shape: None,
            attention_axes: None,
            sliding_window: None,
            kernel_initializer: "glorot_uniform".into(),
            bias_initializer: "zeros".into(),
            kernel_regularizer: None,
            bias_regularizer: None,
            activity_regularizer: None,
            kernel_constraint: None,
            bias_constraint: None,
            seed: None,
            projections: None,
        }
    }
}

impl MultiHeadAttention {
    /// The layer of so many heads, each comparing `key_dim` numbers, else with Keras' defaults.
    pub fn new(num_heads: usize, key_dim: usize) -> Self {
        Self { num_heads, key_dim, ..Self::default() }
    }

    builders! {
        use_bias kernel_initializer bias_initializer kernel_regularizer bias_regularizer
        activity_regularizer kernel_constraint bias_constraint dropout use_gate sliding_window seed
    }

    calls! { use_causal_mask return_attention_scores attention_mask }

    /// Lets each head put out so many numbers.
    #[must_use]
    pub fn value_dim(self, value_dim: usize) -> Self {
        Self { value_dim: Some(value_dim), ..self }
    }

    /// Gives the output these axes behind the steps: `[8]`, or several.
    #[must_use]
    pub fn output_shape(self, output_shape: impl Into<Vec<usize>>) -> Self {
        Self { output_shape: Some(output_shape.into()), ..self }
    }

    /// Goes along these axes.
    #[must_use]
    pub fn attention_axes(self, axes: impl Into<Vec<isize>>) -> Self {
        Self { attention_axes: Some(axes.into()), ..self }
    }

    fn governing(&self) -> Governing<'_> {
        let (kernel, bias) = (&self.kernel_initializer, &self.bias_initializer);
        let bias = Rules::new(bias, &self.bias_regularizer, &self.bias_constraint);
        Governing {
            kernel: Rules::new(kernel, &self.kernel_regularizer, &self.kernel_constraint),
            bias: self.use_bias.then_some(bias),
        }
    }

    fn multi_head(&self) -> MultiHead<'_> {
        MultiHead {
            heads: self.num_heads,
            shared: self.num_heads,
            key_dim: self.key_dim,
            value_dim: self.value_dim.unwrap_or(self.key_dim),
            output: self.output_shape.as_deref().filter(|axes| !axes.is_empty()),
            axes: self.attention_axes.as_deref(),
            dropout: self.dropout,
            seed: self.seed,
            window: self.sliding_window,
            gated: self.use_gate,
            penalty: self.activity_regularizer.as_ref(),
        }
    }
}

impl MultiLayer for MultiHeadAttention {
    const CLASS_NAME: &'static str = "MultiHeadAttention";
    const INPUTS: &'static [&'static str] = &["query", "value", "key"];
    const ARGUMENTS: &'static [&'static str] = &[PAIRS, SCORES, CAUSAL];
    const KEEPS_MASK: bool = true;
    type Saved = SavedMultiHead;

    fn validate(&self) -> Result<()> {
        let value_dim = self.value_dim.unwrap_or(self.key_dim);
        check_sizes([
            ("num_heads", self.num_heads),
            ("key_dim", self.key_dim),
            ("value_dim", value_dim),
        ])?;
        check_dropout(self.dropout)?;
        if self.sliding_window == Some(0) {
            return Err(Error::argument("sliding_window", "a positive integer", 0));
        }
        if self.output_shape.iter().flatten().any(|len| *len == 0) {
            let found = format!("{:?}", self.output_shape.as_deref().unwrap_or_default());
            return Err(Error::argument("output_shape", "positive integers", found));
        }
        self.governing().validate(self.activity_regularizer.as_ref())
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let [output, _] = self.multi_head().shapes(inputs)?;
        Ok(vec![output])
    }

    fn shapes_of_call(&self, inputs: &[Shape], arguments: &Arguments) -> Result<Vec<Shape>> {
        let [output, scores] = self.multi_head().shapes(arguments.split(inputs).0)?;
        Ok(if arguments.is_true(SCORES) { vec![output, scores] } else { vec![output] })
    }

    fn build_all(&mut self, inputs: &[Shape], rng: &mut Rng) -> Result<()> {
        self.multi_head().shapes(inputs)?;
        self.projections = Some(self.multi_head().build(inputs, &self.governing(), rng)?);
        // Keras says from then on which they are.
        let ndim = inputs.first().map_or(0, Shape::ndim);
        let along = Places::of(self.attention_axes.as_deref(), ndim)?.along;
        self.attention_axes = Some(along.into_iter().map(usize::cast_signed).collect());
        self.value_dim.get_or_insert(self.key_dim);
        Ok(())
    }

    fn forward_all(
        &self,
        xs: Tensors,
        cx: &mut Context,
    ) -> Result<(Tensors, Option<SavedMultiHead>)> {
        self.multi_head().forward(made(self.projections.as_ref())?, &xs, cx)
    }

    fn backward_all(
        &self,
        saved: SavedMultiHead,
        dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        self.multi_head().gradients(made(self.projections.as_ref())?, saved, dys, dw)
    }

    fn output_masks(&self, _: &[Tensor], masks: &[Option<Mask>]) -> Result<Vec<Option<Mask>>> {
        Ok(mask_of_query(masks))
    }

    fn params(&self) -> Vec<&Param> {
        self.projections.iter().flat_map(Projections::params).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.projections.iter_mut().flat_map(Projections::params_mut).collect()
    }

    fn parts(&self) -> Vec<Part<'_>> {
        // Keras has no public name for the gate.
        let attribute = |name: &str| match name {
            "gate" => "_gate_dense".to_owned(),
            _ => format!("{name}_dense"),
        };
        let held = self.projections.iter().flat_map(|own| own.parts(attribute));
        std::iter::once(Part::own(Vec::new())).chain(held).collect()
    }
}

/// One number, or a list of numbers, or null.
fn one_or_several<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected an integer or a list of integers")]
    enum Form<T> {
        One(T),
        Several(Vec<T>),
    }
    Ok(match Option::deserialize(deserializer)? {
        Some(Form::One(one)) => Some(vec![one]),
        Some(Form::Several(several)) => Some(several),
        None => None,
    })
}
