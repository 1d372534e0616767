//! RMSprop: steps divided by the root of the mean square of recent gradients.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Base, Optimizer, Slot, Step, Weight, elementwise::update_each, within};
use crate::{config, schedules::LearningRate};

/// w -= learning_rate * dw / sqrt(v + epsilon), where v is the running mean of dw²:
///
/// ```text
/// v = rho * v + (1 - rho) * dw²
/// a = rho * a + (1 - rho) * dw                    (centered: v - a² stands for v)
/// m = momentum * m + learning_rate * dw / sqrt(v + epsilon)
/// w -= m
/// ```
///
/// Source: Hinton, lecture 6e of "Neural Networks for Machine Learning"; Keras,
/// `keras.optimizers.RMSprop`, where epsilon is inside the root.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RMSprop {
    /// What every optimizer has.
    #[serde(flatten)]
    pub base: Base,
    /// How slowly the means follow the gradients, from 0 to 1.
    pub rho: f64,
    /// How much of the last step stays, from 0 to 1.
    pub momentum: f64,
    /// A small number that keeps the divisor from zero.
    pub epsilon: f64,
    /// Whether to divide by the gradients' variance instead of their mean square.
    pub centered: bool,
}

impl Default for RMSprop {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl RMSprop {
    /// RMSprop with Keras' defaults.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        let base = Base::new(learning_rate);
        Self { base, rho: 0.9, momentum: 0.0, epsilon: 1e-7, centered: false }
    }

    /// Lets the means follow the gradients so slowly.
    #[must_use]
    pub fn rho(self, rho: f64) -> Self {
        Self { rho, ..self }
    }

    /// Keeps so much of the last step.
    #[must_use]
    pub fn momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }

    /// Keeps the divisor from zero by so much.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// Divides by the variance, or by the mean square.
    #[must_use]
    pub fn centered(self, centered: bool) -> Self {
        Self { centered, ..self }
    }
}

impl Optimizer for RMSprop {
    fn class_name(&self) -> &str {
        "RMSprop"
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base {
        &mut self.base
    }

    fn slots(&self, _: &Weight<'_>) -> Vec<Slot> {
        let mut slots = vec![Slot::new("velocity")];
        slots.extend((self.momentum > 0.0).then_some(Slot::new("momentum")));
        slots.extend(self.centered.then_some(Slot::new("average_gradient")));
        slots
    }

    fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], slots: &mut [Tensor]) {
        let (rho, keep) = (self.rho as f32, (1.0 - self.rho) as f32);
        let (epsilon, momentum) = (self.epsilon as f32, self.momentum as f32);
        let rate = step.learning_rate;
        let mean = move |mean: f32, x: f32| rho * mean + keep * x;
        let step = move |g: f32, variance: f32| rate * g / (variance + epsilon).sqrt();
        match slots {
            [v] => update_each(w, dw, [v.as_mut_slice()], move |w, g, [v]| {
                let v = mean(v, g * g);
                (w - step(g, v), [v])
            }),
            [v, a] if self.centered => {
                update_each(w, dw, [v, a].map(Tensor::as_mut_slice), move |w, g, [v, a]| {
                    let (v, a) = (mean(v, g * g), mean(a, g));
                    (w - step(g, v - a * a), [v, a])
                });
            }
            [v, m] => update_each(w, dw, [v, m].map(Tensor::as_mut_slice), move |w, g, [v, m]| {
                let v = mean(v, g * g);
                let m = momentum * m + step(g, v);
                (w - m, [v, m])
            }),
            [v, m, a] => {
                update_each(w, dw, [v, m, a].map(Tensor::as_mut_slice), move |w, g, [v, m, a]| {
                    let (v, a) = (mean(v, g * g), mean(a, g));
                    let m = momentum * m + step(g, v - a * a);
                    (w - m, [v, m, a])
                });
            }
            _ => {}
        }
    }

    fn validate(&self) -> Result<()> {
        self.base.validate()?;
        within("rho", self.rho, 0.0..=1.0)?;
        within("momentum", self.momentum, 0.0..=1.0)?;
        within("epsilon", self.epsilon, 0.0..=f64::MAX)
    }

    fn to_json(&self) -> Result<Value> {
        config::entry("keras.optimizers", "RMSprop", self)
    }
}
