//! What is reported beside the loss, one file a metric.

mod binary_accuracy;
mod categorical_accuracy;
mod mean_metric;
mod metric;
mod sparse_categorical_accuracy;

use ceratops_core::{Error, Result, Shape};

pub use binary_accuracy::binary_accuracy;
pub use categorical_accuracy::categorical_accuracy;
pub use mean_metric::MeanMetric;
pub use metric::{AnyMetric, IntoMetrics, Metric};
pub use sparse_categorical_accuracy::sparse_categorical_accuracy;

use crate::losses;

/// Makes a metric under a name.
type Make = fn(&str) -> MeanMetric;

/// The identifiers of each metric that is not a loss (Keras' function and class, TensorFlow.js),
/// and how it is made.
const BUILTIN: &[([&str; 3], Make)] = &[
    (["binary_accuracy", "BinaryAccuracy", "binaryAccuracy"], binary),
    (["categorical_accuracy", "CategoricalAccuracy", "categoricalAccuracy"], categorical),
    (
        ["sparse_categorical_accuracy", "SparseCategoricalAccuracy", "sparseCategoricalAccuracy"],
        sparse,
    ),
];

/// The metric of that name. It is reported under the name as it was typed.
///
/// `"accuracy"` and `"acc"` are no metrics by themselves: the shapes of labels and predictions
/// decide which accuracy is meant, so that `compile` looks them up later.
pub fn get(identifier: &str) -> Result<Box<dyn Metric>> {
    if let Some((_, make)) = BUILTIN.iter().find(|(names, _)| names.contains(&identifier)) {
        return Ok(Box::new(make(identifier)));
    }
    match losses::get(identifier) {
        Ok(loss) => Ok(Box::new(MeanMetric::boxed(identifier, loss))),
        Err(_) => {
            let accuracies = BUILTIN.iter().map(|([name, ..], _)| *name);
            let known: Vec<&str> =
                ["accuracy"].into_iter().chain(accuracies).chain(losses::names()).collect();
            let help = format!("there are {}", known.join(", "));
            Err(Error::unknown("metric", identifier, known).with_help(help))
        }
    }
}

/// Which of three kinds of classification shapes speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One output.
    Binary,
    /// Labels are indices of classes.
    Sparse,
    /// Labels are as long as outputs.
    Categorical,
}

impl Kind {
    /// What labels of shape `y` mean for a model's `output`, whatever the loss: Keras' rule.
    pub(crate) fn of(y: &[usize], output: &Shape) -> Self {
        if output.last() == Some(1) {
            Self::Binary
        } else if y.len() < output.ndim() || y.last() == Some(&1) {
            Self::Sparse
        } else {
            Self::Categorical
        }
    }

    /// The accuracy for this kind, under `name`.
    pub(crate) fn accuracy(self, name: &str) -> MeanMetric {
        match self {
            Self::Binary => binary(name),
            Self::Sparse => sparse(name),
            Self::Categorical => categorical(name),
        }
    }
}

fn binary(name: &str) -> MeanMetric {
    MeanMetric::new(name, |t, p| binary_accuracy(t, p, 0.5))
}

fn categorical(name: &str) -> MeanMetric {
    MeanMetric::new(name, categorical_accuracy)
}

fn sparse(name: &str) -> MeanMetric {
    MeanMetric::sparse(name, sparse_categorical_accuracy)
}

/// The index of the first largest number.
pub(crate) fn argmax(row: &[f32]) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (i, &x) in row.iter().enumerate() {
        if x > best.1 {
            best = (i, x);
        }
    }
    best.0
}
