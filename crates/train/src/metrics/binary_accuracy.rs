//! Binary accuracy: how many of the predictions are on the side of their label.

/// mean(y_true == (y_pred > threshold)) over a row.
///
/// `"binary_accuracy"` has the threshold 0.5; with another:
///
/// ```
/// use ceratops_train::metrics::{MeanMetric, binary_accuracy};
///
/// assert_eq!(binary_accuracy(&[1.0, 0.0], &[0.8, 0.6], 0.5), 0.5);
/// let metric = MeanMetric::new("sure", |y_true, y_pred| binary_accuracy(y_true, y_pred, 0.9));
/// # let _ = metric;
/// ```
///
/// Source: Keras, `keras.metrics.BinaryAccuracy`.
pub fn binary_accuracy(y_true: &[f32], y_pred: &[f32], threshold: f32) -> f64 {
    let hit = |&(&t, &p): &(&f32, &f32)| t == f32::from(u8::from(p > threshold));
    y_true.iter().zip(y_pred).filter(hit).count() as f64 / y_true.len().max(1) as f64
}
