//! Ftrl: follows the regularized leader; made for sparse features.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Base, Optimizer, Slot, Step, Weight, elementwise::update_each, within};
use crate::{config, schedules::LearningRate};

/// With the sum n of squared gradients, which begins with initial_accumulator_value, the linear term
/// z, and p = -learning_rate_power:
///
/// ```text
/// g = dw + 2 * l2_shrinkage_regularization_strength * w
/// n' = n + dw²
/// z += g - (n'ᵖ - nᵖ) / learning_rate * w
/// q = n'ᵖ / learning_rate + 2 * l2_regularization_strength + beta / learning_rate
/// w = (clamp(z, ±l1_regularization_strength) - z) / q
/// ```
///
/// Source: McMahan et al., "Ad Click Prediction: a View from the Trenches"; Keras,
/// `keras.optimizers.Ftrl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ftrl {
    /// What every optimizer has.
    #[serde(flatten)]
    pub base: Base,
    /// How fast the learning rate falls with n: 0 or less.
    pub learning_rate_power: f64,
    /// The sum of squares before the first step.
    pub initial_accumulator_value: f64,
    /// How strongly weights are drawn to zero, until they are zero.
    pub l1_regularization_strength: f64,
    /// How strongly weights are held small.
    pub l2_regularization_strength: f64,
    /// How strongly the loss would punish squared weights.
    pub l2_shrinkage_regularization_strength: f64,
    /// β of the paper: how much less the first steps go.
    pub beta: f64,
}

impl Default for Ftrl {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Ftrl {
    /// Ftrl with Keras' defaults: no regularization.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        let base = Base::new(learning_rate);
        Self {
            base,
            learning_rate_power: -0.5,
            initial_accumulator_value: 0.1,
            l1_regularization_strength: 0.0,
            l2_regularization_strength: 0.0,
            l2_shrinkage_regularization_strength: 0.0,
            beta: 0.0,
        }
    }

    /// Lets the learning rate fall so fast.
    #[must_use]
    pub fn learning_rate_power(self, learning_rate_power: f64) -> Self {
        Self { learning_rate_power, ..self }
    }

    /// Lets the sum of squares begin so.
    #[must_use]
    pub fn initial_accumulator_value(self, initial_accumulator_value: f64) -> Self {
        Self { initial_accumulator_value, ..self }
    }

    /// Draws weights to zero so strongly.
    #[must_use]
    pub fn l1_regularization_strength(self, l1_regularization_strength: f64) -> Self {
        Self { l1_regularization_strength, ..self }
    }

    /// Holds weights small so strongly.
    #[must_use]
    pub fn l2_regularization_strength(self, l2_regularization_strength: f64) -> Self {
        Self { l2_regularization_strength, ..self }
    }

    /// Punishes squared weights so strongly.
    #[must_use]
    pub fn l2_shrinkage_regularization_strength(
        self,
        l2_shrinkage_regularization_strength: f64,
    ) -> Self {
        Self { l2_shrinkage_regularization_strength, ..self }
    }

    /// Makes the first steps so much smaller.
    #[must_use]
    pub fn beta(self, beta: f64) -> Self {
        Self { beta, ..self }
    }

    /// The update, where `power` makes nᵖ of n.
    fn follow(
        &self,
        step: Step<'_>,
        w: &mut [f32],
        dw: &[f32],
        slots: [&mut [f32]; 2],
        power: impl Fn(f32) -> f32 + Copy + Send + Sync,
    ) {
        let rate = step.learning_rate;
        let l1 = self.l1_regularization_strength as f32;
        let l2 = self.l2_regularization_strength as f32 + self.beta as f32 / (2.0 * rate);
        let shrinkage = 2.0 * self.l2_shrinkage_regularization_strength as f32;
        update_each(w, dw, slots, move |w, g, [n, z]| {
            let sum = n + g * g;
            let z = z + g + shrinkage * w - (power(sum) - power(n)) / rate * w;
            let q = power(sum) / rate + 2.0 * l2;
            ((z.max(-l1).min(l1) - z) / q, [sum, z])
        });
    }
}

impl Optimizer for Ftrl {
    fn class_name(&self) -> &str {
        "Ftrl"
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base {
        &mut self.base
    }

    fn slots(&self, _: &Weight<'_>) -> Vec<Slot> {
        let initial = self.initial_accumulator_value as f32;
        vec![Slot::new("accumulator").filled(initial), Slot::new("linear")]
    }

    fn interleaved(&self) -> usize {
        2
    }

    fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], slots: &mut [Tensor]) {
        let slots = match slots {
            [n, z] => [n, z].map(Tensor::as_mut_slice),
            _ => return,
        };
        // The root is much faster than a power.
        if self.learning_rate_power == -0.5 {
            self.follow(step, w, dw, slots, f32::sqrt);
        } else {
            let power = -self.learning_rate_power as f32;
            self.follow(step, w, dw, slots, move |n| n.powf(power));
        }
    }

    fn validate(&self) -> Result<()> {
        self.base.validate()?;
        within("learning_rate_power", self.learning_rate_power, f64::MIN..=0.0)?;
        for (name, value) in [
            ("initial_accumulator_value", self.initial_accumulator_value),
            ("l1_regularization_strength", self.l1_regularization_strength),
            ("l2_regularization_strength", self.l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", self.l2_shrinkage_regularization_strength),
            ("beta", self.beta),
        ] {
            within(name, value, 0.0..=f64::MAX)?;
        }
        Ok(())
    }

    fn to_json(&self) -> Result<Value> {
        config::entry("keras.optimizers", "Ftrl", self)
    }
}
