//! Sparse categorical accuracy: how many predictions have their maximum at the class of the label.

use super::argmax;

/// 1 where argmax(y_pred) == y_true, else 0. The first of equal maxima counts.
///
/// ```
/// use ceratops_train::metrics::sparse_categorical_accuracy;
///
/// assert_eq!(sparse_categorical_accuracy(2.0, &[0.1, 0.2, 0.7]), 1.0);
/// ```
///
/// Source: Keras, `keras.metrics.SparseCategoricalAccuracy`.
pub fn sparse_categorical_accuracy(y_true: f32, y_pred: &[f32]) -> f64 {
    f64::from(argmax(y_pred) as f32 == y_true)
}
