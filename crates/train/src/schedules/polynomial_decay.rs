//! PolynomialDecay: a learning rate that falls to an end, straight or bent.

use ceratops_core::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    LearningRateSchedule, Steps, entry,
    schedule::{is_rate, is_span},
};

/// (initial_learning_rate - end_learning_rate) * (1 - step / decay_steps) ^ power +
/// end_learning_rate, where step stays at decay_steps once it is there; with `cycle`, decay_steps
/// becomes its first multiple that is not below step.
///
/// Source: Keras, `keras.optimizers.schedules.PolynomialDecay`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolynomialDecay {
    /// The rate of the first batch.
    pub initial_learning_rate: f64,
    /// After how many batches the rate is at its end.
    pub decay_steps: Steps,
    /// The rate at the end.
    #[serde(default = "end_learning_rate")]
    pub end_learning_rate: f64,
    /// How bent the way is: 1 is straight.
    #[serde(default = "power")]
    pub power: f64,
    /// Whether the rate rises again at the end, to a longer fall.
    #[serde(default)]
    pub cycle: bool,
}

fn end_learning_rate() -> f64 {
    0.0001
}

fn power() -> f64 {
    1.0
}

impl PolynomialDecay {
    /// A rate that falls straight to 0.0001 in `decay_steps` batches.
    pub fn new(initial_learning_rate: f64, decay_steps: impl Into<Steps>) -> Self {
        Self {
            initial_learning_rate,
            decay_steps: decay_steps.into(),
            end_learning_rate: end_learning_rate(),
            power: power(),
            cycle: false,
        }
    }

    /// Falls to that rate.
    #[must_use]
    pub fn end_learning_rate(self, end_learning_rate: f64) -> Self {
        Self { end_learning_rate, ..self }
    }

    /// Bends the way so much.
    #[must_use]
    pub fn power(self, power: f64) -> Self {
        Self { power, ..self }
    }

    /// Rises again at the end, or stays there.
    #[must_use]
    pub fn cycle(self, cycle: bool) -> Self {
        Self { cycle, ..self }
    }
}

impl LearningRateSchedule for PolynomialDecay {
    fn class_name(&self) -> &str {
        "PolynomialDecay"
    }

    fn at(&self, step: u64) -> f32 {
        let (step, steps) = (step as f32, self.decay_steps.get() as f32);
        let p = if self.cycle {
            step / (steps * if step == 0.0 { 1.0 } else { (step / steps).ceil() })
        } else {
            step.min(steps) / steps
        };
        let (first, end) = (self.initial_learning_rate as f32, self.end_learning_rate as f32);
        (first - end) * (1.0 - p).powf(self.power as f32) + end
    }

    fn validate(&self) -> Result<()> {
        is_rate("initial_learning_rate", self.initial_learning_rate)?;
        is_span("decay_steps", self.decay_steps)?;
        is_rate("end_learning_rate", self.end_learning_rate)?;
        is_rate("power", self.power)
    }

    fn to_json(&self) -> Result<Value> {
        entry("PolynomialDecay", "PolynomialDecay", self)
    }
}
