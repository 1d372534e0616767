//! How the learning rate changes with the batches, one file a schedule.
//!
//! A schedule stands where a number may stand:
//!
//! ```
//! use ceratops_train::{optimizers::Adam, schedules::ExponentialDecay};
//!
//! let fixed = Adam::new(0.001);
//! let falling = Adam::new(ExponentialDecay::new(0.001, 1000, 0.9));
//! assert_eq!(fixed.base.learning_rate.at(5000), 0.001);
//! assert!(falling.base.learning_rate.at(5000) < 0.0006);
//! ```
//!
//! | schedule | the rate after `step` batches | from |
//! |---|---|---|
//! | [`ExponentialDecay`] | initial · rate ^ (step / decay_steps) | |
//! | [`InverseTimeDecay`] | initial / (1 + rate · step / decay_steps) | |
//! | [`PolynomialDecay`] | (initial - end) · (1 - step / decay_steps) ^ power + end | |
//! | [`PiecewiseConstantDecay`] | one value up to each boundary | |
//! | [`CosineDecay`] | half a wave down, after a warm-up | Loshchilov and Hutter 2017 |
//! | [`CosineDecayRestarts`] | half a wave down, again and again | Loshchilov and Hutter 2017 |
//!
//! Source: Keras, `keras.optimizers.schedules`. Rates are computed in f32, as there.

mod cosine_decay;
mod cosine_decay_restarts;
mod exponential_decay;
mod inverse_time_decay;
mod learning_rate;
mod piecewise_constant_decay;
mod polynomial_decay;
mod schedule;
mod steps;

use ceratops_core::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

pub use cosine_decay::CosineDecay;
pub use cosine_decay_restarts::CosineDecayRestarts;
pub use exponential_decay::ExponentialDecay;
pub use inverse_time_decay::InverseTimeDecay;
pub use learning_rate::LearningRate;
pub use piecewise_constant_decay::PiecewiseConstantDecay;
pub use polynomial_decay::PolynomialDecay;
pub use schedule::LearningRateSchedule;
pub use steps::Steps;

use crate::config;

/// Makes a schedule from its config.
type Read = fn(Map<String, Value>) -> Result<Box<dyn LearningRateSchedule>>;

/// The classes, and how each is read from its config.
const BUILTIN: &[(&str, Read)] = &[
    ("ExponentialDecay", read::<ExponentialDecay>),
    ("PiecewiseConstantDecay", read::<PiecewiseConstantDecay>),
    ("PolynomialDecay", read::<PolynomialDecay>),
    ("InverseTimeDecay", read::<InverseTimeDecay>),
    ("CosineDecay", read::<CosineDecay>),
    ("CosineDecayRestarts", read::<CosineDecayRestarts>),
];

/// The schedule that a config of Keras describes: `{"class_name": "CosineDecay", "config": {...}}`.
///
/// ```
/// use ceratops_train::schedules;
/// use serde_json::json;
///
/// let config = json!({"initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 1.0});
/// let entry = json!({"class_name": "InverseTimeDecay", "config": config});
/// assert_eq!(schedules::from_json(&entry)?.at(10), 0.25);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// # Errors
/// For an unknown class, a key that is missing or unknown, and numbers that make no sense.
pub fn from_json(entry: &Value) -> Result<Box<dyn LearningRateSchedule>> {
    let (name, config) = config::class_of("learning rate schedule", entry)?;
    let (_, read) = BUILTIN.iter().find(|(class, _)| *class == name).ok_or_else(|| {
        let classes = BUILTIN.iter().map(|(class, _)| *class);
        Error::unknown("learning rate schedule", &name, classes)
    })?;
    read(config)
}

fn read<S: LearningRateSchedule + DeserializeOwned>(
    mut config: Map<String, Value>,
) -> Result<Box<dyn LearningRateSchedule>> {
    // A name of the operation in TensorFlow's graph.
    config.remove("name");
    let schedule: S =
        serde_json::from_value(config.into()).map_err(|e| Error::config("config", e))?;
    schedule.validate()?;
    Ok(Box::new(schedule))
}

/// Keras' entry of a schedule, with the name that it gives to the operation.
fn entry(class_name: &str, name: &str, config: &impl Serialize) -> Result<Value> {
    let mut entry = config::entry("keras.optimizers.schedules", class_name, config)?;
    entry["config"]["name"] = name.into();
    Ok(entry)
}
