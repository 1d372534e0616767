//! What every optimizer has: a learning rate, weight decay, ways to clip gradients, averages.

use ceratops_core::{Error, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::elementwise::{map_each, sum_of_squares};
use crate::schedules::LearningRate;

/// The settings that every optimizer has, under Keras' names.
///
/// At most one of the three ways to clip can be set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Base {
    /// How far each update goes.
    pub learning_rate: LearningRate,
    /// If set, w -= w * weight_decay * learning_rate before each update.
    pub weight_decay: Option<f64>,
    /// If set, each weight's gradient is scaled down to this Euclidean norm.
    pub clipnorm: Option<f64>,
    /// If set, all gradients are scaled down together to this Euclidean norm.
    pub global_clipnorm: Option<f64>,
    /// If set, every number of the gradients is cut to within ± this value.
    pub clipvalue: Option<f64>,
    /// Whether a running mean of each weight is kept, which takes the weight's place at the end of
    /// `fit`.
    pub use_ema: bool,
    /// How slowly the running means follow the weights, from 0 to 1.
    pub ema_momentum: f64,
    /// If set, the running means take the weights' places every so many updates too.
    pub ema_overwrite_frequency: Option<u64>,
    /// By what Keras multiplies the loss, and divides the gradients again, to keep small ones from
    /// vanishing in f16. In f32 the two cancel out, so that nothing is done; files keep it.
    pub loss_scale_factor: Option<f64>,
    /// If set, the weights follow the mean gradient of so many batches.
    pub gradient_accumulation_steps: Option<u64>,
    /// Which weights do not decay: those with one of these in their path, such as
    /// `sequential/dense/bias`. Files do not keep it.
    #[serde(skip)]
    pub exclude_from_weight_decay: Vec<String>,
}

impl Base {
    /// A learning rate, and neither decay nor clipping, averages, accumulation.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Self {
        Self {
            learning_rate: learning_rate.into(),
            weight_decay: None,
            clipnorm: None,
            global_clipnorm: None,
            clipvalue: None,
            use_ema: false,
            ema_momentum: 0.99,
            ema_overwrite_frequency: None,
            loss_scale_factor: None,
            gradient_accumulation_steps: None,
            exclude_from_weight_decay: Vec::new(),
        }
    }

    /// Refuses negative numbers, and more than one way to clip.
    pub fn validate(&self) -> Result<()> {
        self.learning_rate.validate()?;
        within("weight_decay", self.weight_decay.unwrap_or(0.0), 0.0..=f64::MAX)?;
        within("ema_momentum", self.ema_momentum, 0.0..=1.0)?;
        let scale = self.loss_scale_factor.unwrap_or(1.0);
        within("loss_scale_factor", scale, f64::MIN_POSITIVE..=f64::MAX)?;
        if self.gradient_accumulation_steps == Some(1) {
            let expected = "null, or a number of at least 2";
            return Err(Error::argument("gradient_accumulation_steps", expected, 1));
        }
        let clips = [
            ("clipnorm", self.clipnorm),
            ("global_clipnorm", self.global_clipnorm),
            ("clipvalue", self.clipvalue),
        ];
        for (name, value) in clips {
            within(name, value.unwrap_or(1.0), f64::MIN_POSITIVE..=f64::MAX)?;
        }
        let set: Vec<&str> =
            clips.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| *name).collect();
        if set.len() > 1 {
            let expected = "one of clipnorm, global_clipnorm and clipvalue";
            return Err(Error::argument("clipping", expected, set.join(" and ")));
        }
        Ok(())
    }

    /// Clips the gradients, as set.
    pub(super) fn clip(&self, gradients: &mut [Option<Tensor>]) {
        let all = gradients.iter_mut().flatten().map(Tensor::as_mut_slice);
        if let Some(limit) = self.clipnorm {
            all.for_each(|dw| scale(dw, shrink(sum_of_squares(dw).sqrt(), limit)));
        } else if let Some(limit) = self.global_clipnorm {
            let squares = gradients.iter().flatten().map(|dw| sum_of_squares(dw.as_slice()));
            let norm = squares.sum::<f64>().sqrt();
            // As in Keras, one infinite gradient makes all of them NaN rather than zero.
            let factor = if norm.is_finite() { shrink(norm, limit) } else { f64::NAN };
            gradients.iter_mut().flatten().for_each(|dw| scale(dw.as_mut_slice(), factor));
        } else if let Some(limit) = self.clipvalue {
            let limit = limit as f32;
            all.for_each(|dw| map_each(dw, move |g| g.clamp(-limit, limit)));
        }
    }

    /// How many batches make an update.
    pub(super) fn batches(&self) -> u64 {
        self.gradient_accumulation_steps.unwrap_or(1).max(1)
    }

    /// Whether the weight of that path decays.
    pub(super) fn lets_decay(&self, path: &str) -> bool {
        !self.exclude_from_weight_decay.iter().any(|part| path.contains(part))
    }
}

/// Shrinks the weight `w`: w -= w * decay * learning_rate.
pub(super) fn shrink_weight(w: &mut [f32], decay: f64, learning_rate: f32) {
    let decay = decay as f32;
    map_each(w, move |w| w - w * decay * learning_rate);
}

/// The factor that brings `norm` down to `limit`, if it is above it.
fn shrink(norm: f64, limit: f64) -> f64 {
    if norm.is_nan() { norm } else { limit / norm.max(limit) }
}

fn scale(dw: &mut [f32], factor: f64) {
    let factor = factor as f32;
    if factor != 1.0 {
        map_each(dw, move |g| g * factor);
    }
}

/// The largest number below 1.
pub(super) const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;

/// Refuses a `value` outside `range`, and NaN.
pub(crate) fn within(name: &str, value: f64, range: std::ops::RangeInclusive<f64>) -> Result<()> {
    if range.contains(&value) {
        return Ok(());
    }
    let expected = match (*range.start(), *range.end()) {
        (0.0, f64::MAX) => "a number that is not negative".to_owned(),
        (_, f64::MAX) => "a positive number".to_owned(),
        (f64::MIN, 0.0) => "a number that is not positive".to_owned(),
        (f64::MIN_POSITIVE, to) => format!("a number above 0 and up to {to}"),
        (from, BELOW_ONE) => format!("a number from {from} to below 1"),
        (from, to) => format!("a number from {from} to {to}"),
    };
    Err(Error::argument(name, expected, value))
}
