//! The mean over a row, in f64.

use ceratops_core::vectorize;

/// How many sums are kept at once, so that additions need not wait for each other.
const SUMS: usize = 8;

/// mean(f(t, p)) over the numbers of a row of labels and of one of predictions.
pub(super) fn mean(y_true: &[f32], y_pred: &[f32], f: impl Fn(f64, f64) -> f64) -> f64 {
    let len = y_pred.len() as f64;
    let sum = vectorize(
        #[inline(always)]
        move || {
            let ((t_rows, t_rest), (p_rows, p_rest)) =
                (y_true.as_chunks::<SUMS>(), y_pred.as_chunks::<SUMS>());
            let mut sums = [0.0; SUMS];
            for (t, p) in t_rows.iter().zip(p_rows) {
                for k in 0..SUMS {
                    sums[k] += f(f64::from(t[k]), f64::from(p[k]));
                }
            }
            let rest: f64 = t_rest.iter().zip(p_rest).map(|(&t, &p)| f(t.into(), p.into())).sum();
            sums.iter().sum::<f64>() + rest
        },
    );
    sum / len
}
