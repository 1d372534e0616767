//! Which query may look at which key.

use ceratops_core::{Error, Mask, Result, Shape, Tensor};

use super::heads::Heads;

/// Which query may look at which key: 1 where it may, else 0, as (samples, heads, queries, keys), where
/// samples and heads may be 1 for all.
#[derive(Debug)]
pub(super) struct Keep(Tensor);

/// What decides that.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rules<'a> {
    /// Whether no query looks at a later key.
    pub(super) causal: bool,
    /// How far a query looks, itself counted.
    pub(super) window: Option<usize>,
    /// The mask of the queries.
    pub(super) queries: Option<&'a Mask>,
    /// The masks of the keys.
    pub(super) keys: [Option<&'a Mask>; 2],
    /// A mask of pairs, with or without the axis of heads.
    pub(super) pairs: Option<&'a Tensor>,
}

/// How the scores fall into axes: the sample and what is like it, queries, and keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axes<'a> {
    pub(super) lead: &'a [usize],
    pub(super) queries: &'a [usize],
    pub(super) keys: &'a [usize],
}

impl Rules<'_> {
    /// Whether every query may look at every key.
    fn are_none(&self) -> bool {
        let masks = self.keys.iter().chain([&self.queries]).any(Option::is_some);
        !self.causal && self.window.is_none() && !masks && self.pairs.is_none()
    }
}

impl Keep {
    /// Those that all rules let look; `None` where all do.
    pub(super) fn of(rules: Rules<'_>, axes: Axes<'_>, heads: Heads) -> Result<Option<Self>> {
        if rules.are_none() {
            return Ok(None);
        }
        let (queries, keys) = (heads.queries, heads.keys);
        let mut keep = vec![order(rules.causal, rules.window, queries, keys)];
        for (mask, is_query) in
            [(rules.queries, true), (rules.keys[0], false), (rules.keys[1], false)]
        {
            let Some(mask) = mask else { continue };
            let [own, shape] = match is_query {
                true => [axes.queries, &[1, 1, queries, 1]],
                false => [axes.keys, &[1, 1, 1, keys]],
            };
            let expected = [axes.lead, own].concat();
            if mask.tensor().shape() != expected || own.len() != 1 {
                let help = "a mask has the axes of the input without the last one, and attention \
                            goes along the last of these";
                let found = mask.tensor().shape();
                return Err(Error::shape("mask", Shape::of(&expected), found, help));
            }
            let shape = [&[heads.outer], &shape[1..]].concat();
            keep.push(mask.tensor().clone().reshape(&shape)?);
        }
        if let Some(pairs) = rules.pairs {
            keep.push(of_pairs(pairs, axes, heads)?);
        }
        let all = keep.iter().try_fold(Tensor::full(&[1, 1, 1, 1], 1.0), |all, keep| {
            all.broadcast_map(keep, f32::min)
        });
        all.map(Self).map(Some)
    }

    /// Puts `value` in the place of the scores that do not count.
    pub(super) fn fill(&self, scores: &mut Tensor, heads: Heads, value: f32) {
        self.change(scores, heads, |score, keep| {
            if keep == 0.0 {
                *score = value;
            }
        });
    }

    /// Adds `value` to the scores that do not count.
    pub(super) fn add(&self, scores: &mut Tensor, heads: Heads, value: f32) {
        self.change(scores, heads, |score, keep| {
            if keep == 0.0 {
                *score += value;
            }
        });
    }

    fn change(&self, scores: &mut Tensor, heads: Heads, change: impl Fn(&mut f32, f32)) {
        let len = (heads.queries * heads.keys).max(1);
        let (samples, own) = match *self.0.shape() {
            [samples, own, ..] => (samples, own),
            _ => return,
        };
        for (place, block) in scores.as_mut_slice().chunks_exact_mut(len).enumerate() {
            let (sample, head) = (place / heads.heads, place % heads.heads);
            let first = if samples == 1 { 0 } else { sample } * own;
            let start = (first + if own == 1 { 0 } else { head }) * len;
            let keep = &self.0.as_slice()[start..start + len];
            block.iter_mut().zip(keep).for_each(|(score, keep)| change(score, *keep));
        }
    }
}

/// Which query may look at which key by their places alone.
fn order(causal: bool, window: Option<usize>, queries: usize, keys: usize) -> Tensor {
    let mut keep = Tensor::full(&[1, 1, queries, keys], 1.0);
    for (query, row) in keep.as_mut_slice().chunks_exact_mut(keys.max(1)).enumerate() {
        for (key, keep) in row.iter_mut().enumerate() {
            let late = causal && key > query;
            let far = window.is_some_and(|window| query.abs_diff(key) >= window);
            if late || far {
                *keep = 0.0;
            }
        }
    }
    keep
}

/// A mask of pairs with all axes: (samples, heads, queries, keys), each its own length or 1.
fn of_pairs(pairs: &Tensor, axes: Axes<'_>, heads: Heads) -> Result<Tensor> {
    let Axes { lead, queries, keys } = axes;
    let inner = [queries, keys].concat();
    let full = [lead, &[heads.heads], &inner].concat();
    let refused = || {
        let expected = Shape::of(&[lead, &inner].concat());
        let help = "it may have the axis of heads before those of the queries, and 1 for any length but \
                    that of the batch";
        Error::shape("attention_mask", expected, pairs.shape(), help)
    };
    let front = pairs.ndim().checked_sub(inner.len()).filter(|front| *front > 0);
    let front = front.filter(|front| *front <= lead.len() + 1).ok_or_else(refused)?;
    // Axes that are missing stand before those of the queries.
    let mut shape = pairs.shape()[..front].to_vec();
    shape.resize(lead.len() + 1, 1);
    let own_heads = shape[lead.len()];
    shape.extend(&pairs.shape()[front..]);
    let fits = shape.iter().zip(&full).all(|(own, full)| *own == 1 || own == full);
    if !fits || shape[0] != lead[0] {
        return Err(refused());
    }
    let each = [lead, &[own_heads], &inner].concat();
    let pairs = Mask::from(pairs.clone()).tensor().clone().reshape(&shape)?.broadcast_to(&each)?;
    pairs.reshape(&[heads.outer, own_heads, heads.queries, heads.keys])
}
