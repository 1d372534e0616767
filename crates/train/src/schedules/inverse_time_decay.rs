//! InverseTimeDecay: a learning rate that falls as one over the time.

use ceratops_core::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    LearningRateSchedule, Steps, entry,
    schedule::{is_rate, is_span},
};

/// initial_learning_rate / (1 + decay_rate * step / decay_steps); as a staircase, the quotient
/// step / decay_steps is rounded down.
///
/// With `decay_steps` of 1 it is what optimizers of Keras 1 and 2 do with their `decay`.
///
/// Source: Keras, `keras.optimizers.schedules.InverseTimeDecay`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InverseTimeDecay {
    /// The rate of the first batch.
    pub initial_learning_rate: f64,
    /// In how many batches `decay_rate` is added to the divisor.
    pub decay_steps: Steps,
    /// What is added to the divisor.
    pub decay_rate: f64,
    /// Whether the rate changes only after each `decay_steps` batches.
    #[serde(default)]
    pub staircase: bool,
}

impl InverseTimeDecay {
    /// A rate whose divisor grows by `decay_rate` in each `decay_steps` batches, little by little.
    pub fn new(initial_learning_rate: f64, decay_steps: impl Into<Steps>, decay_rate: f64) -> Self {
        let decay_steps = decay_steps.into();
        Self { initial_learning_rate, decay_steps, decay_rate, staircase: false }
    }

    /// Changes the rate only after each `decay_steps` batches, or little by little.
    #[must_use]
    pub fn staircase(self, staircase: bool) -> Self {
        Self { staircase, ..self }
    }
}

impl LearningRateSchedule for InverseTimeDecay {
    fn class_name(&self) -> &str {
        "InverseTimeDecay"
    }

    fn at(&self, step: u64) -> f32 {
        let p = step as f32 / self.decay_steps.get() as f32;
        let p = if self.staircase { p.floor() } else { p };
        self.initial_learning_rate as f32 / (1.0 + self.decay_rate as f32 * p)
    }

    fn validate(&self) -> Result<()> {
        is_rate("initial_learning_rate", self.initial_learning_rate)?;
        is_span("decay_steps", self.decay_steps)?;
        is_rate("decay_rate", self.decay_rate)
    }

    fn to_json(&self) -> Result<Value> {
        entry("InverseTimeDecay", "InverseTimeDecay", self)
    }
}
