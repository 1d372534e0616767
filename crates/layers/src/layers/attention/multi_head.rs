//! What the layers with several heads share: projections, scores, and the way back.

mod backward;

use ceratops_activations::softmax_over;
use ceratops_core::{
    Context, Error, Inside, Mask, Param, Part, Result, Rng, Shape, Tensor, Tensors,
};
use ceratops_weights::Regularizer;

use super::{
    super::{Dropout, shape_error, tail::SavedTail},
    CAUSAL, PAIRS, SCORES,
    heads::Heads,
    keep::{Axes, Keep, Rules},
    places::Places,
    projection::{Governing, Projection},
    query_value_key,
};

/// The arguments of such a layer.
pub(super) struct MultiHead<'a> {
    pub(super) heads: usize,
    /// How many heads of keys and values there are.
    pub(super) shared: usize,
    pub(super) key_dim: usize,
    pub(super) value_dim: usize,
    /// The axes of the output; none for the last one of the query.
    pub(super) output: Option<&'a [usize]>,
    pub(super) axes: Option<&'a [isize]>,
    pub(super) dropout: f64,
    pub(super) seed: Option<u64>,
    pub(super) window: Option<usize>,
    pub(super) gated: bool,
    pub(super) penalty: Option<&'a Regularizer>,
}

/// The weights, in Keras' order.
#[derive(Debug, Clone)]
pub(super) struct Projections {
    query: Projection,
    key: Projection,
    gate: Option<Projection>,
    value: Projection,
    output: Projection,
}

/// What the gradient needs.
#[derive(Debug)]
pub struct SavedMultiHead {
    /// The inputs as they were worked on; the key only if it is not the value.
    query: Tensor,
    value: Tensor,
    key: Option<Tensor>,
    /// What was projected of them, the query scaled.
    projected: [Tensor; 3],
    tails: Tails,
    /// What the heads' outputs were multiplied by.
    gate: Option<Tensor>,
    /// What the heads put out, before the gate.
    context: Tensor,
    scores: Tensor,
    dropped: Option<Tensor>,
    keep: Option<Keep>,
    heads: Heads,
}

/// What the projections keep for their penalties and activations.
#[derive(Debug, Default)]
struct Tails {
    query: Option<SavedTail>,
    key: Option<SavedTail>,
    gate: Option<SavedTail>,
    value: Option<SavedTail>,
    output: Option<SavedTail>,
}

/// What stands in the place of a score that does not count, as in Keras where no score is put out.
const MASKED: f32 = -0.7 * 3.389_53e38;
/// The same where they are put out, or dropped.
const MASKED_SCORE: f32 = -1e9;

impl Projections {
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &Projection)> {
        let first = [("query", &self.query), ("key", &self.key)].into_iter();
        let gate = self.gate.iter().map(|gate| ("gate", gate));
        first.chain(gate).chain([("value", &self.value), ("attention_output", &self.output)])
    }

    pub(super) fn params(&self) -> impl Iterator<Item = &Param> {
        self.all().flat_map(|(_, projection)| projection.params())
    }

    pub(super) fn params_mut(&mut self) -> impl Iterator<Item = &mut Param> {
        let Self { query, key, gate, value, output } = self;
        let all = [query, key].into_iter().chain(gate).chain([value, output]);
        all.flat_map(Projection::params_mut)
    }

    /// The weights by the objects that keep them: attribute(name) is what holds the layer's part.
    pub(super) fn parts(&self, attribute: impl Fn(&str) -> String) -> Vec<Part<'_>> {
        self.all()
            .map(|(name, own)| {
                let held = attribute(if name == "attention_output" { "output" } else { name });
                Part::held(held, name, own.params().collect())
            })
            .collect()
    }
}

impl MultiHead<'_> {
    /// Refuses inputs that do not go together; the shapes of the output and of the scores.
    pub(super) fn shapes(&self, inputs: &[Shape]) -> Result<[Shape; 2]> {
        let (query, value, key) = query_value_key(inputs)?;
        for input in [query, value, key.unwrap_or(value)] {
            if input.ndim() < 3 || input.ndim() != query.ndim() {
                let help = "query, value and key need the axes (batch, steps, features), and as many as \
                            each other";
                return Err(shape_error(input, "(batch, ..., features)", help));
            }
        }
        let places = Places::of(self.axes, query.ndim())?;
        let (own, [lead, along]) = (query.axes(), places.split(query.axes()));
        for other in [value, key.unwrap_or(value)] {
            let same = |axis: &usize| agree(own[*axis], other.axes()[*axis]);
            if !places.lead.iter().skip(1).all(same) {
                return Err(shape_error(
                    other,
                    query.to_string(),
                    "the axes that attention does not go \
                                                                  along must be as long",
                ));
            }
        }
        if let Some(key) = key {
            let pairs = key.axes().iter().zip(value.axes()).skip(1);
            if !pairs.take(key.ndim() - 2).all(|(a, b)| agree(*a, *b)) {
                let help = "value and key must have as many steps";
                return Err(shape_error(key, value.to_string(), help));
            }
        }
        let mut output = own[..query.ndim() - 1].to_vec();
        match self.output {
            Some(axes) => output.extend(axes.iter().map(|len| Some(*len))),
            None => output.push(own[query.ndim() - 1]),
        }
        let [_, keys] = places.split(key.unwrap_or(value).axes());
        let scores = [&lead[..], &[Some(self.heads)], &along, &keys].concat();
        Ok([Shape::from(output), Shape::from(scores)])
    }

    pub(super) fn build(
        &self,
        inputs: &[Shape],
        governing: &Governing<'_>,
        rng: &mut Rng,
    ) -> Result<Projections> {
        let (query, value, key) = query_value_key(inputs)?;
        let features = |input: &Shape| {
            input.last().ok_or_else(|| {
                Error::argument("input_shape", "a known length of the last axis", input)
                    .with_help("set it in the Input: the kernels' sizes depend on it")
            })
        };
        let [of_query, of_value, of_key] =
            [features(query)?, features(value)?, features(key.unwrap_or(value))?];
        let (keys, values) = ([self.shared, self.key_dim], [self.shared, self.value_dim]);
        let mut dense = |from: &[usize], to: &[usize], activation: &str| {
            Projection::new(governing, from, to, activation.into(), rng)
        };
        let context = [self.heads, self.value_dim];
        Ok(Projections {
            query: dense(&[of_query], &[self.heads, self.key_dim], "linear")?,
            key: dense(&[of_key], &keys, "linear")?,
            gate: match self.gated {
                true => Some(dense(&[of_query], &context, "sigmoid")?),
                false => None,
            },
            value: dense(&[of_value], &values, "linear")?,
            output: dense(&context, self.output.unwrap_or(&[of_query]), "linear")?,
        })
    }

    /// How many there are of everything.
    fn sizes(&self, places: &Places, [query, value, key]: [&Tensor; 3]) -> Result<Heads> {
        let [lead, queries] = places.split(query.shape());
        let [value_lead, values] = places.split(value.shape());
        let [key_lead, keys] = places.split(key.shape());
        if [&value_lead, &key_lead] != [&lead; 2] || keys != values {
            let expected = Shape::of(value.shape());
            let help = "query, value and key must be of one batch, value and key of as many steps";
            return Err(Error::shape("key", expected, key.shape(), help));
        }
        Ok(Heads {
            outer: lead.iter().product(),
            queries: queries.iter().product(),
            keys: keys.iter().product(),
            heads: self.heads,
            shared: self.shared,
            key_dim: self.key_dim,
            value_dim: self.value_dim,
        })
    }

    pub(super) fn forward(
        &self,
        projections: &Projections,
        xs: &[Tensor],
        cx: &mut Context,
    ) -> Result<(Tensors, Option<SavedMultiHead>)> {
        // The sigmoid of a gate closes no model.
        cx.set_wants_logits(false);
        let returns_scores = cx.arguments().is_true(SCORES);
        let (inputs, _) = cx.arguments().split(xs);
        let (query, value, key) = query_value_key(inputs)?;
        if inputs.iter().any(|x| x.ndim() != query.ndim() || x.ndim() < 3) {
            let help = "query, value and key need as many axes as each other";
            return Err(Error::shape("input", "(batch, steps, features)", query.shape(), help));
        }
        let places = Places::of(self.axes, query.ndim())?;
        let heads = self.sizes(&places, [query, value, key.unwrap_or(value)])?;
        let keep = self.keep(&places, xs, heads, cx)?;
        let [query, value] = [places.gathered(query, 1)?, places.gathered(value, 1)?];
        let key = key.map(|key| places.gathered(key, 1)).transpose()?;
        let gate = projections.gate.as_ref();
        let gate = gate.map(|gate| gate.forward(&query, self.penalty, cx)).transpose()?;
        let (gate, of_gate) = gate.map_or((None, None), |(gate, tail)| (Some(gate), tail));
        let (mut q, of_query) = projections.query.forward(&query, self.penalty, cx)?;
        let own_key = key.as_ref().unwrap_or(&value);
        let (k, of_key) = projections.key.forward(own_key, self.penalty, cx)?;
        let (v, of_value) = projections.value.forward(&value, self.penalty, cx)?;
        let scale = self.scale();
        q = q.map(|q| q * scale);
        // As in Keras, what becomes of a query that may look at nothing depends on how it is computed:
        // it looks at all, or at nothing.
        let apart = returns_scores || self.dropout > 0.0 || xs[0].ndim() != 3;
        let scores = probabilities(heads.scores(&q, &k), keep.as_ref(), heads, apart)?;
        cx.show(Inside::Scores, &scores);
        let dropped = self.dropped(&scores, cx)?;
        let context = heads.combined(&times(&scores, dropped.as_ref())?, &v);
        let gated = times(&context, gate.as_ref())?;
        let (y, of_output) = projections.output.forward(&gated, self.penalty, cx)?;
        let [lead, along] = places.split(xs[0].shape());
        let out = self.output.map_or_else(|| vec![y.shape()[1]], <[usize]>::to_vec);
        let y = y.reshape(&[&lead[..], &along, &out].concat())?;
        let mut ys = Tensors::from(places.scattered(y, out.len())?);
        if returns_scores {
            let [_, keys] = places.split(xs[1].shape());
            let shape = [&lead[..], &[self.heads], &along, &keys].concat();
            ys.push(scores.clone().reshape(&shape)?);
        }
        let tails = Tails {
            query: of_query,
            key: of_key,
            gate: of_gate,
            value: of_value,
            output: of_output,
        };
        let saved = cx.save(|| SavedMultiHead {
            query,
            value,
            key,
            projected: [q, k, v],
            tails,
            gate,
            context,
            scores,
            dropped,
            keep,
            heads,
        });
        Ok((ys, saved))
    }

    /// 1 / √key_dim
    fn scale(&self) -> f32 {
        (1.0 / (self.key_dim as f64).sqrt()) as f32
    }

    /// Which query may look at which key, in the call that `cx` tells of.
    fn keep(
        &self,
        places: &Places,
        xs: &[Tensor],
        heads: Heads,
        cx: &Context,
    ) -> Result<Option<Keep>> {
        let arguments = cx.arguments();
        let mask = |i: usize| cx.masks().get(i).and_then(Option::as_ref);
        let inputs = arguments.split(xs).0.len();
        let rules = Rules {
            causal: arguments.is_true(CAUSAL),
            window: self.window,
            queries: mask(0),
            keys: [mask(1), mask(2).filter(|_| inputs > 2)],
            pairs: arguments.tensor(PAIRS, xs),
        };
        let ordered = rules.causal || rules.window.is_some();
        if ordered && places.along.len() != 1 {
            let message = "a causal mask and a sliding window need attention along one axis";
            return Err(Error::Model(message.into()));
        }
        let [lead, queries] = places.split(xs[0].shape());
        let [_, keys] = places.split(xs[1].shape());
        Keep::of(rules, Axes { lead: &lead, queries: &queries, keys: &keys }, heads)
    }

    /// What each score is multiplied by; nothing where none is dropped.
    fn dropped(&self, scores: &Tensor, cx: &mut Context) -> Result<Option<Tensor>> {
        if !cx.is_training() || self.dropout == 0.0 {
            return Ok(None);
        }
        let dropout = Dropout { rate: self.dropout, seed: self.seed, noise_shape: None };
        dropout.mask(scores.shape(), cx).map(Some)
    }
}

/// What the query's mask says of the outputs.
pub(super) fn mask_of_query(masks: &[Option<Mask>]) -> Vec<Option<Mask>> {
    vec![masks.first().cloned().flatten()]
}

/// The scores of each query as probabilities. A query that may look at nothing looks at all alike, or,
/// where they are taken `apart`, at nothing.
fn probabilities(
    mut scores: Tensor,
    keep: Option<&Keep>,
    heads: Heads,
    apart: bool,
) -> Result<Tensor> {
    if let Some(keep) = keep {
        keep.fill(&mut scores, heads, if apart { MASKED_SCORE } else { MASKED });
    }
    let mut scores = softmax_over(scores, &[-1])?;
    if let (Some(keep), true) = (keep, apart) {
        keep.fill(&mut scores, heads, 0.0);
    }
    Ok(scores)
}

/// `x`, each number multiplied by that of `factors`, if there are any.
fn times(x: &Tensor, factors: Option<&Tensor>) -> Result<Tensor> {
    factors.map_or_else(|| Ok(x.clone()), |factors| x.clone().zip_map(factors, |x, f| x * f))
}

/// Whether a length can be both.
fn agree(a: Option<usize>, b: Option<usize>) -> bool {
    a.is_none() || b.is_none() || a == b
}
