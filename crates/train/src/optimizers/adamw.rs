//! AdamW: Adam with weight decay.

use ceratops_core::{Error, Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Adam, Base, Optimizer, Slot, Step, Weight};
use crate::{config, schedules::LearningRate};

/// w -= w * weight_decay * learning_rate, and then what [`Adam`] does. The decay is none of the
/// gradient's, so that it is not divided by its mean square.
///
/// ```
/// use ceratops_train::{Optimizer, optimizers::AdamW};
///
/// let adam = AdamW::new(0.001).beta_2(0.99).exclude_from_weight_decay(["bias"]);
/// assert_eq!(adam.base().weight_decay, Some(0.004));
/// ```
///
/// Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization"; Keras,
/// `keras.optimizers.AdamW`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdamW {
    /// What Adam has, with a weight decay.
    #[serde(flatten)]
    pub adam: Adam,
}

impl Default for AdamW {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl AdamW {
    /// AdamW with Keras' defaults: a weight decay of 0.004.
    // Not inlined because of rustc 1.95: see `Sequential::with_seed`.
    #[inline(never)]
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        Self { adam: Adam::new(learning_rate).weight_decay(0.004) }
    }

    /// Lets m follow the gradient so slowly.
    #[must_use]
    pub fn beta_1(self, beta_1: f64) -> Self {
        Self { adam: self.adam.beta_1(beta_1) }
    }

    /// Lets v follow the gradient's square so slowly.
    #[must_use]
    pub fn beta_2(self, beta_2: f64) -> Self {
        Self { adam: self.adam.beta_2(beta_2) }
    }

    /// Keeps the divisor from zero by so much.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { adam: self.adam.epsilon(epsilon) }
    }

    /// Lets v fall, or not.
    #[must_use]
    pub fn amsgrad(self, amsgrad: bool) -> Self {
        Self { adam: self.adam.amsgrad(amsgrad) }
    }
}

impl Optimizer for AdamW {
    fn class_name(&self) -> &str {
        "AdamW"
    }

    fn base(&self) -> &Base {
        self.adam.base()
    }

    fn base_mut(&mut self) -> &mut Base {
        self.adam.base_mut()
    }

    fn slots(&self, weight: &Weight<'_>) -> Vec<Slot> {
        self.adam.slots(weight)
    }

    fn interleaved(&self) -> usize {
        self.adam.interleaved()
    }

    fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], slots: &mut [Tensor]) {
        self.adam.update(step, w, dw, slots);
    }

    fn validate(&self) -> Result<()> {
        if self.base().weight_decay.is_none() {
            return Err(Error::argument("weight_decay", "a number, or the optimizer Adam", "none"));
        }
        self.adam.validate()
    }

    fn to_json(&self) -> Result<Value> {
        config::entry("keras.optimizers", "AdamW", self)
    }
}
