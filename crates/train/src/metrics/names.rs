//! The names of metrics: Keras' of today, and those of others.

use ceratops_core::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{
    AUC, BinaryIoU, F1Score, FBetaScore, FalseNegatives, FalsePositives, IoU, MeanIoU, MeanMetric,
    Metric, OneHotIoU, OneHotMeanIoU, Precision, PrecisionAtRecall, R2Score, Recall,
    RecallAtPrecision, RootMeanSquaredError, SensitivityAtSpecificity, SpecificityAtSensitivity,
    TrueNegatives, TruePositives, is_accuracy, keras_metric::read,
};
use crate::{
    losses::{self, Axes, LogCosh},
    spelling,
};

/// Makes a metric under a name, if one is given, from its config.
type Make = fn(Option<&str>, &mut Map<String, Value>) -> Result<Box<dyn Metric>>;

/// The identifiers of each metric that is not a loss (those of Keras 3, then others), and how it is
/// made.
const BUILTIN: &[(&[&str], &[&str], Make)] = &[
    (&["Accuracy"], &[], |name, _| mean(name, MeanMetric::accuracy())),
    (&["binary_accuracy", "BinaryAccuracy"], &[], |name, config| {
        mean(name, MeanMetric::binary_accuracy(setting(config, "threshold", 0.5)?))
    }),
    (&["categorical_accuracy", "CategoricalAccuracy"], &[], |name, _| {
        mean(name, MeanMetric::categorical_accuracy())
    }),
    (&["sparse_categorical_accuracy", "SparseCategoricalAccuracy"], &[], |name, _| {
        mean(name, MeanMetric::sparse_categorical_accuracy())
    }),
    (&["top_k_categorical_accuracy", "TopKCategoricalAccuracy"], &[], |name, config| {
        mean(name, MeanMetric::top_k_categorical_accuracy(setting(config, "k", 5)?))
    }),
    (&["sparse_top_k_categorical_accuracy", "SparseTopKCategoricalAccuracy"], &[], sparse_top_k),
    (
        &["cosine_similarity", "CosineSimilarity"],
        &["cosine_proximity", "cosine"],
        |name, config| mean(name, MeanMetric::cosine_similarity(axis(config)?)),
    ),
    (&["log_cosh_error", "LogCoshError"], &["logcosh", "log_cosh"], |name, _| {
        let metric = MeanMetric::of_loss(LogCosh {}).with_name("logcosh");
        mean(name, metric)
    }),
    (&["pearson_correlation", "PearsonCorrelation"], &[], |name, config| {
        mean(name, MeanMetric::pearson_correlation(axis(config)?))
    }),
    (&["concordance_correlation", "ConcordanceCorrelation"], &[], |name, config| {
        mean(name, MeanMetric::concordance_correlation(axis(config)?))
    }),
    (&["root_mean_squared_error", "RootMeanSquaredError"], &[], take::<RootMeanSquaredError>),
    (&["r2_score", "R2Score"], &[], take::<R2Score>),
    (&["true_positives", "TruePositives"], &[], take::<TruePositives>),
    (&["false_positives", "FalsePositives"], &[], take::<FalsePositives>),
    (&["true_negatives", "TrueNegatives"], &[], take::<TrueNegatives>),
    (&["false_negatives", "FalseNegatives"], &[], take::<FalseNegatives>),
    (&["precision", "Precision"], &[], take::<Precision>),
    (&["recall", "Recall"], &[], take::<Recall>),
    (
        &["sensitivity_at_specificity", "SensitivityAtSpecificity"],
        &[],
        take::<SensitivityAtSpecificity>,
    ),
    (
        &["specificity_at_sensitivity", "SpecificityAtSensitivity"],
        &[],
        take::<SpecificityAtSensitivity>,
    ),
    (&["precision_at_recall", "PrecisionAtRecall"], &[], take::<PrecisionAtRecall>),
    (&["recall_at_precision", "RecallAtPrecision"], &[], take::<RecallAtPrecision>),
    (&["auc", "AUC"], &[], take::<AUC>),
    (&["f1_score", "F1Score"], &[], take::<F1Score>),
    (&["f_beta_score", "FBetaScore"], &["fbeta_score"], take::<FBetaScore>),
    (&["io_u", "IoU"], &[], take::<IoU>),
    (&["binary_io_u", "BinaryIoU"], &[], take::<BinaryIoU>),
    (&["mean_io_u", "MeanIoU"], &[], take::<MeanIoU>),
    (&["one_hot_io_u", "OneHotIoU"], &[], take::<OneHotIoU>),
    (&["one_hot_mean_io_u", "OneHotMeanIoU"], &[], take::<OneHotMeanIoU>),
];

fn take<K: super::KerasMetric>(
    name: Option<&str>,
    config: &mut Map<String, Value>,
) -> Result<Box<dyn Metric>> {
    read::<K>(name, &std::mem::take(config))
}

fn mean(name: Option<&str>, metric: MeanMetric) -> Result<Box<dyn Metric>> {
    Ok(Box::new(match name {
        Some(name) => metric.with_name(name),
        None => metric,
    }))
}

fn sparse_top_k(name: Option<&str>, config: &mut Map<String, Value>) -> Result<Box<dyn Metric>> {
    let (k, sorted) = (setting(config, "k", 5)?, setting(config, "from_sorted_ids", false)?);
    mean(
        name,
        if sorted {
            MeanMetric::sparse_top_k_of_sorted_ids(k)
        } else {
            MeanMetric::sparse_top_k_categorical_accuracy(k)
        },
    )
}

fn axis(config: &mut Map<String, Value>) -> Result<Axes> {
    setting(config, "axis", Axes::LAST)
}

/// Takes a setting out of a config.
fn setting<T: Serialize + DeserializeOwned>(
    config: &mut Map<String, Value>,
    key: &str,
    default: T,
) -> Result<T> {
    let Some(value) = config.remove(key) else { return Ok(default) };
    let expected = match serde_json::to_value(&default) {
        Ok(Value::Bool(_)) => "true or false",
        Ok(Value::Number(default)) if default.is_u64() => "a whole number",
        _ => "a number",
    };
    let message = format!("expected {expected}, got {value}");
    serde_json::from_value(value).map_err(|_| Error::config(format!("config.{key}"), message))
}

/// The row of the metric with this identifier, which TensorFlow.js writes `binaryAccuracy`.
fn find(
    identifier: &str,
) -> Option<&'static (&'static [&'static str], &'static [&'static str], Make)> {
    let spelled = spelling::identifier(identifier);
    let has = |names: &[&str]| names.contains(&identifier) || names.contains(&spelled.as_str());
    BUILTIN.iter().find(|(names, others, _)| has(names) || has(others))
}

/// The metric of an identifier with the settings of `config`, under `name` or the identifier's own.
pub(super) fn of_class(
    class: &str,
    name: Option<&str>,
    mut config: Map<String, Value>,
) -> Result<Box<dyn Metric>> {
    if let Some((.., make)) = find(class) {
        let metric = make(name, &mut config)?;
        config.remove("dtype");
        let strange = config.iter().find(|(_, value)| !value.is_null());
        return strange.map_or(Ok(metric), |(key, value)| {
            let message = format!("{value} is not supported here; remove the key");
            Err(Error::config(format!("config.{key}"), message))
        });
    }
    let Some(own) = losses::canonical(class) else { return Err(unknown(class)) };
    config.remove("dtype");
    let loss = losses::from_json(&json!({"class_name": class, "config": config}))?;
    Ok(Box::new(MeanMetric::boxed(name.unwrap_or(own), loss)))
}

fn unknown(identifier: &str) -> Error {
    let own = BUILTIN.iter().flat_map(|(names, ..)| names.first().copied());
    let known: Vec<&str> = ["accuracy"].into_iter().chain(own).chain(losses::names()).collect();
    let help = format!("there are {}", known.join(", "));
    Error::unknown("metric", identifier, known).with_help(help)
}

/// The name of Keras' function for the metric that has this identifier.
fn canonical(identifier: &str) -> Option<&'static str> {
    let own = find(identifier).and_then(|(names, ..)| names.first().copied());
    own.or_else(|| losses::canonical(identifier))
}

/// Keras 3's name for a metric of another dialect: the identifier itself if Keras 3 knows it, or if
/// nobody does.
pub(crate) fn known_to_keras(identifier: &str) -> String {
    let known = match find(identifier) {
        Some((names, ..)) if names.contains(&identifier) => Some(identifier),
        Some((names, ..)) => names.first().copied(),
        // Of the short names of losses this one is none of a metric.
        None if identifier.eq_ignore_ascii_case("kld") => Some("kl_divergence"),
        None => losses::known_to_keras(identifier),
    };
    known.map_or_else(|| spelling::identifier(identifier), str::to_owned)
}

/// Whether Keras 2 looks up `name` as that function, for some shapes of labels and predictions.
pub(super) fn means(name: &str, function: &str) -> bool {
    const ACCURACIES: [&str; 3] =
        ["binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"];
    let accuracy = canonical(function).is_some_and(|own| ACCURACIES.contains(&own));
    (accuracy && is_accuracy(name))
        || canonical(name).is_some_and(|own| canonical(function) == Some(own))
}
