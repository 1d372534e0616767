//! CosineDecayRestarts: a learning rate that falls along half a wave, again and again.

use std::f32::consts::PI;

use ceratops_core::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    LearningRateSchedule, Steps, entry,
    schedule::{is_rate, is_span},
};

/// Fall i takes first_decay_steps * t_mulⁱ batches; where the part p of it has passed, the rate is
///
/// ```text
/// initial_learning_rate * ((1 - alpha) * m_mulⁱ * (1 + cos(π * p)) / 2 + alpha)
/// ```
///
/// Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts"; Keras,
/// `keras.optimizers.schedules.CosineDecayRestarts`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CosineDecayRestarts {
    /// The rate of the first batch.
    pub initial_learning_rate: f64,
    /// How many batches the first fall takes.
    pub first_decay_steps: Steps,
    /// How many times as long as the one before each fall takes.
    #[serde(default = "t_mul")]
    pub t_mul: f64,
    /// How many times as high as the one before each fall begins.
    #[serde(default = "m_mul")]
    pub m_mul: f64,
    /// Which part of the rate remains at the end of a fall.
    #[serde(default)]
    pub alpha: f64,
}

fn t_mul() -> f64 {
    2.0
}

fn m_mul() -> f64 {
    1.0
}

impl CosineDecayRestarts {
    /// Falls to zero from the same height, each twice as long as the one before.
    pub fn new(initial_learning_rate: f64, first_decay_steps: impl Into<Steps>) -> Self {
        let first_decay_steps = first_decay_steps.into();
        let (t_mul, m_mul) = (t_mul(), m_mul());
        Self { initial_learning_rate, first_decay_steps, t_mul, m_mul, alpha: 0.0 }
    }

    /// Makes each fall so many times as long as the one before.
    #[must_use]
    pub fn t_mul(self, t_mul: f64) -> Self {
        Self { t_mul, ..self }
    }

    /// Begins each fall so many times as high as the one before.
    #[must_use]
    pub fn m_mul(self, m_mul: f64) -> Self {
        Self { m_mul, ..self }
    }

    /// Falls to that part of the rate.
    #[must_use]
    pub fn alpha(self, alpha: f64) -> Self {
        Self { alpha, ..self }
    }

    /// Which fall it is after `p` times the first one's batches, and which part of it has passed.
    fn fall(&self, p: f32) -> (f32, f32) {
        let t_mul = self.t_mul as f32;
        if t_mul == 1.0 {
            return (p.floor(), p - p.floor());
        }
        let i = ((1.0 - p * (1.0 - t_mul)).ln() / t_mul.ln()).floor();
        let before = (1.0 - t_mul.powf(i)) / (1.0 - t_mul);
        (i, (p - before) / t_mul.powf(i))
    }
}

impl LearningRateSchedule for CosineDecayRestarts {
    fn class_name(&self) -> &str {
        "CosineDecayRestarts"
    }

    fn at(&self, step: u64) -> f32 {
        let (i, p) = self.fall(step as f32 / self.first_decay_steps.get() as f32);
        let wave = 0.5 * (self.m_mul as f32).powf(i) * (1.0 + (PI * p).cos());
        let alpha = self.alpha as f32;
        self.initial_learning_rate as f32 * ((1.0 - alpha) * wave + alpha)
    }

    fn validate(&self) -> Result<()> {
        is_rate("initial_learning_rate", self.initial_learning_rate)?;
        is_span("first_decay_steps", self.first_decay_steps)?;
        crate::optimizers::within("t_mul", self.t_mul, f64::MIN_POSITIVE..=f64::MAX)?;
        is_rate("m_mul", self.m_mul)?;
        is_rate("alpha", self.alpha)
    }

    fn to_json(&self) -> Result<Value> {
        entry("CosineDecayRestarts", "SGDRDecay", self)
    }
}
