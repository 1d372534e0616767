//! Adamax: Adam with the largest recent gradient in place of its root mean square.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Base, Optimizer, Slot, Step, Weight, adam::power, base::BELOW_ONE, elementwise::update_each,
    slot, within,
};
use crate::{config, schedules::LearningRate};

/// In step t:
///
/// ```text
/// m += (dw - m) * (1 - beta_1)
/// u = max(beta_2 * u, |dw|)
/// w -= learning_rate * m / ((1 - beta_1ᵗ) * (u + epsilon))
/// ```
///
/// Source: Kingma and Ba, "Adam", section 7.1; Keras, `keras.optimizers.Adamax`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adamax {
    /// What every optimizer has.
    #[serde(flatten)]
    pub base: Base,
    /// How slowly m follows the gradient, from 0 to below 1.
    pub beta_1: f64,
    /// How slowly u falls, from 0 to below 1.
    pub beta_2: f64,
    /// A small number that keeps the divisor from zero.
    pub epsilon: f64,
}

impl Default for Adamax {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Adamax {
    /// Adamax with Keras' defaults.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        let base = Base::new(learning_rate);
        Self { base, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }
    }

    /// Lets m follow the gradient so slowly.
    #[must_use]
    pub fn beta_1(self, beta_1: f64) -> Self {
        Self { beta_1, ..self }
    }

    /// Lets u fall so slowly.
    #[must_use]
    pub fn beta_2(self, beta_2: f64) -> Self {
        Self { beta_2, ..self }
    }

    /// Keeps the divisor from zero by so much.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }
}

impl Optimizer for Adamax {
    fn class_name(&self) -> &str {
        "Adamax"
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base {
        &mut self.base
    }

    fn slots(&self, _: &Weight<'_>) -> Vec<Slot> {
        slot::named(["momentum", "norm"])
    }

    fn interleaved(&self) -> usize {
        2
    }

    fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], slots: &mut [Tensor]) {
        let [m, u] = slots else { return };
        let (keep, fall) = ((1.0 - self.beta_1) as f32, self.beta_2 as f32);
        let (left, epsilon) = (1.0 - power(self.beta_1, step.iteration), self.epsilon as f32);
        let rate = step.learning_rate;
        update_each(w, dw, [m, u].map(Tensor::as_mut_slice), move |w, g, [m, u]| {
            let (m, u) = (m + (g - m) * keep, (fall * u).max(g.abs()));
            (w - rate * m / (left * (u + epsilon)), [m, u])
        });
    }

    fn validate(&self) -> Result<()> {
        self.base.validate()?;
        within("beta_1", self.beta_1, 0.0..=BELOW_ONE)?;
        within("beta_2", self.beta_2, 0.0..=BELOW_ONE)?;
        within("epsilon", self.epsilon, 0.0..=f64::MAX)
    }

    fn to_json(&self) -> Result<Value> {
        config::entry("keras.optimizers", "Adamax", self)
    }
}
