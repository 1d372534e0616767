//! ExponentialDecay: a learning rate that falls by the same factor in equal times.

use ceratops_core::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    LearningRateSchedule, Steps, entry,
    schedule::{is_rate, is_span},
};

/// initial_learning_rate * decay_rate ^ (step / decay_steps); as a staircase, the quotient is
/// rounded down.
///
/// Source: Keras, `keras.optimizers.schedules.ExponentialDecay`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExponentialDecay {
    /// The rate of the first batch.
    pub initial_learning_rate: f64,
    /// In how many batches the rate is multiplied by `decay_rate`.
    pub decay_steps: Steps,
    /// What the rate is multiplied by.
    pub decay_rate: f64,
    /// Whether the rate changes only after each `decay_steps` batches.
    #[serde(default)]
    pub staircase: bool,
}

impl ExponentialDecay {
    /// A rate that is multiplied by `decay_rate` in each `decay_steps` batches, little by little.
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

impl LearningRateSchedule for ExponentialDecay {
    fn class_name(&self) -> &str {
        "ExponentialDecay"
    }

    fn at(&self, step: u64) -> f32 {
        let p = step as f32 / self.decay_steps.get() as f32;
        let p = if self.staircase { p.floor() } else { p };
        self.initial_learning_rate as f32 * (self.decay_rate as f32).powf(p)
    }

    fn validate(&self) -> Result<()> {
        is_rate("initial_learning_rate", self.initial_learning_rate)?;
        is_span("decay_steps", self.decay_steps)?;
        is_rate("decay_rate", self.decay_rate)
    }

    fn to_json(&self) -> Result<Value> {
        entry("ExponentialDecay", "ExponentialDecay", self)
    }
}
