//! What the losses have in common that are a mean of a function of each label and prediction.

use std::fmt::Debug;

use ceratops_core::{Result, Tensor, vectorize};
use serde::Serialize;
use serde_json::Value;

use super::{Loss, entry, labels, mean::mean};

/// A loss that is the mean over a row of a function of each label and prediction, or its sum.
pub trait Elementwise: Debug + Send + Sync + Serialize + Sized + 'static {
    /// Keras' class.
    const CLASS_NAME: &'static str;

    /// Keras' function.
    const NAME: &'static str;

    /// Whether the row is summed, and not averaged.
    const SUM: bool = false;

    /// The loss of one prediction `p` with label `t`, and its derivative by `p`.
    fn term(&self, t: f64, p: f64) -> (f64, f64);

    /// Refuses settings that make no sense.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// The config that Keras understands, beside name and reduction.
    fn settings(&self) -> Result<Value> {
        entry(Self::CLASS_NAME, Self::NAME, self)
    }
}

impl<E: Elementwise> Loss for E {
    fn name(&self) -> &str {
        E::NAME
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        let terms = if E::SUM { y_pred.len() as f64 } else { 1.0 };
        terms * mean(y_true, y_pred, |t, p| self.term(t, p).0)
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        let scale = if E::SUM { 1.0 } else { 1.0 / y_pred.len() as f64 };
        vectorize(
            #[inline(always)]
            || {
                for ((&t, &p), dy) in y_true.iter().zip(y_pred).zip(dy) {
                    *dy = (scale * self.term(t.into(), p.into()).1) as f32;
                }
            },
        );
    }

    fn check_labels(&self, y_true: &Tensor, _: usize) -> Result<()> {
        labels::check_finite(y_true)
    }

    fn validate(&self) -> Result<()> {
        Elementwise::validate(self)
    }

    fn to_json(&self) -> Result<Value> {
        self.settings()
    }
}
