//! A weight for each label, that of its class.

use std::collections::BTreeMap;

use ceratops_core::{Error, Result, Tensor, index};

use crate::{Loss, losses::Axes};

/// What a row of labels has to be.
const ONE_HOT: &str = "a row that is 1 at its class and 0 elsewhere";

/// How many numbers of a row an error shows.
const SHOWN: usize = 8;

/// How far from 1 the sum of a row of probabilities may be.
const ROUNDED: f32 = 1e-3;

/// A weight for each row of labels, that of its class; 1 where a class has none. `y` is aligned with
/// an output whose last axis is `outputs` long: sparse labels are one class each, so are those of an
/// output with one unit, and other rows name their class as one-hot or as probabilities.
///
/// What is no class is refused. Keras takes the largest of any row for its class: the last wave of a
/// series, the first of several labels.
pub(super) fn class_weights(
    y: &Tensor,
    outputs: usize,
    loss: &dyn Loss,
    class_weight: &BTreeMap<usize, f32>,
) -> Result<Tensor> {
    let one_each = loss.is_sparse() || outputs == 1;
    if !one_each
        && matches!(loss.axes(), Axes::One(axis) if axis != -1 && axis + 1 != y.ndim() as i64)
    {
        let expected = "a loss whose classes lie along the last axis";
        let found = format!("{} with another axis", loss.name());
        return Err(
            Error::argument("class_weight", expected, found).with_help("use sample_weight instead")
        );
    }
    let len = if one_each { 1 } else { outputs.max(1) };
    let per_sample = (y.sample_len() / len).max(1);
    let weight = |(at, row): (usize, &[f32])| {
        let class = match row {
            // Nothing is learned from such a row, whatever it weighs.
            row if loss.ignores() && !loss.counts(row) => return Ok(1.0),
            [label] if one_each => index(*label).ok_or_else(|| {
                none(format_args!("label {label}"), at / per_sample, "a class counted from 0")
            }),
            row => named(row).ok_or_else(|| {
                none(format_args!("the label {}", shown(row)), at / per_sample, ONE_HOT)
            }),
        }?;
        Ok(class_weight.get(&class).copied().unwrap_or(1.0))
    };
    let weights = y.as_slice().chunks_exact(len).enumerate().map(weight);
    let weights = weights.collect::<Result<Vec<f32>>>()?;
    // A column of labels, and the axis of one-hot rows, are one weight.
    let rows = match y.shape() {
        [rows @ .., last] if !rows.is_empty() && *last == len => rows,
        shape => shape,
    };
    Tensor::new(rows, weights)
}

/// The class that a row of probabilities names: its largest, if there is only one.
fn named(row: &[f32]) -> Option<usize> {
    let is_distribution =
        row.iter().all(|p| *p >= 0.0) && (row.iter().sum::<f32>() - 1.0).abs() <= ROUNDED;
    let largest = crate::metrics::argmax(row);
    let ties = row.iter().filter(|p| Some(*p) == row.get(largest)).count();
    (is_distribution && ties == 1).then_some(largest)
}

fn shown(row: &[f32]) -> String {
    let numbers: Vec<String> = row.iter().take(SHOWN).map(f32::to_string).collect();
    let more = if row.len() > SHOWN { ", ..." } else { "" };
    format!("[{}{more}]", numbers.join(", "))
}

fn none(label: std::fmt::Arguments<'_>, sample: usize, expected: &str) -> Error {
    Error::Data(format!(
        "class_weight needs classes for labels, but {label} of sample {sample} is none: expected \
         {expected}; use sample_weight instead"
    ))
}
