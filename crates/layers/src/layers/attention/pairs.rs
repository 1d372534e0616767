//! Attention with one head and no projections: scores of pairs, and what is made of them.

use ceratops_activations::{softmax_over, softmax_over_backward, tanh};
use ceratops_core::{Context, Error, Inside, Mask, Result, Shape, Tensor, Tensors};

use super::{
    super::{Dropout, shape_error},
    CAUSAL, SCORES,
    heads::Heads,
    keep::{Axes, Keep, Rules},
    query_value_key,
};
use crate::kernels::{Matrix, MatrixMut, matmul, matmul_add};

/// How alike a query and a key are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Score<'a> {
    /// scale · Σ q k
    Dot { scale: f32 },
    /// Σ weight · tanh(scale · (q + k))
    Tanh { scale: f32, weights: &'a [f32] },
}

/// What dropping needs to know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dropping {
    pub(super) rate: f64,
    pub(super) seed: Option<u64>,
}

/// What the gradient needs.
#[derive(Debug)]
pub struct SavedPairs {
    query: Tensor,
    value: Tensor,
    key: Option<Tensor>,
    scores: Tensor,
    dropped: Option<Tensor>,
    queries: Option<Mask>,
    heads: Heads,
}

impl SavedPairs {
    /// How many features query and key have.
    pub(super) fn features(&self) -> usize {
        self.heads.key_dim
    }
}

/// The gradients of the inputs, of the scale, and of the weights.
pub(super) struct PairGradients {
    pub(super) inputs: [Option<Tensor>; 3],
    pub(super) scale: f32,
    pub(super) weights: Vec<f32>,
}

/// Added to a score that does not count.
const PENALTY: f32 = -1e9;

/// Refuses inputs that do not go together; the shapes of the output and of the scores.
pub(super) fn shapes(inputs: &[Shape]) -> Result<[Shape; 2]> {
    let (query, value, key) = query_value_key(inputs)?;
    let key = key.unwrap_or(value);
    for input in [query, value, key] {
        if input.ndim() < 3 || input.ndim() != query.ndim() {
            let help = "query, value and key need the axes (batch, steps, features)";
            return Err(shape_error(input, "(batch, steps, features)", help));
        }
    }
    let last = query.ndim() - 1;
    let differ = |a: &Shape, b: &Shape, axis: usize| matches!((a.axes()[axis], b.axes()[axis]), (Some(a), Some(b)) if a != b);
    if differ(query, key, last) {
        let help = "query and key must have as many features as each other";
        return Err(shape_error(key, query.to_string(), help));
    }
    if differ(key, value, last - 1) {
        let help = "value and key must have as many steps as each other";
        return Err(shape_error(key, value.to_string(), help));
    }
    if let Some(axis) = (1..last - 1).find(|&i| differ(query, value, i) || differ(query, key, i)) {
        let help = format!("query, value and key must agree along axis {axis}");
        return Err(shape_error(value, query.to_string(), help));
    }
    let lead = &query.axes()[..last];
    let output = [lead, &value.axes()[last..]].concat();
    let scores = [lead, &key.axes()[last - 1..last]].concat();
    Ok([Shape::from(output), Shape::from(scores)])
}

fn sizes(query: &Tensor, value: &Tensor, key: &Tensor) -> Result<Heads> {
    let shapes = [query, value, key].map(|x| Shape::of(x.shape()));
    self::shapes(&shapes)?;
    let last = query.ndim() - 1;
    if query.batch() != value.batch() || query.batch() != key.batch() {
        let help = "query, value and key must be of one batch";
        return Err(Error::shape("value", Shape::of(query.shape()), value.shape(), help));
    }
    Ok(Heads {
        outer: query.shape()[..last - 1].iter().product(),
        queries: query.shape()[last - 1],
        keys: key.shape()[last - 1],
        heads: 1,
        shared: 1,
        key_dim: query.shape()[last],
        value_dim: value.shape()[last],
    })
}

pub(super) fn forward(
    score: Score<'_>,
    dropping: Dropping,
    xs: &[Tensor],
    cx: &mut Context,
) -> Result<(Tensors, Option<SavedPairs>)> {
    let (causal, returns_scores) = (cx.arguments().is_true(CAUSAL), cx.arguments().is_true(SCORES));
    let (query, value, key) = query_value_key(cx.arguments().split(xs).0)?;
    let heads = sizes(query, value, key.unwrap_or(value))?;
    let mask = |i: usize| cx.masks().get(i).and_then(Option::as_ref);
    let last = query.ndim() - 1;
    let rules = Rules { causal, keys: [mask(1), None], ..Rules::default() };
    let (lead, steps) = query.shape()[..last].split_at(last - 1);
    let axes = Axes { lead, queries: steps, keys: &value.shape()[last - 1..last] };
    let keep = Keep::of(rules, axes, heads)?;
    let queries = mask(0).cloned();
    let mut scores = score.of(query, key.unwrap_or(value), heads)?;
    if let Some(keep) = &keep {
        keep.add(&mut scores, heads, PENALTY);
    }
    let scores = softmax_over(scores, &[-1])?;
    cx.show(Inside::Scores, &scores);
    let dropped = match cx.is_training() && dropping.rate > 0.0 {
        true => {
            let Dropping { rate, seed } = dropping;
            Some(Dropout { rate, seed, noise_shape: None }.mask(scores.shape(), cx)?)
        }
        false => None,
    };
    let used = used(&scores, dropped.as_ref())?;
    let y = silent(heads.combined(&used, value), queries.as_ref());
    let shapes = shapes(&[query, value, key.unwrap_or(value)].map(|x| Shape::of(x.shape())))?;
    let full = |shape: &Shape| shape.axes().iter().map(|len| len.unwrap_or(0)).collect::<Vec<_>>();
    let mut ys = Tensors::from(y.reshape(&full(&shapes[0]))?);
    if returns_scores {
        ys.push(used.reshape(&full(&shapes[1]))?);
    }
    let saved = cx.save(|| SavedPairs {
        query: query.clone(),
        value: value.clone(),
        key: key.cloned(),
        scores,
        dropped,
        queries,
        heads,
    });
    Ok((ys, saved))
}

pub(super) fn backward(
    score: Score<'_>,
    saved: SavedPairs,
    dys: Vec<Option<Tensor>>,
) -> Result<PairGradients> {
    let SavedPairs { query, value, key, scores, dropped, queries, heads } = saved;
    let mut dys = dys.into_iter();
    let rows = [heads.outer * heads.queries, heads.value_dim];
    let dy = match dys.next().flatten() {
        Some(dy) => silent(dy.reshape(&rows)?, queries.as_ref()),
        None => Tensor::zeros(&rows),
    };
    let [mut dp, dv] = heads.combined_gradient(&used(&scores, dropped.as_ref())?, &value, &dy);
    if let Some(dscores) = dys.next().flatten() {
        dp.add_scaled(1.0, &dscores.reshape(scores.shape())?)?;
    }
    let dscores = softmax_over_backward(&scores, used(&dp, dropped.as_ref())?, &[-1])?;
    let own_key = key.as_ref().unwrap_or(&value);
    let PairGradients { inputs, scale, weights } =
        score.gradients(&query, own_key, &dscores, heads)?;
    let [dq, _, dk] = inputs.map(|dx| dx.unwrap_or_else(|| Tensor::zeros(&[0])));
    let dquery = Some(dq.reshape(query.shape())?);
    let mut dvalue = dv.reshape(value.shape())?;
    let dkey = match &key {
        Some(key) => Some(dk.reshape(key.shape())?),
        None => {
            dvalue.add_scaled(1.0, &dk.reshape(value.shape())?)?;
            None
        }
    };
    Ok(PairGradients { inputs: [dquery, Some(dvalue), dkey], scale, weights })
}

fn used(scores: &Tensor, dropped: Option<&Tensor>) -> Result<Tensor> {
    dropped
        .map_or_else(|| Ok(scores.clone()), |dropped| scores.clone().zip_map(dropped, |s, d| s * d))
}

/// `y` with zeros in the rows of queries that do not count.
fn silent(mut y: Tensor, queries: Option<&Mask>) -> Tensor {
    let Some(queries) = queries else { return y };
    let len = y.shape().last().copied().unwrap_or(1).max(1);
    let rows = y.as_mut_slice().chunks_exact_mut(len).zip(queries.tensor().as_slice());
    rows.filter(|(_, keep)| **keep == 0.0).for_each(|(row, _)| row.fill(0.0));
    y
}

impl Score<'_> {
    /// The scores of all pairs.
    fn of(self, query: &Tensor, key: &Tensor, heads: Heads) -> Result<Tensor> {
        let (scale, weights) = match self {
            Self::Dot { scale } => {
                return Ok(heads.scores(query, key).map(|score| score * scale));
            }
            Self::Tanh { scale, weights } => (scale, weights),
        };
        let mut scores = Tensor::zeros(&[heads.outer, 1, heads.queries, heads.keys]);
        let mut buffer = Tensor::zeros(&[heads.keys, heads.key_dim]);
        let rows = scores.as_mut_slice().chunks_exact_mut(heads.keys.max(1));
        for (row, scores) in rows.enumerate() {
            let (query, keys) = neighbours(query, key, heads, row);
            buffer = curved(buffer, query, keys, scale);
            let curved = Matrix::new(buffer.as_slice(), heads.key_dim);
            matmul(curved, Matrix::new(weights, 1), MatrixMut::new(scores, 1));
        }
        Ok(scores)
    }

    /// The gradients of query and key, in the first and the last place, and of what learns.
    fn gradients(
        self,
        query: &Tensor,
        key: &Tensor,
        dscores: &Tensor,
        heads: Heads,
    ) -> Result<PairGradients> {
        let (scale, weights) = match self {
            Self::Dot { scale } => {
                // dL/dscale = Σ dscores · (q · kᵀ)
                let products = heads.scores(query, key);
                let along = |(d, p): (&f32, &f32)| f64::from(*d) * f64::from(*p);
                let dscale: f64 =
                    dscores.as_slice().iter().zip(products.as_slice()).map(along).sum();
                let scaled = dscores.clone().map(|d| d * scale);
                let [dq, dk] = heads.scores_gradient(query, key, &scaled);
                let inputs = [Some(dq), None, Some(dk)];
                return Ok(PairGradients { inputs, scale: dscale as f32, weights: Vec::new() });
            }
            Self::Tanh { scale, weights } => (scale, weights),
        };
        let (mut dq, mut dk) = (Tensor::zeros(query.shape()), Tensor::zeros(key.shape()));
        let (mut dscale, mut dweights) = (0.0f64, vec![0.0; weights.len()]);
        let mut buffer = Tensor::zeros(&[heads.keys, heads.key_dim]);
        let dim = heads.key_dim.max(1);
        let rows = dscores.as_slice().chunks_exact(heads.keys.max(1));
        for (row, dscores) in rows.enumerate() {
            let (query, keys) = neighbours(query, key, heads, row);
            buffer = curved(buffer, query, keys, scale);
            // dL/dweight = Σ dscore · tanh
            let turned = Matrix::new(buffer.as_slice(), heads.key_dim).transposed();
            matmul_add(turned, Matrix::new(dscores, 1), MatrixMut::new(&mut dweights, 1));
            let dq = &mut dq.as_mut_slice()[row * heads.key_dim..][..heads.key_dim];
            let sample = (row / heads.queries.max(1)) * keys.len();
            let dk = dk.as_mut_slice()[sample..][..keys.len()].chunks_exact_mut(dim);
            let each = buffer.as_slice().chunks_exact(dim).zip(keys.chunks_exact(dim)).zip(dk);
            for (((curved, key), dk), dscore) in each.zip(dscores) {
                for i in 0..curved.len() {
                    // dL/d(q + k) = dscore · weight · (1 - tanh²) · scale
                    let inner = dscore * weights[i] * (1.0 - curved[i] * curved[i]);
                    dscale += f64::from(inner) * f64::from(query[i] + key[i]);
                    dq[i] += inner * scale;
                    dk[i] += inner * scale;
                }
            }
        }
        let inputs = [Some(dq), None, Some(dk)];
        Ok(PairGradients { inputs, scale: dscale as f32, weights: dweights })
    }
}

/// The query of a row of scores, and the keys of its sample.
fn neighbours<'a>(
    query: &'a Tensor,
    key: &'a Tensor,
    heads: Heads,
    row: usize,
) -> (&'a [f32], &'a [f32]) {
    let (dim, len) = (heads.key_dim, heads.keys * heads.key_dim);
    let sample = row / heads.queries.max(1);
    (&query.as_slice()[row * dim..][..dim], &key.as_slice()[sample * len..][..len])
}

/// tanh(scale · (query + key)) for each key.
fn curved(mut to: Tensor, query: &[f32], keys: &[f32], scale: f32) -> Tensor {
    let dim = query.len().max(1);
    let rows = to.as_mut_slice().chunks_exact_mut(dim).zip(keys.chunks_exact(dim));
    for (to, key) in rows {
        to.iter_mut().zip(query.iter().zip(key)).for_each(|(to, (q, k))| *to = scale * (q + k));
    }
    tanh(to)
}
