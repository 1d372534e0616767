//! Top-k accuracy: how many labels are among the largest predictions.

use super::argmax;

/// 1 where fewer than `k` predictions are larger than that of class `y_true`, else 0; also 0 where one
/// of them is no finite number, so that nothing can be said.
///
/// ```
/// use ceratops_train::metrics::sparse_top_k_categorical_accuracy;
///
/// assert_eq!(sparse_top_k_categorical_accuracy(1.0, &[0.1, 0.3, 0.6], 2), 1.0);
/// ```
///
/// Source: Keras, `keras.metrics.SparseTopKCategoricalAccuracy`.
pub fn sparse_top_k_categorical_accuracy(y_true: f32, y_pred: &[f32], k: usize) -> f64 {
    // As TensorFlow casts labels to integers.
    let class = y_true as i64;
    let of_class = usize::try_from(class).ok().and_then(|class| y_pred.get(class));
    let Some(&of_class) = of_class.filter(|_| y_pred.iter().all(|p| p.is_finite())) else {
        return 0.0;
    };
    f64::from(y_pred.iter().filter(|&&p| p > of_class).count() < k)
}

/// The same for a one-hot label.
///
/// Source: Keras, `keras.metrics.TopKCategoricalAccuracy`.
pub fn top_k_categorical_accuracy(y_true: &[f32], y_pred: &[f32], k: usize) -> f64 {
    sparse_top_k_categorical_accuracy(argmax(y_true) as f32, y_pred, k)
}

/// 1 where the label is one of the first `k` predictions, which are the indices of classes, the most
/// likely first.
pub(super) fn among_sorted_ids(y_true: f32, y_pred: &[f32], k: usize) -> f64 {
    f64::from(y_pred.iter().take(k).any(|&id| id == y_true))
}
