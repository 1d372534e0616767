//! SGD: stochastic gradient descent, with momentum if wanted.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Base, Optimizer, Slot, Step, Weight, elementwise::update_each, within};
use crate::{config, schedules::LearningRate};

/// w -= learning_rate * dw; with momentum
///
/// ```text
/// v = momentum * v - learning_rate * dw
/// w += v                                          (plain)
/// w += momentum * v - learning_rate * dw          (nesterov)
/// ```
///
/// ```
/// use ceratops_train::optimizers::SGD;
///
/// let sgd = SGD::new(0.1).momentum(0.9).nesterov(true);
/// assert_eq!(sgd.momentum, 0.9);
/// ```
///
/// Source: Keras, `keras.optimizers.SGD`. Unlike in PyTorch the learning rate is within the
/// velocity v, so that a new rate does not change the velocity gathered so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SGD {
    /// What every optimizer has.
    #[serde(flatten)]
    pub base: Base,
    /// How much of the velocity stays, from 0 to 1.
    pub momentum: f64,
    /// Whether to look ahead.
    pub nesterov: bool,
}

impl Default for SGD {
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl SGD {
    /// Plain gradient descent.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        Self { base: Base::new(learning_rate), momentum: 0.0, nesterov: false }
    }

    /// Keeps so much of the velocity.
    #[must_use]
    pub fn momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }

    /// Looks ahead, or not.
    #[must_use]
    pub fn nesterov(self, nesterov: bool) -> Self {
        Self { nesterov, ..self }
    }
}

impl Optimizer for SGD {
    fn class_name(&self) -> &str {
        "SGD"
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn base_mut(&mut self) -> &mut Base {
        &mut self.base
    }

    fn slots(&self, _: &Weight<'_>) -> Vec<Slot> {
        if self.momentum == 0.0 { Vec::new() } else { vec![Slot::new("momentum")] }
    }

    fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], slots: &mut [Tensor]) {
        let rate = step.learning_rate;
        let [v] = slots else {
            return update_each(w, dw, [], move |w, g, []| (w - rate * g, []));
        };
        let (momentum, v) = (self.momentum as f32, v.as_mut_slice());
        let velocity = move |g, v| momentum * v - rate * g;
        if self.nesterov {
            update_each(w, dw, [v], move |w, g, [v]| {
                let v = velocity(g, v);
                (w + velocity(g, v), [v])
            });
        } else {
            update_each(w, dw, [v], move |w, g, [v]| {
                let v = velocity(g, v);
                (w + v, [v])
            });
        }
    }

    fn validate(&self) -> Result<()> {
        self.base.validate()?;
        within("momentum", self.momentum, 0.0..=1.0)
    }

    fn to_json(&self) -> Result<Value> {
        config::entry("keras.optimizers", "SGD", self)
    }
}
