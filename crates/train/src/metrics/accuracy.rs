//! The metrics of Keras that are means of a function of a row, and no loss.

use serde_json::Value;

use super::{
    MeanMetric, binary_accuracy, categorical_accuracy, concordance_correlation,
    pearson_correlation, sparse_categorical_accuracy, sparse_top_k_categorical_accuracy,
    top_k::among_sorted_ids, top_k_categorical_accuracy,
};
use crate::losses::{Axes, cosine};

impl MeanMetric {
    /// How many predictions are equal to their label: `keras.metrics.Accuracy`.
    pub fn accuracy() -> Self {
        let hits = |t: &[f32], p: &[f32]| t.iter().zip(p).filter(|(t, p)| t == p).count();
        let hit_rate = move |t: &[f32], p: &[f32]| hits(t, p) as f64 / t.len().max(1) as f64;
        Self::new("accuracy", hit_rate).of_class("Accuracy", [])
    }

    /// The mean of [`binary_accuracy`]: `keras.metrics.BinaryAccuracy`.
    pub fn binary_accuracy(threshold: f64) -> Self {
        let of = move |t: &[f32], p: &[f32]| binary_accuracy(t, p, threshold as f32);
        let settings = [("threshold", threshold.into())];
        Self::new("binary_accuracy", of).of_class("BinaryAccuracy", settings)
    }

    /// The mean of [`categorical_accuracy`]: `keras.metrics.CategoricalAccuracy`.
    pub fn categorical_accuracy() -> Self {
        Self::new("categorical_accuracy", categorical_accuracy).of_class("CategoricalAccuracy", [])
    }

    /// The mean of [`sparse_categorical_accuracy`]: `keras.metrics.SparseCategoricalAccuracy`.
    pub fn sparse_categorical_accuracy() -> Self {
        let metric = Self::sparse("sparse_categorical_accuracy", sparse_categorical_accuracy);
        metric.of_class("SparseCategoricalAccuracy", [])
    }

    /// The mean of [`top_k_categorical_accuracy`], of which Keras' default is 5:
    /// `keras.metrics.TopKCategoricalAccuracy`.
    pub fn top_k_categorical_accuracy(k: usize) -> Self {
        let of = move |t: &[f32], p: &[f32]| top_k_categorical_accuracy(t, p, k);
        let metric = Self::new("top_k_categorical_accuracy", of);
        metric.of_class("TopKCategoricalAccuracy", [("k", k.into())])
    }

    /// The mean of [`sparse_top_k_categorical_accuracy`], of which Keras' default is 5:
    /// `keras.metrics.SparseTopKCategoricalAccuracy`.
    pub fn sparse_top_k_categorical_accuracy(k: usize) -> Self {
        let of = move |t, p: &[f32]| sparse_top_k_categorical_accuracy(t, p, k);
        let metric = Self::sparse("sparse_top_k_categorical_accuracy", of);
        metric.of_class("SparseTopKCategoricalAccuracy", [("k", k.into())])
    }

    /// The same for predictions that are the indices of classes, the most likely first: Keras'
    /// `from_sorted_ids`.
    pub fn sparse_top_k_of_sorted_ids(k: usize) -> Self {
        let of = move |t, p: &[f32]| among_sorted_ids(t, p, k);
        let settings = [("k", k.into()), ("from_sorted_ids", Value::Bool(true))];
        let metric = Self::sparse("sparse_top_k_categorical_accuracy", of);
        metric.of_class("SparseTopKCategoricalAccuracy", settings)
    }

    /// The cosine of the angle between label and prediction, 1 for the same direction; the loss of
    /// that name is its negative. `keras.metrics.CosineSimilarity`.
    pub fn cosine_similarity(axis: impl Into<Axes>) -> Self {
        let metric = Self::new("cosine_similarity", |t, p| cosine(t, p).0);
        metric.with_axis("CosineSimilarity", axis.into(), false)
    }

    /// The mean of [`pearson_correlation`]: `keras.metrics.PearsonCorrelation`.
    pub fn pearson_correlation(axis: impl Into<Axes>) -> Self {
        let metric = Self::new("pearson_correlation", pearson_correlation);
        metric.with_axis("PearsonCorrelation", axis.into(), true)
    }

    /// The mean of [`concordance_correlation`]: `keras.metrics.ConcordanceCorrelation`.
    pub fn concordance_correlation(axis: impl Into<Axes>) -> Self {
        let metric = Self::new("concordance_correlation", concordance_correlation);
        metric.with_axis("ConcordanceCorrelation", axis.into(), true)
    }

    /// The same along that axis, which Keras writes always or, unless it must, never.
    fn with_axis(self, class_name: &'static str, axis: Axes, always: bool) -> Self {
        let metric = if always || axis != Axes::LAST {
            let value = serde_json::to_value(&axis).unwrap_or_default();
            self.of_class(class_name, [("axis", value)])
        } else {
            self.of_class(class_name, [])
        };
        metric.along(axis)
    }
}
