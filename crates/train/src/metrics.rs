//! What is reported beside the loss, one file a metric.
//!
//! Gathered over all batches of an epoch, each sample weighing the same also in a smaller last batch.
//! Besides these, every [loss](crate::losses) is a metric under its name (`mse`, `mae`).
//!
//! | metric | the value | defaults |
//! |---|---|---|
//! | `accuracy` | one of the three below, as labels and output say | |
//! | [`binary_accuracy`] | the share of (p > threshold) = t | threshold 0.5 |
//! | [`categorical_accuracy`], [`sparse_categorical_accuracy`] | the share of rows whose largest p is that of the label | |
//! | [`top_k_categorical_accuracy`], [`sparse_top_k_categorical_accuracy`] | the share whose label is among the k largest | k 5 |
//! | [`TruePositives`], [`TrueNegatives`], [`FalsePositives`], [`FalseNegatives`] | how many | thresholds 0.5 |
//! | [`Precision`] | true positives / found positives | thresholds 0.5 |
//! | [`Recall`] | true positives / all positives | thresholds 0.5 |
//! | [`PrecisionAtRecall`], [`RecallAtPrecision`], [`SensitivityAtSpecificity`], [`SpecificityAtSensitivity`] | the best of one at the threshold that keeps the other | num_thresholds 200 |
//! | [`AUC`] | the area under the ROC or the precision-recall curve | curve ROC, num_thresholds 200 |
//! | [`F1Score`], [`FBetaScore`] | (1 + β²) precision recall / (β² precision + recall) | β 1 |
//! | [`IoU`], [`MeanIoU`], [`BinaryIoU`], [`OneHotIoU`], [`OneHotMeanIoU`] | what label and prediction share / what they cover | |
//! | [`RootMeanSquaredError`] | √ mean (t - p)² over all | |
//! | [`R2Score`] | 1 - Σ (t - p)² / Σ (t - mean t)² | uniform_average |
//! | [`pearson_correlation`], [`concordance_correlation`] | of each row, their mean | |
//! | [`MeanMetric`] | your own function of a row | |
//!
//! Source: Keras, `keras.metrics`.

mod accuracy;
mod auc;
mod auc_area;
mod binary_accuracy;
mod binary_io_u;
mod categorical_accuracy;
mod confusion;
mod constrained;
mod correlation;
mod direction;
mod f_score;
mod false_negatives;
mod false_positives;
mod io_u;
mod iou_matrix;
mod keras_metric;
mod mean;
mod mean_io_u;
mod mean_metric;
mod metric;
mod metrics_of;
mod names;
mod one_hot_io_u;
mod one_hot_mean_io_u;
mod precision;
mod precision_at_recall;
mod r2_score;
mod recall;
mod recall_at_precision;
mod root_mean_squared_error;
mod sensitivity_at_specificity;
mod sparse_categorical_accuracy;
mod specificity_at_sensitivity;
mod top_k;
mod true_negatives;
mod true_positives;

use ceratops_core::{Error, Result, Shape};
use serde_json::{Map, Value};

pub use auc::{AUC, Curve, Summation};
pub use binary_accuracy::binary_accuracy;
pub use binary_io_u::BinaryIoU;
pub use categorical_accuracy::categorical_accuracy;
pub use confusion::Thresholds;
pub use correlation::{concordance_correlation, pearson_correlation};
pub use direction::Direction;
pub use f_score::{Average, F1Score, FBetaScore};
pub use false_negatives::FalseNegatives;
pub use false_positives::FalsePositives;
pub use io_u::IoU;
pub use keras_metric::KerasMetric;
pub use mean::{Mean, Sum};
pub use mean_io_u::MeanIoU;
pub use mean_metric::MeanMetric;
pub use metric::{AnyMetric, Metric};
pub use metrics_of::{IntoMetrics, Metrics};
pub(crate) use names::known_to_keras;
pub use one_hot_io_u::OneHotIoU;
pub use one_hot_mean_io_u::OneHotMeanIoU;
pub use precision::Precision;
pub use precision_at_recall::PrecisionAtRecall;
pub use r2_score::{ClassAggregation, R2Score};
pub use recall::Recall;
pub use recall_at_precision::RecallAtPrecision;
pub use root_mean_squared_error::RootMeanSquaredError;
pub use sensitivity_at_specificity::SensitivityAtSpecificity;
pub use sparse_categorical_accuracy::sparse_categorical_accuracy;
pub use specificity_at_sensitivity::SpecificityAtSensitivity;
pub use top_k::{sparse_top_k_categorical_accuracy, top_k_categorical_accuracy};
pub use true_negatives::TrueNegatives;
pub use true_positives::TruePositives;

use crate::{
    config,
    losses::{BinaryCrossentropy, CategoricalCrossentropy, Loss, SparseCategoricalCrossentropy},
};

/// The metric of that name. It is reported under the name as it was typed.
///
/// `"accuracy"` and `"acc"` are no metrics by themselves: the shapes of labels and predictions
/// decide which accuracy is meant, so that `compile` looks them up later.
///
/// ```
/// assert_eq!(ceratops_train::metrics::get("AUC")?.name(), "AUC");
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn get(identifier: &str) -> Result<Box<dyn Metric>> {
    names::of_class(identifier, Some(identifier), Map::new())
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
    let name = match config.remove("name") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(other) => {
            return Err(Error::config("config.name", format!("expected a name, got {other}")));
        }
    };
    if class != "MeanMetricWrapper" {
        return Ok(names::of_class(&class, name.as_deref(), config)?.into());
    }
    let function = config.remove("fn").unwrap_or_default();
    let (function, _) = config::class_of("metric", &function).map_err(|e| e.at("config.fn"))?;
    config.remove("dtype");
    match name {
        Some(name) if config.is_empty() && names::means(&name, &function) => {
            Ok(AnyMetric::Named(name))
        }
        name => Ok(names::of_class(&function, name.as_deref(), config)?.into()),
    }
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
            Self::Binary => MeanMetric::binary_accuracy(0.5),
            Self::Sparse => MeanMetric::sparse_categorical_accuracy(),
            Self::Categorical => MeanMetric::categorical_accuracy(),
        }
        .with_name(name)
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
