//! Nadam: Adam that looks ahead, as Nesterov's momentum does.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Base, Optimizer, Slot, Step, Weight, adam::power, base::BELOW_ONE, elementwise::update_each,
    slot, within,
};
use crate::{config, schedules::LearningRate};

/// In step t, with uₜ = beta_1 * (1 - 0.96ᵗ / 2) and their product Uₜ = u₁ u₂ ... uₜ:
///
/// ```text
/// m += (dw - m) * (1 - beta_1)
/// v += (dw² - v) * (1 - beta_2)
/// m̂ = uₜ₊₁ * m / (1 - Uₜ₊₁) + (1 - uₜ) * dw / (1 - Uₜ)
/// v̂ = v / (1 - beta_2ᵗ)
/// w -= learning_rate * m̂ / (√v̂ + epsilon)
/// ```
///
/// Source: Dozat, "Incorporating Nesterov Momentum into Adam"; Keras, `keras.optimizers.Nadam`,
/// which keeps Uₜ as a variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Nadam {
    /// What every optimizer has.
    #[serde(flatten)]
    pub base: Base,
    /// How slowly m follows the gradient, from 0 to below 1.
    pub beta_1: f64,
    /// How slowly v follows the gradient's square, from 0 to below 1.
    pub beta_2: f64,
    /// A small number that keeps the divisor from zero.
    pub epsilon: f64,
}

impl Default for Nadam {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Nadam {
    /// Nadam with Keras' defaults.
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

    /// Lets v follow the gradient's square so slowly.
    #[must_use]
    pub fn beta_2(self, beta_2: f64) -> Self {
        Self { beta_2, ..self }
    }

    /// Keeps the divisor from zero by so much.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// uₜ of the formula.
    fn u(&self, t: u64) -> f32 {
        self.beta_1 as f32 * (1.0 - 0.5 * power(0.96, t))
    }
}

impl Optimizer for Nadam {
    fn class_name(&self) -> &str {
        "Nadam"
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base {
        &mut self.base
    }

    fn slots(&self, _: &Weight<'_>) -> Vec<Slot> {
        slot::named(["momentum", "velocity"])
    }

    fn interleaved(&self) -> usize {
        2
    }

    fn shared(&self) -> Vec<(&'static str, f32)> {
        // Keras gives the product no name, so that it is called so.
        vec![("variable", 1.0)]
    }

    fn advance(&self, iteration: u64, shared: &mut [f32]) {
        let u = self.u(iteration);
        shared.iter_mut().for_each(|product| *product *= u);
    }

    fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], slots: &mut [Tensor]) {
        let ([m, v], &[product]) = (slots, step.shared) else { return };
        let (rate, epsilon) = (step.learning_rate, self.epsilon as f32);
        let (keep_1, keep_2) = ((1.0 - self.beta_1) as f32, (1.0 - self.beta_2) as f32);
        let (now, next) = (self.u(step.iteration), self.u(step.iteration.saturating_add(1)));
        let (of_m, of_g) = (next / (1.0 - product * next), (1.0 - now) / (1.0 - product));
        let left = 1.0 - power(self.beta_2, step.iteration);
        update_each(w, dw, [m, v].map(Tensor::as_mut_slice), move |w, g, [m, v]| {
            let (m, v) = (m + (g - m) * keep_1, v + (g * g - v) * keep_2);
            let ahead = of_m * m + of_g * g;
            (w - ahead * rate / ((v / left).sqrt() + epsilon), [m, v])
        });
    }

    fn validate(&self) -> Result<()> {
        self.base.validate()?;
        within("beta_1", self.beta_1, 0.0..=BELOW_ONE)?;
        within("beta_2", self.beta_2, 0.0..=BELOW_ONE)?;
        within("epsilon", self.epsilon, 0.0..=f64::MAX)
    }

    fn to_json(&self) -> Result<Value> {
        config::entry("keras.optimizers", "Nadam", self)
    }
}
