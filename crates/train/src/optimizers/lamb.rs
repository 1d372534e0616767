//! Lamb: Adam whose steps are as large as the weights, layer by layer; made for large batches.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Base, Optimizer, Slot, Step, Weight,
    adam::power,
    base::BELOW_ONE,
    elementwise::{sum_each, sum_of_squares, update_each},
    slot, within,
};
use crate::{config, schedules::LearningRate};

/// In step t, where ‖·‖ is the Euclidean norm of a whole weight:
///
/// ```text
/// m += (dw - m) * (1 - beta_1)
/// v += (dw² - v) * (1 - beta_2)
/// step = m / (1 - beta_1ᵗ) / (√(v / (1 - beta_2ᵗ)) + epsilon)
/// w -= learning_rate * ‖w‖ / ‖step‖ * step
/// ```
///
/// Where one of the norms is zero, their quotient counts as 1.
///
/// Source: You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes";
/// Keras, `keras.optimizers.Lamb`, which leaves weight decay out of the norms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lamb {
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

impl Default for Lamb {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Lamb {
    /// Lamb with Keras' defaults.
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
}

impl Optimizer for Lamb {
    fn class_name(&self) -> &str {
        "Lamb"
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

    fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], slots: &mut [Tensor]) {
        let [m, v] = slots else { return };
        let (m, v) = (m.as_mut_slice(), v.as_mut_slice());
        let (keep_1, keep_2) = ((1.0 - self.beta_1) as f32, (1.0 - self.beta_2) as f32);
        update_each(m, dw, [&mut *v], move |m, g, [v]| {
            (m + (g - m) * keep_1, [v + (g * g - v) * keep_2])
        });
        let [left_1, left_2] = [self.beta_1, self.beta_2].map(|b| 1.0 - power(b, step.iteration));
        let epsilon = self.epsilon as f32;
        let along = move |m: f32, v: f32| m / left_1 / ((v / left_2).sqrt() + epsilon);
        let norm = sum_each(m, v, move |m, v| along(m, v) * along(m, v)).sqrt();
        let size = sum_of_squares(w).sqrt();
        let ratio = if size > 0.0 && norm > 0.0 { (size / norm) as f32 } else { 1.0 };
        let rate = ratio * step.learning_rate;
        update_each(w, m, [v], move |w, m, [v]| (w - rate * along(m, v), [v]));
    }

    fn validate(&self) -> Result<()> {
        self.base.validate()?;
        within("beta_1", self.beta_1, 0.0..=BELOW_ONE)?;
        within("beta_2", self.beta_2, 0.0..=BELOW_ONE)?;
        within("epsilon", self.epsilon, 0.0..=f64::MAX)
    }

    fn to_json(&self) -> Result<Value> {
        config::entry("keras.optimizers", "Lamb", self)
    }
}
