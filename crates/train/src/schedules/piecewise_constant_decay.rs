//! PiecewiseConstantDecay: a learning rate from a table.

use ceratops_core::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{LearningRateSchedule, Steps, entry, schedule::is_rate};

/// `values[0]` up to and with step `boundaries[0]`, then `values[1]` up to and with
/// `boundaries[1]`, and so on; the last value stays.
///
/// Source: Keras, `keras.optimizers.schedules.PiecewiseConstantDecay`, which cuts boundaries down to
/// whole numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PiecewiseConstantDecay {
    /// The last steps of all values but the last, each greater than the one before.
    pub boundaries: Vec<Steps>,
    /// The rates, one more than there are boundaries.
    pub values: Vec<f64>,
}

impl PiecewiseConstantDecay {
    /// A rate of `values[i]` up to and with step `boundaries[i]`.
    pub fn new(
        boundaries: impl IntoIterator<Item = impl Into<Steps>>,
        values: impl Into<Vec<f64>>,
    ) -> Self {
        let boundaries = boundaries.into_iter().map(Into::into).collect();
        Self { boundaries, values: values.into() }
    }
}

impl LearningRateSchedule for PiecewiseConstantDecay {
    fn class_name(&self) -> &str {
        "PiecewiseConstantDecay"
    }

    fn at(&self, step: u64) -> f32 {
        let passed =
            self.boundaries.iter().take_while(|boundary| step > boundary.get() as u64).count();
        self.values.get(passed).or(self.values.last()).map_or(0.0, |&value| value as f32)
    }

    fn validate(&self) -> Result<()> {
        let (boundaries, values) = (&self.boundaries, &self.values);
        if boundaries.is_empty() || values.len() != boundaries.len() + 1 {
            let expected = "one or more boundaries, and one value more than boundaries";
            let found = format!("{} boundaries and {} values", boundaries.len(), values.len());
            return Err(Error::argument("values", expected, found));
        }
        for boundary in boundaries {
            is_rate("boundaries", boundary.get())?;
        }
        if !boundaries.is_sorted_by(|a, b| a.get() < b.get()) {
            let found: Vec<f64> = boundaries.iter().map(|boundary| boundary.get()).collect();
            return Err(Error::argument("boundaries", "growing numbers", format!("{found:?}")));
        }
        values.iter().try_for_each(|&value| is_rate("values", value))
    }

    fn to_json(&self) -> Result<Value> {
        entry("PiecewiseConstantDecay", "PiecewiseConstant", self)
    }
}
