//! Categorical accuracy: how many predictions have their maximum where the one-hot label has it.

use super::argmax;

/// 1 where argmax(y_pred) == argmax(y_true), else 0. The first of equal maxima counts.
///
/// ```
/// use ceratops_train::metrics::categorical_accuracy;
///
/// assert_eq!(categorical_accuracy(&[0.0, 0.0, 1.0], &[0.1, 0.2, 0.7]), 1.0);
/// ```
///
/// Source: Keras, `keras.metrics.CategoricalAccuracy`.
pub fn categorical_accuracy(y_true: &[f32], y_pred: &[f32]) -> f64 {
    f64::from(argmax(y_true) == argmax(y_pred))
}
