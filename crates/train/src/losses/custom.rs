//! Custom: a loss of your own, made of a function.

use std::{fmt, sync::Arc};

use num_dual::Dual64;

use super::Loss;

/// A value, and a gradient that is written to the last argument.
type RowFn = dyn Fn(&[f32], &[f32], &mut [f32]) -> f64 + Send + Sync;

/// A loss of your own. In a file it is its name, which Keras must be told of (`custom_objects`).
///
/// ```
/// use ceratops_train::losses::{Custom, DualNum, Loss};
///
/// // The derivative is found by the chain rule, as long as the function is made of operations on p.
/// let quartic = Custom::each("quartic", |t, p| (p - t).powi(4));
/// let mut dy = [0.0; 2];
/// assert_eq!(quartic.value_and_gradient(&[0.0, 1.0], &[2.0, 2.0], &mut dy), 8.5);
/// assert_eq!(dy, [16.0, 2.0]);
/// ```
#[derive(Clone)]
pub struct Custom {
    name: String,
    row: Arc<RowFn>,
}

impl Custom {
    /// The loss whose value for a row of labels and one of predictions is `value`, and whose derivative
    /// by each prediction is written by `gradient`.
    pub fn new(
        name: impl Into<String>,
        value: impl Fn(&[f32], &[f32]) -> f64 + Send + Sync + 'static,
        gradient: impl Fn(&[f32], &[f32], &mut [f32]) + Send + Sync + 'static,
    ) -> Self {
        let row = move |y_true: &[f32], y_pred: &[f32], dy: &mut [f32]| {
            gradient(y_true, y_pred, dy);
            value(y_true, y_pred)
        };
        Self { name: name.into(), row: Arc::new(row) }
    }

    /// The mean over each row of a function of label and prediction. The derivative is that of the
    /// operations that `f` does on the prediction, a dual number, so `f` must not take its value out
    /// but to compare it.
    pub fn each(
        name: impl Into<String>,
        f: impl Fn(f64, Dual64) -> Dual64 + Send + Sync + 'static,
    ) -> Self {
        let row = move |y_true: &[f32], y_pred: &[f32], dy: &mut [f32]| {
            let (n, mut sum) = (y_pred.len() as f64, 0.0);
            for ((&t, &p), dy) in y_true.iter().zip(y_pred).zip(dy) {
                let y = f(t.into(), Dual64::from_re(p.into()).derivative());
                sum += y.re;
                *dy = (y.eps / n) as f32;
            }
            sum / n
        };
        Self { name: name.into(), row: Arc::new(row) }
    }
}

impl Loss for Custom {
    fn name(&self) -> &str {
        &self.name
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        (self.row)(y_true, y_pred, &mut vec![0.0; y_pred.len()])
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        (self.row)(y_true, y_pred, dy);
    }

    fn value_and_gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) -> f64 {
        (self.row)(y_true, y_pred, dy)
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Custom").field("name", &self.name).finish_non_exhaustive()
    }
}
