//! What is reported beside the loss, one file a metric.

mod binary_accuracy;
mod categorical_accuracy;
mod mean_metric;
mod metric;
mod sparse_categorical_accuracy;

use ceratops_core::{Error, Result, Shape};
use serde_json::{Map, Value, json};

pub use binary_accuracy::binary_accuracy;
pub use categorical_accuracy::categorical_accuracy;
pub use mean_metric::MeanMetric;
pub use metric::{AnyMetric, IntoMetrics, Metric};
pub use sparse_categorical_accuracy::sparse_categorical_accuracy;

use crate::{
    config,
    losses::{
        self, BinaryCrossentropy, CategoricalCrossentropy, Loss, SparseCategoricalCrossentropy,
    },
};

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
    Ok(Box::new(of_class(identifier, Some(identifier), Map::new())?))
}

/// The metric that a config of Keras describes: an identifier, a function, or
/// `{"class_name": "BinaryAccuracy", "config": {"name": "sure", "threshold": 0.9}}`.
///
/// Keras 2 wraps what was typed: `{"class_name": "MeanMetricWrapper", "config": {"name": "mse",
/// "fn": "mean_squared_error"}}` is `"mse"` again.
pub fn from_json(entry: &Value) -> Result<AnyMetric> {
    let (class, mut config) = config::class_of("metric", entry)?;
    if !entry.get("config").is_some_and(Value::is_object) {
        return AnyMetric::Named(class).checked();
    }
    config.remove("dtype");
    let name = match config.remove("name") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(other) => {
            return Err(Error::config("config.name", format!("expected a name, got {other}")));
        }
    };
    if class != "MeanMetricWrapper" {
        return Ok(of_class(&class, name.as_deref(), config)?.into());
    }
    let function = config.remove("fn").unwrap_or_default();
    let (function, _) = config::class_of("metric", &function).map_err(|e| e.at("config.fn"))?;
    match name {
        Some(name) if config.is_empty() && means(&name, &function) => Ok(AnyMetric::Named(name)),
        name => Ok(of_class(&function, name.as_deref(), config)?.into()),
    }
}

/// The metric of an identifier with the settings of `config`, under `name` or the identifier's own.
fn of_class(class: &str, name: Option<&str>, mut config: Map<String, Value>) -> Result<MeanMetric> {
    if let Some(([own, ..], make)) = BUILTIN.iter().find(|(names, _)| names.contains(&class)) {
        let name = name.unwrap_or(own);
        let metric = match config.remove("threshold") {
            Some(threshold) if *own == "binary_accuracy" => binary_above(name, &threshold)?,
            Some(other) => {
                let message = format!("{other} is not supported here; remove the key");
                return Err(Error::config("config.threshold", message));
            }
            None => make(name),
        };
        let strange = config.iter().find(|(_, value)| !value.is_null());
        return strange.map_or(Ok(metric), |(key, value)| {
            let message = format!("{value} is not supported here; remove the key");
            Err(Error::config(format!("config.{key}"), message))
        });
    }
    let Some(own) = losses::canonical(class) else { return Err(unknown(class)) };
    let loss = losses::from_json(&json!({"class_name": class, "config": config}))?;
    Ok(MeanMetric::boxed(name.unwrap_or(own), loss))
}

fn unknown(identifier: &str) -> Error {
    let accuracies = BUILTIN.iter().map(|([name, ..], _)| *name);
    let known: Vec<&str> =
        ["accuracy"].into_iter().chain(accuracies).chain(losses::names()).collect();
    let help = format!("there are {}", known.join(", "));
    Error::unknown("metric", identifier, known).with_help(help)
}

/// The name of Keras' function for the metric that has this identifier.
fn canonical(identifier: &str) -> Option<&'static str> {
    let known = BUILTIN.iter().find(|(names, _)| names.contains(&identifier));
    known.map(|([own, ..], _)| *own).or_else(|| losses::canonical(identifier))
}

/// Whether Keras 2 looks up `name` as that function, for some shapes of labels and predictions.
fn means(name: &str, function: &str) -> bool {
    let accuracy = BUILTIN.iter().any(|(names, _)| names.contains(&function));
    (accuracy && is_accuracy(name))
        || canonical(name).is_some_and(|own| canonical(function) == Some(own))
}

/// Whether it is the word for the accuracy that goes with the shapes.
pub(crate) fn is_accuracy(name: &str) -> bool {
    ["accuracy", "acc"].iter().any(|known| name.eq_ignore_ascii_case(known))
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

    /// The crossentropy for this kind.
    pub(crate) fn crossentropy(self) -> Box<dyn Loss> {
        match self {
            Self::Binary => Box::new(BinaryCrossentropy::new()),
            Self::Sparse => Box::new(SparseCategoricalCrossentropy::new()),
            Self::Categorical => Box::new(CategoricalCrossentropy::new()),
        }
    }
}

fn binary(name: &str) -> MeanMetric {
    MeanMetric::new(name, |t, p| binary_accuracy(t, p, 0.5)).of_class("BinaryAccuracy", Map::new())
}

fn binary_above(name: &str, threshold: &Value) -> Result<MeanMetric> {
    let Some(above) = threshold.as_f64().map(|threshold| threshold as f32) else {
        let message = format!("expected a number, got {threshold}");
        return Err(Error::config("config.threshold", message));
    };
    let settings = Map::from_iter([("threshold".to_owned(), threshold.clone())]);
    let metric = MeanMetric::new(name, move |t, p| binary_accuracy(t, p, above));
    Ok(metric.of_class("BinaryAccuracy", settings))
}

fn categorical(name: &str) -> MeanMetric {
    MeanMetric::new(name, categorical_accuracy).of_class("CategoricalAccuracy", Map::new())
}

fn sparse(name: &str) -> MeanMetric {
    let metric = MeanMetric::sparse(name, sparse_categorical_accuracy);
    metric.of_class("SparseCategoricalAccuracy", Map::new())
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
