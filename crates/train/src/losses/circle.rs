//! Circle: draws the vectors of a class together, and those of different classes apart.

use ceratops_core::{Error, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Loss, WholeLoss, entry, labels};
use crate::optimizers::within;

/// softplus(ln Σ exp(γ (m + d) (d - m)) + ln Σ exp(γ max(1 + m - d, 0) (1 - m - d))) for each sample, the
/// first sum over the other samples of its class, the second over those of other classes, with
/// d = max(1 - y_predᵢ · y_predⱼ, 0).
///
/// Predictions are vectors of length 1, labels the index of a class. A sample that has no other of its class in the batch, or none of another, does not count.
/// The samples of a batch are compared with each other, so that a batch is not cut into parts.
///
/// Source: Keras, `keras.losses.Circle`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Circle {
    /// γ, how sharply the largest distances count.
    pub gamma: f64,
    /// m, the distance within a class and, from 1 down, between classes that is aimed at.
    pub margin: f64,
    /// Whether a sample is not compared with itself.
    pub remove_diagonal: bool,
}

impl Default for Circle {
    fn default() -> Self {
        Self { gamma: 80.0, margin: 0.4, remove_diagonal: true }
    }
}

/// One sample with all others: the loss, if it counts, and its derivative by each distance.
struct Pairs {
    loss: Option<f64>,
    slopes: Vec<f64>,
}

impl Circle {
    /// The loss with γ = 80 and a margin of 0.4.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets γ.
    #[must_use]
    pub fn gamma(self, gamma: f64) -> Self {
        Self { gamma, ..self }
    }

    /// Sets the margin.
    #[must_use]
    pub fn margin(self, margin: f64) -> Self {
        Self { margin, ..self }
    }

    /// Compares a sample with itself, or not.
    #[must_use]
    pub fn remove_diagonal(self, remove_diagonal: bool) -> Self {
        Self { remove_diagonal, ..self }
    }

    /// Sample `i` and all others, whose scalar products with it are `products`.
    fn pairs(&self, i: usize, y_true: &[f32], products: &[f64]) -> Pairs {
        let (gamma, margin) = (self.gamma, self.margin);
        let (mut same, mut other) = (Vec::new(), Vec::new());
        for (j, (&product, &class)) in products.iter().zip(y_true).enumerate() {
            let d = (1.0 - product).max(0.0);
            let moves = f64::from(1.0 - product >= 0.0);
            if class != y_true[i] {
                let weight = (1.0 + margin - d).max(0.0);
                // The weight depends on the distance too.
                let slope = if 1.0 + margin - d < 0.0 { 0.0 } else { 2.0 * d - 2.0 };
                other.push((j, gamma * weight * (1.0 - margin - d), gamma * slope * moves));
            } else if i != j || !self.remove_diagonal {
                same.push((j, gamma * (margin + d) * (d - margin), 2.0 * gamma * d * moves));
            }
        }
        let mut slopes = vec![0.0; products.len()];
        if same.is_empty() || other.is_empty() {
            return Pairs { loss: None, slopes };
        }
        let (of_same, of_other) = (log_sum_exp(&same), log_sum_exp(&other));
        let x = of_same + of_other;
        let loss = x.max(0.0) + (-x.abs()).exp().ln_1p();
        let sigmoid = 1.0 / (1.0 + (-x).exp());
        for (terms, total) in [(same, of_same), (other, of_other)] {
            for (j, term, slope) in terms {
                slopes[j] = sigmoid * (term - total).exp() * slope;
            }
        }
        // Too small for an f32 is none, as in Keras.
        Pairs { loss: (loss as f32 != 0.0).then_some(loss), slopes }
    }

    /// What `each` makes of every sample, its vector and the vectors of all.
    fn each(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        mut each: impl FnMut(usize, Pairs),
    ) -> Result<()> {
        let samples = y_pred.batch();
        if y_pred.ndim() != 2 || y_true.len() != samples {
            let (expected, help) =
                (Shape::batched([None]), "circle takes one vector for each sample, and one class");
            return Err(Error::shape("y_pred", expected, y_pred.shape(), help));
        }
        let rows: Vec<&[f32]> = y_pred.as_slice().chunks(y_pred.sample_len().max(1)).collect();
        for i in 0..samples {
            let products: Vec<f64> = rows.iter().map(|row| dot(rows[i], row)).collect();
            each(i, self.pairs(i, y_true.as_slice(), &products));
        }
        Ok(())
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

fn log_sum_exp(terms: &[(usize, f64, f64)]) -> f64 {
    let max = terms.iter().map(|&(_, term, _)| term).fold(f64::NEG_INFINITY, f64::max);
    max + terms.iter().map(|&(_, term, _)| (term - max).exp()).sum::<f64>().ln()
}

impl WholeLoss for Circle {
    fn losses(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Vec<Option<f64>>> {
        let mut losses = Vec::with_capacity(y_pred.batch());
        self.each(y_true, y_pred, |_, pairs| losses.push(pairs.loss))?;
        Ok(losses)
    }

    fn gradient(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        weights: &[f64],
        dy: &mut [f32],
    ) -> Result<()> {
        // d(1 - yᵢ · yⱼ) is -yⱼ by yᵢ and -yᵢ by yⱼ.
        let (x, len) = (y_pred.as_slice(), y_pred.sample_len());
        let mut sums = vec![0.0; dy.len()];
        self.each(y_true, y_pred, |i, pairs| {
            let weight = weights.get(i).copied().filter(|_| pairs.loss.is_some()).unwrap_or(0.0);
            for (j, slope) in pairs.slopes.into_iter().enumerate() {
                for k in 0..len {
                    sums[i * len + k] -= weight * slope * f64::from(x[j * len + k]);
                    sums[j * len + k] -= weight * slope * f64::from(x[i * len + k]);
                }
            }
        })?;
        dy.iter_mut().zip(sums).for_each(|(dy, sum)| *dy += sum as f32);
        Ok(())
    }
}

impl Loss for Circle {
    fn name(&self) -> &str {
        "circle"
    }

    fn value(&self, _: &[f32], _: &[f32]) -> f64 {
        // A sample alone does not count.
        0.0
    }

    fn gradient(&self, _: &[f32], _: &[f32], dy: &mut [f32]) {
        dy.fill(0.0);
    }

    fn is_sparse(&self) -> bool {
        true
    }

    fn whole(&self) -> Option<&dyn WholeLoss> {
        Some(self)
    }

    fn check_labels(&self, y_true: &Tensor, _: usize) -> Result<()> {
        labels::check_finite(y_true)
    }

    fn validate(&self) -> Result<()> {
        within("gamma", self.gamma, 0.0..=f64::MAX)?;
        within("margin", self.margin, 0.0..=1.0)
    }

    fn to_json(&self) -> Result<Value> {
        entry("Circle", self.name(), self)
    }
}
