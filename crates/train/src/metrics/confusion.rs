//! Confusion: how many predictions are true or false, positive or negative, at each threshold.

use ceratops_core::{Error, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::keras_metric::{check_sizes, weight};
use crate::exact::{number, numbers};

/// What stands in the place of predictions that are not among the largest.
const LEAST: f32 = -1e10;

/// A threshold, or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Thresholds {
    /// One.
    One(f64),
    /// Several: the metric has as many values.
    Many(Vec<f64>),
}

impl From<f64> for Thresholds {
    fn from(threshold: f64) -> Self {
        Self::One(threshold)
    }
}

impl From<Vec<f64>> for Thresholds {
    fn from(thresholds: Vec<f64>) -> Self {
        Self::Many(thresholds)
    }
}

impl<const N: usize> From<[f64; N]> for Thresholds {
    fn from(thresholds: [f64; N]) -> Self {
        Self::Many(thresholds.into())
    }
}

/// What is positive: predictions above a threshold, maybe of some classes only.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    thresholds: Vec<f32>,
    /// Whether the thresholds are 0, 1/n, ... 1, so that the one below a prediction is computed. The
    /// bool says whether the first and last are a bit outside.
    even: Option<bool>,
    top_k: Option<usize>,
    class_id: Option<usize>,
}

impl Rule {
    /// The rule of these thresholds, 0.5 if there are none, or all of the `top_k`.
    pub(super) fn new(thresholds: Option<&Thresholds>, top_k: Option<usize>) -> Self {
        let thresholds = match thresholds {
            None if top_k.is_some() => vec![f64::from(LEAST)],
            None => vec![0.5],
            Some(Thresholds::One(threshold)) => vec![*threshold],
            Some(Thresholds::Many(thresholds)) => thresholds.clone(),
        };
        let even = is_even(&thresholds).then_some(false);
        let thresholds = thresholds.into_iter().map(|t| t as f32).collect();
        Self { thresholds, even, top_k, class_id: None }
    }

    /// `n` thresholds from 0 to 1; one is one half.
    pub(super) fn spread(n: usize) -> Self {
        let even = (n > 1).then_some(false);
        Self { thresholds: spread(n), even, top_k: None, class_id: None }
    }

    /// These thresholds between one below 0 and one above 1.
    pub(super) fn within(thresholds: &[f64]) -> Self {
        let all = [&[0.0], thresholds, &[1.0]].concat();
        let even = is_even(&all).then_some(true);
        let mut thresholds: Vec<f32> = all.into_iter().map(|t| t as f32).collect();
        if let [first, .., last] = thresholds.as_mut_slice() {
            (*first, *last) = (-1e-7, 1.0 + 1e-7);
        }
        Self { thresholds, even, top_k: None, class_id: None }
    }

    /// The same for one class only, if there is one.
    pub(super) fn of_class(self, class_id: Option<usize>) -> Self {
        Self { class_id, ..self }
    }

    pub(super) fn len(&self) -> usize {
        self.thresholds.len()
    }

    /// Takes a batch into account. `labels` counts those that are kept apart: 1, or as many as a row
    /// is long; `label_weights` are weights for the numbers of a row.
    pub(super) fn add(
        &self,
        name: &str,
        counts: &mut [Counts],
        label_weights: Option<&[f64]>,
        (y_true, y_pred): (&Tensor, &Tensor),
        weights: Option<&Tensor>,
    ) -> Result<()> {
        check_sizes(name, y_true, y_pred, weights)?;
        let row = if y_pred.ndim() > 1 { y_pred.shape().last().copied().unwrap_or(1) } else { 1 };
        if let Some(class) = self.class_id.filter(|&class| class >= row) {
            let expected = format!("one of the {row} classes of metric \"{name}\", from 0");
            return Err(Error::argument("class_id", expected, class));
        }
        counts.iter_mut().for_each(|counts| counts.widen(self.len()));
        let apart = counts.len() > 1;
        let (true_rows, pred_rows) =
            (y_true.as_slice().chunks(row.max(1)), y_pred.as_slice().chunks(row.max(1)));
        for (r, (t, p)) in true_rows.zip(pred_rows).enumerate() {
            let kept = self.top_k.map(|k| largest(p, k));
            for (c, (&t, &p)) in t.iter().zip(p).enumerate() {
                if self.class_id.is_some_and(|class| class != c) {
                    continue;
                }
                let of_label =
                    label_weights.map_or(1.0, |weights| weights.get(c).copied().unwrap_or(0.0));
                let weight = of_label * weight(weights, r * row + c, y_pred.len());
                let p = if kept.as_ref().is_none_or(|kept| kept.contains(&c)) { p } else { LEAST };
                if let Some(counts) = counts.get_mut(if apart { c } else { 0 }) {
                    self.count(counts, t != 0.0, p, weight);
                }
            }
        }
        Ok(())
    }

    fn count(&self, counts: &mut Counts, is_true: bool, p: f32, weight: f64) {
        let (total, above, steps) = if is_true {
            (&mut counts.positives, &mut counts.tp, &mut counts.tp_steps)
        } else {
            (&mut counts.negatives, &mut counts.fp, &mut counts.fp_steps)
        };
        *total += weight;
        let Some(outside) = self.even else {
            for (above, &threshold) in above.iter_mut().zip(&self.thresholds) {
                *above += if p > threshold { weight } else { 0.0 };
            }
            return;
        };
        // The last of the thresholds below p, in f32 as Keras computes it.
        let last = (p.clamp(0.0, 1.0) * (self.len() - 1) as f32).ceil() - 1.0;
        let last = if outside { last.max(if p.is_nan() { last } else { 0.0 }) } else { last };
        if let Some(step) = (last >= 0.0).then(|| steps.get_mut(last as usize)).flatten() {
            *step += weight;
        }
    }
}

/// The indices of the `k` largest numbers; of equal ones the first.
fn largest(row: &[f32], k: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..row.len()).collect();
    order.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
    order.truncate(k);
    order
}

/// `n` numbers from 0 to 1; one is one half.
fn spread(n: usize) -> Vec<f32> {
    if n == 1 { vec![0.5] } else { (0..n).map(|i| (i as f64 / (n - 1) as f64) as f32).collect() }
}

/// Whether these are at least three thresholds from 0 to 1 with the same steps.
fn is_even(thresholds: &[f64]) -> bool {
    let near = |(&t, even): (&f64, f32)| {
        (t - f64::from(even)).abs() <= 1e-7 + 1e-5 * f64::from(even).abs()
    };
    thresholds.len() >= 3 && thresholds.iter().zip(spread(thresholds.len())).all(near)
}

/// The weights of what was counted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Counts {
    #[serde(with = "number")]
    positives: f64,
    #[serde(with = "number")]
    negatives: f64,
    #[serde(with = "numbers")]
    tp: Vec<f64>,
    #[serde(with = "numbers")]
    fp: Vec<f64>,
    /// What is above a threshold and not above the next; it counts for all thresholds below.
    #[serde(with = "numbers")]
    tp_steps: Vec<f64>,
    #[serde(with = "numbers")]
    fp_steps: Vec<f64>,
}

impl Counts {
    fn widen(&mut self, thresholds: usize) {
        for counts in [&mut self.tp, &mut self.fp, &mut self.tp_steps, &mut self.fp_steps] {
            counts.resize(thresholds, 0.0);
        }
    }

    /// True positives, false positives, true negatives and false negatives at each of `n` thresholds.
    pub(super) fn at_each(&self, n: usize) -> Vec<Confusion> {
        let (mut tp_above, mut fp_above) = (0.0, 0.0);
        let at = |counts: &[f64], i: usize| counts.get(i).copied().unwrap_or(0.0);
        let mut all: Vec<Confusion> = (0..n)
            .rev()
            .map(|i| {
                tp_above += at(&self.tp_steps, i);
                fp_above += at(&self.fp_steps, i);
                let (tp, fp) = (at(&self.tp, i) + tp_above, at(&self.fp, i) + fp_above);
                Confusion { tp, fp, tn: self.negatives - fp, fn_: self.positives - tp }
            })
            .collect();
        all.reverse();
        all
    }
}

/// True and false positives and negatives at one threshold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Confusion {
    pub(super) tp: f64,
    pub(super) fp: f64,
    pub(super) tn: f64,
    pub(super) fn_: f64,
}

impl Confusion {
    pub(super) fn precision(&self) -> f64 {
        ratio(self.tp, self.tp + self.fp)
    }

    /// Recall, which is sensitivity too.
    pub(super) fn recall(&self) -> f64 {
        ratio(self.tp, self.tp + self.fn_)
    }

    pub(super) fn specificity(&self) -> f64 {
        ratio(self.tn, self.tn + self.fp)
    }
}

/// `a / b`, and 0 where b is.
pub(super) fn ratio(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}

/// Refuses thresholds that are none.
pub(super) fn check_thresholds(thresholds: Option<&Thresholds>) -> Result<()> {
    let all = match thresholds {
        None => return Ok(()),
        Some(Thresholds::One(threshold)) => std::slice::from_ref(threshold),
        Some(Thresholds::Many(thresholds)) => thresholds.as_slice(),
    };
    if all.is_empty() || all.iter().any(|t| !(0.0..=1.0).contains(t)) {
        return Err(Error::argument("thresholds", "numbers from 0 to 1", format!("{all:?}")));
    }
    Ok(())
}
