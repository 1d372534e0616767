//! The confusion matrix of the IoU metrics.

use ceratops_core::{Error, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    argmax,
    keras_metric::{check_weights, weight},
};
use crate::exact::numbers;

/// Keras' epsilon.
const EPSILON: f64 = 1e-7;

/// The most classes there may be: a matrix of them must fit into memory.
const MOST_CLASSES: usize = 4096;

/// How labels and predictions name a class.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) classes: usize,
    pub(super) ignore: Option<i64>,
    pub(super) sparse_y_true: bool,
    pub(super) sparse_y_pred: bool,
    /// Whether weights are cut to whole numbers, as Keras does unless told the type float32.
    pub(super) whole_weights: bool,
}

/// How often each class was predicted for each label: labels down, predictions across.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Matrix(#[serde(with = "numbers")] Vec<f64>);

impl Matrix {
    pub(super) fn add(
        &mut self,
        name: &str,
        layout: &Layout,
        (y_true, y_pred): (&Tensor, &Tensor),
        weights: Option<&Tensor>,
    ) -> Result<()> {
        let n = layout.classes;
        let labels = classes_of(y_true, layout.sparse_y_true);
        let found = classes_of(y_pred, layout.sparse_y_pred);
        if labels.len() != found.len() {
            let expected = format!("as many as the {} of y of metric \"{name}\"", labels.len());
            return Err(Error::argument("number of classes predicted", expected, found.len()));
        }
        check_weights(name, labels.len(), weights)?;
        self.0.resize(n * n, 0.0);
        let len = labels.len();
        for (i, (label, found)) in labels.into_iter().zip(found).enumerate() {
            let known = |class: i64| usize::try_from(class).ok().filter(|&class| class < n);
            let (Some(row), Some(column)) = (known(label), known(found)) else { continue };
            if layout.ignore == Some(label) {
                continue;
            }
            let weight = weight(weights, i, len);
            self.0[row * n + column] += if layout.whole_weights { weight.trunc() } else { weight };
        }
        Ok(())
    }

    /// The mean over the classes of `targets` that occur of both / (labels + predictions - both).
    pub(super) fn iou(&self, n: usize, targets: impl Iterator<Item = usize>) -> f64 {
        let at = |row: usize, column: usize| self.0.get(row * n + column).copied().unwrap_or(0.0);
        let (mut sum, mut occurring) = (0.0, 0.0);
        for class in targets {
            let both = at(class, class);
            let either: f64 = (0..n).map(|i| at(class, i) + at(i, class)).sum::<f64>() - both;
            if either > 1e-9 {
                sum += both / (either + EPSILON);
                occurring += 1.0;
            }
        }
        sum / (occurring + EPSILON)
    }
}

/// The class of each row, or each number as it is.
fn classes_of(y: &Tensor, sparse: bool) -> Vec<i64> {
    if sparse {
        return y.as_slice().iter().map(|&class| class as i64).collect();
    }
    let row = y.shape().last().copied().unwrap_or(1).max(1);
    y.as_slice().chunks(row).map(|row| argmax(row) as i64).collect()
}

/// Refuses numbers of classes and targets that make no sense.
pub(super) fn check(num_classes: usize, targets: &[usize]) -> Result<()> {
    if !(1..=MOST_CLASSES).contains(&num_classes) {
        let expected = format!("a number from 1 to {MOST_CLASSES}");
        return Err(Error::argument("num_classes", expected, num_classes));
    }
    if targets.is_empty() || targets.iter().any(|&class| class >= num_classes) {
        let expected = format!("classes from 0 to {}", num_classes - 1);
        return Err(Error::argument("target_class_ids", expected, format!("{targets:?}")));
    }
    Ok(())
}

/// Refuses another axis of the classes than the last, with which Keras fails too.
pub(super) fn check_axis(axis: i64) -> Result<()> {
    if axis == -1 { Ok(()) } else { Err(Error::argument("axis", "-1", axis)) }
}
