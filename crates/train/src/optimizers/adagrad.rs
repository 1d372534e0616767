//! Adagrad: steps divided by the root of all squared gradients so far.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Base, Optimizer, Slot, Step, Weight, elementwise::update_each, within};
use crate::{config, schedules::LearningRate};

/// The sum a begins with initial_accumulator_value:
///
/// ```text
/// a += dw²
/// w -= learning_rate * dw / √(a + epsilon)
/// ```
///
/// Source: Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
/// Optimization"; Keras, `keras.optimizers.Adagrad`, where epsilon is inside the root.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adagrad {
    /// What every optimizer has.
    #[serde(flatten)]
    pub base: Base,
    /// The sum of squares before the first step.
    pub initial_accumulator_value: f64,
    /// A small number that keeps the divisor from zero.
    pub epsilon: f64,
}

impl Default for Adagrad {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl Adagrad {
    /// Adagrad with Keras' defaults. The paper's rate is 1.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        let base = Base::new(learning_rate);
        Self { base, initial_accumulator_value: 0.1, epsilon: 1e-7 }
    }

    /// Lets the sum of squares begin so.
    #[must_use]
    pub fn initial_accumulator_value(self, initial_accumulator_value: f64) -> Self {
        Self { initial_accumulator_value, ..self }
    }

    /// Keeps the divisor from zero by so much.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }
}

impl Optimizer for Adagrad {
    fn class_name(&self) -> &str {
        "Adagrad"
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base {
        &mut self.base
    }

    fn slots(&self, _: &Weight<'_>) -> Vec<Slot> {
        vec![Slot::new("accumulator").filled(self.initial_accumulator_value as f32)]
    }

    fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], slots: &mut [Tensor]) {
        let [a] = slots else { return };
        let (rate, epsilon) = (step.learning_rate, self.epsilon as f32);
        update_each(w, dw, [a.as_mut_slice()], move |w, g, [a]| {
            let a = a + g * g;
            (w - rate * g / (a + epsilon).sqrt(), [a])
        });
    }

    fn validate(&self) -> Result<()> {
        self.base.validate()?;
        let initial = self.initial_accumulator_value;
        within("initial_accumulator_value", initial, 0.0..=f64::MAX)?;
        within("epsilon", self.epsilon, 0.0..=f64::MAX)
    }

    fn to_json(&self) -> Result<Value> {
        config::entry("keras.optimizers", "Adagrad", self)
    }
}
