//! GroupQueryAttention: attention whose heads share keys and values in groups.

use ceratops_core::{
    Arguments, Context, Error, Gradients, Mask, MultiLayer, Param, Part, Result, Rng, Shape,
    Tensor, Tensors,
};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

use super::{
    super::{rules::Rules, shape_error},
    CAUSAL, PAIRS, SCORES, calls, check_dropout, check_sizes, made,
    multi_head::{MultiHead, Projections, SavedMultiHead, mask_of_query},
    projection::Governing,
};

/// The same as [`MultiHeadAttention`](crate::MultiHeadAttention), but that neighbouring heads share one
/// head of keys and values: from a query (batch, T, features) and a value (batch, S, ...) to (batch, T,
/// features).
///
/// Weights: `kernel` and `bias` of query (features, num_query_heads, head_dim), of key and value
/// (features, num_key_value_heads, head_dim), and of attention_output (num_query_heads, head_dim,
/// features); with `use_gate` also of gate, before those of value.
///
/// ```
/// use ceratops_layers::{CallLayer, GroupQueryAttention, Input, Model};
///
/// let x = Input::new([5, 8]).tensor();
/// let model = Model::new([&x], [&GroupQueryAttention::new(2, 4, 2).call([&x, &x])?])?;
/// assert_eq!(model.count_params(), 2 * (8 * 8 + 8) + 2 * (8 * 4 + 4));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Ainslie et al. 2023, "GQA: Training Generalized Multi-Query Transformer Models from Multi-Head
/// Checkpoints"; Keras, `keras.layers.GroupQueryAttention`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupQueryAttention {
    /// How many numbers a head compares, and puts out.
    pub head_dim: usize,
    /// How many heads.
    pub num_query_heads: usize,
    /// How many heads of keys and values; a divisor of the number of heads.
    pub num_key_value_heads: usize,
    /// Whether the projections have a bias.
    pub use_bias: bool,
    /// Whether the heads' outputs are multiplied by sigmoid(query · Wg + bg).
    pub use_gate: bool,
    /// How many steps to either side a query looks, its own counted; all by default.
    pub sliding_window: Option<usize>,
    /// The share of scores that is dropped in training.
    pub dropout: f64,
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

impl Default for GroupQueryAttention {
    fn default() -> Self {
        Self {
            head_dim: 0,
            num_query_heads: 0,
            num_key_value_heads: 0,
            use_bias: true,
            use_gate: false,
            sliding_window: None,
            dropout: 0.0,
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

impl GroupQueryAttention {
    /// The layer of so many heads, each comparing `head_dim` numbers, which share so many heads of keys
    /// and values, else with Keras' defaults.
    pub fn new(head_dim: usize, num_query_heads: usize, num_key_value_heads: usize) -> Self {
        Self { head_dim, num_query_heads, num_key_value_heads, ..Self::default() }
    }

    builders! {
        use_bias kernel_initializer bias_initializer kernel_regularizer bias_regularizer
        activity_regularizer kernel_constraint bias_constraint dropout use_gate sliding_window seed
    }

    calls! { use_causal_mask return_attention_scores attention_mask }

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
            heads: self.num_query_heads,
            shared: self.num_key_value_heads,
            key_dim: self.head_dim,
            value_dim: self.head_dim,
            output: None,
            axes: None,
            dropout: self.dropout,
            seed: self.seed,
            window: self.sliding_window,
            gated: self.use_gate,
            penalty: self.activity_regularizer.as_ref(),
        }
    }

    fn shapes(&self, inputs: &[Shape]) -> Result<[Shape; 2]> {
        if let Some(input) = inputs.iter().find(|input| input.ndim() != 3) {
            let help = "with more axes take MultiHeadAttention";
            return Err(shape_error(input, "(batch, steps, features)", help));
        }
        if let [query, value, ..] = inputs
            && let (Some(own), Some(other)) = (query.last(), value.last())
            && own != other
        {
            let help = "query and value must have as many features as each other";
            return Err(shape_error(value, query.to_string(), help));
        }
        self.multi_head().shapes(inputs)
    }
}

impl MultiLayer for GroupQueryAttention {
    const CLASS_NAME: &'static str = "GroupQueryAttention";
    const INPUTS: &'static [&'static str] = &["query", "value", "key"];
    const ARGUMENTS: &'static [&'static str] = &[PAIRS, SCORES, CAUSAL];
    const KEEPS_MASK: bool = true;
    type Saved = SavedMultiHead;

    fn validate(&self) -> Result<()> {
        let (heads, shared) = (self.num_query_heads, self.num_key_value_heads);
        check_sizes([
            ("num_query_heads", heads),
            ("num_key_value_heads", shared),
            ("head_dim", self.head_dim),
        ])?;
        if !heads.is_multiple_of(shared) {
            let expected = format!("a divisor of num_query_heads, {heads}");
            return Err(Error::argument("num_key_value_heads", expected, shared));
        }
        check_dropout(self.dropout)?;
        if self.sliding_window == Some(0) {
            return Err(Error::argument("sliding_window", "a positive integer", 0));
        }
        self.governing().validate(self.activity_regularizer.as_ref())
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let [output, _] = self.shapes(inputs)?;
        Ok(vec![output])
    }

    fn shapes_of_call(&self, inputs: &[Shape], arguments: &Arguments) -> Result<Vec<Shape>> {
        let [output, scores] = self.shapes(arguments.split(inputs).0)?;
        Ok(if arguments.is_true(SCORES) { vec![output, scores] } else { vec![output] })
    }

    fn build_all(&mut self, inputs: &[Shape], rng: &mut Rng) -> Result<()> {
        self.shapes(inputs)?;
        self.projections = Some(self.multi_head().build(inputs, &self.governing(), rng)?);
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
        let held =
            self.projections.iter().flat_map(|own| own.parts(|name| format!("_{name}_dense")));
        std::iter::once(Part::own(Vec::new())).chain(held).collect()
    }
}
