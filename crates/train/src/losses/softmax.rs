//! Softmax of one row in f64, for the losses on logits.

/// ln Σ exp(x), which does not overflow.
pub(super) fn log_sum_exp(x: &[f32]) -> f64 {
    let max = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    // All infinite: the difference below would not be a number.
    let max = if max.is_finite() { f64::from(max) } else { 0.0 };
    max + x.iter().map(|&x| (f64::from(x) - max).exp()).sum::<f64>().ln()
}

/// exp(x) / Σ exp(x) for each number of the row.
pub(super) fn softmax(x: &[f32]) -> impl Iterator<Item = f64> {
    let total = log_sum_exp(x);
    x.iter().map(move |&x| (f64::from(x) - total).exp())
}
