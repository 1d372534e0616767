//! Correlation of prediction and label along a row: Pearson's, and the concordance.

/// mean((t - mean t) / std t · (p - mean p) / std p) over a row.
///
/// Source: Keras, `keras.metrics.PearsonCorrelation`.
pub fn pearson_correlation(y_true: &[f32], y_pred: &[f32]) -> f64 {
    let ((t_mean, t_var), (p_mean, p_var)) = (moments(y_true), moments(y_pred));
    let products = y_true.iter().zip(y_pred).map(|(&t, &p)| {
        (f64::from(t) - t_mean) / t_var.sqrt() * ((f64::from(p) - p_mean) / p_var.sqrt())
    });
    products.sum::<f64>() / y_pred.len() as f64
}

/// mean(2 (t - mean p) (p - mean p) / (var t + var p + (mean t - mean p)² + 1e-7)) over a row.
///
/// Keras takes the mean of the predictions from the labels too, which changes nothing but the rounding.
///
/// Source: Keras, `keras.metrics.ConcordanceCorrelation`.
pub fn concordance_correlation(y_true: &[f32], y_pred: &[f32]) -> f64 {
    let ((t_mean, t_var), (p_mean, p_var)) = (moments(y_true), moments(y_pred));
    let norm = t_var + p_var + (t_mean - p_mean).powi(2) + 1e-7;
    let products = y_true
        .iter()
        .zip(y_pred)
        .map(|(&t, &p)| 2.0 * (f64::from(t) - p_mean) * (f64::from(p) - p_mean) / norm);
    products.sum::<f64>() / y_pred.len() as f64
}

/// The mean and the variance of a row.
fn moments(row: &[f32]) -> (f64, f64) {
    let n = row.len() as f64;
    let mean = row.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
    (mean, row.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n)
}
