//! Mean and Sum of values, for those who gather by themselves.

use ceratops_core::Tensor;
use serde::{Deserialize, Serialize};

use crate::exact::number;

/// The weighted mean of values, gathered over batches.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_train::metrics::Mean;
///
/// let mut mean = Mean::default();
/// mean.add(&Tensor::from([1.0, 3.0, 5.0, 7.0]), Some(&Tensor::from([1.0, 1.0, 0.0, 0.0])));
/// assert_eq!(mean.result(), 2.0);
/// ```
///
/// Source: Keras, `keras.metrics.Mean`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    total: Sum,
    #[serde(with = "number")]
    count: f64,
}

/// The weighted sum of values, gathered over batches.
///
/// Source: Keras, `keras.metrics.Sum`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Sum {
    #[serde(with = "number")]
    total: f64,
}

impl Mean {
    /// Takes values into account, whose samples may have weights: each counts as often.
    pub fn add(&mut self, values: &Tensor, weights: Option<&Tensor>) {
        self.total.add(values, weights);
        self.count += Sum::weights(values, weights).sum::<f64>();
    }

    /// Takes one value into account.
    pub(super) fn push(&mut self, value: f64, weight: f64) {
        self.total.total += weight * value;
        self.count += weight;
    }

    /// The mean; 0 before the first value.
    pub fn result(&self) -> f64 {
        if self.count == 0.0 { 0.0 } else { self.total.total / self.count }
    }

    /// Forgets all values.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

impl Sum {
    /// Takes values into account, whose samples may have weights.
    pub fn add(&mut self, values: &Tensor, weights: Option<&Tensor>) {
        let weighted = values.as_slice().iter().zip(Self::weights(values, weights));
        self.total += weighted.map(|(&value, weight)| f64::from(value) * weight).sum::<f64>();
    }

    /// The sum.
    pub fn result(&self) -> f64 {
        self.total
    }

    /// Forgets all values.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// The weight of each value.
    fn weights<'a>(values: &Tensor, weights: Option<&'a Tensor>) -> impl Iterator<Item = f64> + 'a {
        let len = values.len();
        (0..len).map(move |i| super::keras_metric::weight(weights, i, len))
    }
}
