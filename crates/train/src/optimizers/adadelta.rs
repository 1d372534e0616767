//! Adadelta: steps as large as recent steps, measured in recent gradients.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Base, Optimizer, Slot, Step, Weight, elementwise::update_each, slot, within};
use crate::{config, schedules::LearningRate};

/// With running means a of squared gradients and d of squared steps:
///
/// ```text
/// a = rho * a + (1 - rho) * dw²
/// step = -√(d + epsilon) / √(a + epsilon) * dw
/// d = rho * d + (1 - rho) * step²
/// w += learning_rate * step
/// ```
///
/// Source: Zeiler, "ADADELTA: An Adaptive Learning Rate Method"; Keras, `keras.optimizers.Adadelta`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adadelta {
    /// What every optimizer has.
    #[serde(flatten)]
    pub base: Base,
    /// How slowly the means follow, from 0 to 1.
    pub rho: f64,
    /// A small number that keeps the divisor from zero.
    pub epsilon: f64,
}

impl Default for Adadelta {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Adadelta {
    /// Adadelta with Keras' defaults. The paper's rate is 1.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        let base = Base::new(learning_rate);
        Self { base, rho: 0.95, epsilon: 1e-7 }
    }

    /// Lets the means follow so slowly.
    #[must_use]
    pub fn rho(self, rho: f64) -> Self {
        Self { rho, ..self }
    }

    /// Keeps the divisor from zero by so much.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }
}

impl Optimizer for Adadelta {
    fn class_name(&self) -> &str {
        "Adadelta"
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base {
        &mut self.base
    }

    fn slots(&self, _: &Weight<'_>) -> Vec<Slot> {
        slot::named(["accumulated_grad", "accumulated_delta_var"])
    }

    fn interleaved(&self) -> usize {
        2
    }

    fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], slots: &mut [Tensor]) {
        let [a, d] = slots else { return };
        let (rho, keep) = (self.rho as f32, (1.0 - self.rho) as f32);
        let (rate, epsilon) = (step.learning_rate, self.epsilon as f32);
        update_each(w, dw, [a, d].map(Tensor::as_mut_slice), move |w, g, [a, d]| {
            let a = rho * a + keep * (g * g);
            let step = -((d + epsilon).sqrt() * g / (a + epsilon).sqrt());
            (w + rate * step, [a, rho * d + keep * (step * step)])
        });
    }

    fn validate(&self) -> Result<()> {
        self.base.validate()?;
        within("rho", self.rho, 0.0..=1.0)?;
        within("epsilon", self.epsilon, 0.0..=f64::MAX)
    }

    fn to_json(&self) -> Result<Value> {
        config::entry("keras.optimizers", "Adadelta", self)
    }
}
