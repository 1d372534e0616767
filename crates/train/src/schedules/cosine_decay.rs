//! CosineDecay: a learning rate that falls along half a wave, after a warm-up if wanted.

use std::f32::consts::PI;

use ceratops_core::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    LearningRateSchedule, Steps, entry,
    schedule::{is_rate, is_span},
};

/// The fall from `first`, after the warm-up, in which the rate grows straight from
/// initial_learning_rate to warmup_target:
///
/// ```text
/// step = min(step - warmup_steps, decay_steps)
/// first * ((1 - alpha) * (1 + cos(π * step / decay_steps)) / 2 + alpha)
/// ```
///
/// `first` is the warmup_target, or the initial_learning_rate where there is none; there is no
/// warm-up then.
///
/// Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts"; Goyal et
/// al., "Accurate, Large Minibatch SGD" (the warm-up); Keras,
/// `keras.optimizers.schedules.CosineDecay`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CosineDecay {
    /// The rate of the first batch.
    pub initial_learning_rate: f64,
    /// In how many batches the rate falls, those of the warm-up not counted.
    pub decay_steps: Steps,
    /// Which part of the rate remains at the end.
    #[serde(default)]
    pub alpha: f64,
    /// The rate at the end of the warm-up, if there is one.
    #[serde(default)]
    pub warmup_target: Option<f64>,
    /// How many batches warm up.
    #[serde(default = "none")]
    pub warmup_steps: Steps,
}

fn none() -> Steps {
    Steps::from(0)
}

impl CosineDecay {
    /// A rate that falls to zero in `decay_steps` batches, without warm-up.
    pub fn new(initial_learning_rate: f64, decay_steps: impl Into<Steps>) -> Self {
        let decay_steps = decay_steps.into();
        let (alpha, warmup_target, warmup_steps) = (0.0, None, none());
        Self { initial_learning_rate, decay_steps, alpha, warmup_target, warmup_steps }
    }

    /// Falls to that part of the rate.
    #[must_use]
    pub fn alpha(self, alpha: f64) -> Self {
        Self { alpha, ..self }
    }

    /// Lets the rate grow to `target` in the first `steps` batches.
    #[must_use]
    pub fn warmup(self, target: f64, steps: impl Into<Steps>) -> Self {
        Self { warmup_target: Some(target), warmup_steps: steps.into(), ..self }
    }
}

impl LearningRateSchedule for CosineDecay {
    fn class_name(&self) -> &str {
        "CosineDecay"
    }

    fn at(&self, step: u64) -> f32 {
        let initial = self.initial_learning_rate as f32;
        let (mut step, steps) = (step as f32, self.decay_steps.get() as f32);
        let mut first = initial;
        if let Some(target) = self.warmup_target {
            let (target, warmup_steps) = (target as f32, self.warmup_steps.get() as f32);
            if step < warmup_steps {
                return (target - initial) * (step / warmup_steps) + initial;
            }
            (first, step) = (target, step.min(steps + warmup_steps) - warmup_steps);
        }
        let wave = 0.5 * (1.0 + (PI * (step.min(steps) / steps)).cos());
        first * ((1.0 - self.alpha) as f32 * wave + self.alpha as f32)
    }

    fn validate(&self) -> Result<()> {
        is_rate("initial_learning_rate", self.initial_learning_rate)?;
        is_span("decay_steps", self.decay_steps)?;
        is_rate("alpha", self.alpha)?;
        is_rate("warmup_target", self.warmup_target.unwrap_or(0.0))?;
        is_rate("warmup_steps", self.warmup_steps.get())
    }

    fn to_json(&self) -> Result<Value> {
        entry("CosineDecay", "CosineDecay", self)
    }
}
