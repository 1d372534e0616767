//! Lion: steps of one size, along the sign of the momentum.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Base, Optimizer, Slot, Step, Weight, base::BELOW_ONE, elementwise::update_each, slot, within,
};
use crate::{config, schedules::LearningRate};

/// ```text
/// w -= learning_rate * sign(beta_1 * m + (1 - beta_1) * dw)
/// m = beta_2 * m + (1 - beta_2) * dw
/// ```
///
/// The sign of zero is zero. A good learning rate is some 3 to 10 times smaller than Adam's, and a
/// good weight decay as much larger.
///
/// Source: Chen et al., "Symbolic Discovery of Optimization Algorithms"; Keras,
/// `keras.optimizers.Lion`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lion {
    /// What every optimizer has.
    #[serde(flatten)]
    pub base: Base,
    /// How much of the momentum is in a step's direction, above 0 and up to 1.
    pub beta_1: f64,
    /// How slowly m follows the gradient, from 0 to below 1.
    pub beta_2: f64,
}

impl Default for Lion {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Lion {
    /// Lion with Keras' defaults.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        let base = Base::new(learning_rate);
        Self { base, beta_1: 0.9, beta_2: 0.99 }
    }

    /// Puts so much of the momentum into a step's direction.
    #[must_use]
    pub fn beta_1(self, beta_1: f64) -> Self {
        Self { beta_1, ..self }
    }

    /// Lets m follow the gradient so slowly.
    #[must_use]
    pub fn beta_2(self, beta_2: f64) -> Self {
        Self { beta_2, ..self }
    }
}

impl Optimizer for Lion {
    fn class_name(&self) -> &str {
        "Lion"
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base {
        &mut self.base
    }

    fn slots(&self, _: &Weight<'_>) -> Vec<Slot> {
        slot::named(["momentum"])
    }

    fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], slots: &mut [Tensor]) {
        let [m] = slots else { return };
        let (beta_1, beta_2) = (self.beta_1 as f32, self.beta_2 as f32);
        let rate = step.learning_rate;
        update_each(w, dw, [m.as_mut_slice()], move |w, g, [m]| {
            let direction = m * beta_1 + g * (1.0 - beta_1);
            let sign = if direction == 0.0 { 0.0 } else { 1f32.copysign(direction) };
            // What is no number has no sign, and is not hidden.
            let sign = if direction.is_nan() { direction } else { sign };
            (w - rate * sign, [m * beta_2 + g * (1.0 - beta_2)])
        });
    }

    fn validate(&self) -> Result<()> {
        self.base.validate()?;
        within("beta_1", self.beta_1, f64::MIN_POSITIVE..=1.0)?;
        within("beta_2", self.beta_2, 0.0..=BELOW_ONE)
    }

    fn to_json(&self) -> Result<Value> {
        config::entry("keras.optimizers", "Lion", self)
    }
}
