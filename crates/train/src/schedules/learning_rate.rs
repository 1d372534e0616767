//! LearningRate: a number, or a schedule.

use ceratops_core::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::Value;

use super::{LearningRateSchedule, from_json, schedule::is_rate};

/// How far each update goes: always as far, or as a schedule says.
///
/// ```
/// use ceratops_train::schedules::{LearningRate, PiecewiseConstantDecay};
///
/// assert_eq!(LearningRate::from(0.5), 0.5);
/// let falling = LearningRate::from(PiecewiseConstantDecay::new([10], [0.5, 0.25]));
/// assert_eq!((falling.at(10), falling.at(11)), (0.5, 0.25));
/// ```
#[derive(Debug, Clone)]
pub enum LearningRate {
    /// Always as far.
    Constant(f64),
    /// As far as the schedule says.
    Schedule(Box<dyn LearningRateSchedule>),
}

impl LearningRate {
    /// The learning rate for the batch after `step` batches.
    pub fn at(&self, step: u64) -> f64 {
        match self {
            Self::Constant(rate) => *rate,
            Self::Schedule(schedule) => schedule.at(step).into(),
        }
    }

    /// Puts another in its place.
    ///
    /// # Errors
    /// As in Keras, where a number is to take the place of a schedule; and for NaN and infinity.
    /// Nothing is changed then.
    pub fn set(&mut self, rate: impl Into<Self>) -> Result<()> {
        match (&*self, rate.into()) {
            (Self::Schedule(schedule), Self::Constant(rate)) => {
                let help = "compile with a number, so that the learning rate can be set";
                Err(Error::argument("learning_rate", "a schedule", rate)
                    .with_help(format!("it follows {}; {help}", schedule.class_name())))
            }
            (_, Self::Constant(rate)) if !rate.is_finite() => {
                Err(Error::argument("learning_rate", "a finite number", rate))
            }
            (_, rate) => {
                *self = rate;
                Ok(())
            }
        }
    }

    /// Refuses a negative rate, and a schedule that makes no sense.
    pub fn validate(&self) -> Result<()> {
        match self {
            Self::Constant(rate) => is_rate("learning_rate", *rate),
            Self::Schedule(schedule) => schedule.validate(),
        }
    }
}

impl From<f64> for LearningRate {
    fn from(rate: f64) -> Self {
        Self::Constant(rate)
    }
}

impl<S: LearningRateSchedule> From<S> for LearningRate {
    fn from(schedule: S) -> Self {
        Self::Schedule(Box::new(schedule))
    }
}

impl From<Box<dyn LearningRateSchedule>> for LearningRate {
    fn from(schedule: Box<dyn LearningRateSchedule>) -> Self {
        Self::Schedule(schedule)
    }
}

/// Schedules are the same where their entries in a file are.
impl PartialEq for LearningRate {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Constant(a), Self::Constant(b)) => a == b,
            (Self::Schedule(a), Self::Schedule(b)) => {
                a.to_json().is_ok_and(|a| b.to_json().is_ok_and(|b| a == b))
            }
            _ => false,
        }
    }
}

impl PartialEq<f64> for LearningRate {
    fn eq(&self, other: &f64) -> bool {
        matches!(self, Self::Constant(rate) if rate == other)
    }
}

impl Serialize for LearningRate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Constant(rate) => serializer.serialize_f64(*rate),
            Self::Schedule(schedule) => {
                schedule.to_json().map_err(ser::Error::custom)?.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for LearningRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            entry @ Value::Object(_) => {
                from_json(&entry).map(Self::Schedule).map_err(de::Error::custom)
            }
            number => f64::deserialize(number).map(Self::Constant).map_err(de::Error::custom),
        }
    }
}
