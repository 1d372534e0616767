//! Softmax of one row in f64, for the losses on logits.

/// ln Σ exp(x), which does not overflow.
pub(super) fn log_sum_exp(x: &[f32]) -> f64 {
    let max = finite_max(x);
    max + x.iter().map(|&x| (f64::from(x) - max).exp()).sum::<f64>().ln()
}

/// ln Σ exp(x), and softmax(x) = exp(x - max) / Σ exp(x - max) by a function that takes the
/// numerator, which `numerators` then holds: each exponential is computed once.
///
/// A numerator is rounded to f32, but that of the largest logit is 1 exactly, so that the
/// difference between its softmax and a label of 1 keeps all its digits.
pub(super) fn softmax(x: &[f32], numerators: &mut [f32]) -> (f64, impl Fn(f32) -> f64 + use<>) {
    let max = finite_max(x);
    let mut sum = 0.0;
    for (&x, numerator) in x.iter().zip(numerators) {
        let exp = (f64::from(x) - max).exp();
        sum += exp;
        *numerator = exp as f32;
    }
    (max + sum.ln(), move |numerator| f64::from(numerator) / sum)
}

/// The largest number, or 0 where that is infinite: differences to it would not be numbers.
fn finite_max(x: &[f32]) -> f64 {
    let max = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if max.is_finite() { f64::from(max) } else { 0.0 }
}
