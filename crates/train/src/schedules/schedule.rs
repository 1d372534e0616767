//! The `LearningRateSchedule` trait: the learning rate as a function of the batches so far.

use std::fmt::Debug;

use ceratops_core::Result;
use dyn_clone::DynClone;
use serde_json::{Value, json};

use super::Steps;
use crate::optimizers::within;

/// The learning rate as a function of the batches so far.
///
/// A schedule of your own:
///
/// ```
/// use ceratops_train::{optimizers::SGD, schedules::LearningRateSchedule};
///
/// /// initial / √(step + 1)
/// #[derive(Debug, Clone)]
/// struct InverseRoot(f32);
///
/// impl LearningRateSchedule for InverseRoot {
///     fn class_name(&self) -> &str {
///         "InverseRoot"
///     }
///     fn at(&self, step: u64) -> f32 {
///         self.0 / (step as f32 + 1.0).sqrt()
///     }
/// }
///
/// assert_eq!(SGD::new(InverseRoot(0.5)).base.learning_rate.at(3), 0.25);
/// ```
///
/// Source: Keras, `keras.optimizers.schedules.LearningRateSchedule`.
pub trait LearningRateSchedule: Debug + DynClone + Send + Sync + 'static {
    /// The name of the class, as Keras spells it.
    fn class_name(&self) -> &str;

    /// The learning rate for the batch after `step` batches.
    fn at(&self, step: u64) -> f32;

    /// Refuses settings that make no sense.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// Keras' entry: `{"module": ..., "class_name": ..., "config": ...}`.
    fn to_json(&self) -> Result<Value> {
        crate::config::entry("custom", self.class_name(), &json!({}))
    }
}

dyn_clone::clone_trait_object!(LearningRateSchedule);

/// Refuses a rate that is negative, or no number.
pub(super) fn is_rate(name: &str, rate: f64) -> Result<()> {
    within(name, rate, 0.0..=f64::MAX)
}

/// Refuses a span of time that is zero or less.
pub(super) fn is_span(name: &str, steps: Steps) -> Result<()> {
    within(name, steps.get(), f64::MIN_POSITIVE..=f64::MAX)
}
