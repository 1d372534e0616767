//! Reduction: how the losses of the rows become the loss of a batch.

use ceratops_core::{Error, Result};
use serde_json::Value;

/// How the losses of the rows become the one loss of a batch.
///
/// Keras' `None`, a loss for each row, is not among them: it cannot be trained with. A row that
/// does not count (`ignore_class`) is in no divisor.
///
/// Source: Keras, `losses/loss.py`, `reduce_weighted_values`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reduction {
    /// The sum of the weighted losses, divided by the number of rows. Weights are not in the
    /// divisor.
    #[default]
    SumOverBatchSize,
    /// The same by another name.
    Mean,
    /// The sum of the weighted losses.
    Sum,
    /// The sum of the weighted losses, divided by the sum of the weights.
    MeanWithSampleWeight,
}

impl Reduction {
    /// Keras' word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::SumOverBatchSize => "sum_over_batch_size",
            Self::Mean => "mean",
            Self::Sum => "sum",
            Self::MeanWithSampleWeight => "mean_with_sample_weight",
        }
    }

    /// The reduction that a config of Keras names. `"auto"` of Keras 2 is the default.
    pub(super) fn from_json(value: &Value) -> Result<Self> {
        match value.as_str() {
            Some("sum_over_batch_size" | "auto") => Ok(Self::SumOverBatchSize),
            Some("mean") => Ok(Self::Mean),
            Some("sum") => Ok(Self::Sum),
            Some("mean_with_sample_weight") => Ok(Self::MeanWithSampleWeight),
            _ => {
                let expected = "\"sum_over_batch_size\", \"sum\", \"mean\" or \
                                \"mean_with_sample_weight\"";
                let why = "training needs one loss for a batch";
                let message = format!("expected {expected}, got {value}: {why}");
                Err(Error::config("config.reduction", message))
            }
        }
    }
}
