//! RootMeanSquaredError: the root of the mean squared error over all batches.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{Direction, KerasMetric, Mean, MeanMetric, Metric};
use crate::losses::MeanSquaredError;

/// √mean((y_true - y_pred)²), the mean over all samples so far.
///
/// Source: Keras, `keras.metrics.RootMeanSquaredError`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct RootMeanSquaredError {
    /// The name under which it is reported.
    pub name: String,
    #[serde(skip, default = "mean_squared_error")]
    mean: MeanMetric,
}

fn mean_squared_error() -> MeanMetric {
    MeanMetric::of_loss(MeanSquaredError {})
}

impl Default for RootMeanSquaredError {
    fn default() -> Self {
        Self { name: "root_mean_squared_error".into(), mean: mean_squared_error() }
    }
}

impl RootMeanSquaredError {
    /// The metric.
    pub fn new() -> Self {
        Self::default()
    }
}

impl KerasMetric for RootMeanSquaredError {
    type State = Mean;

    const CLASS_NAME: &'static str = "RootMeanSquaredError";
    const DIRECTION: Option<Direction> = Some(Direction::Down);

    fn name_mut(&mut self) -> &mut String {
        &mut self.name
    }

    fn own_name(&self) -> &str {
        &self.name
    }

    fn add(&mut self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) -> Result<()> {
        match weights {
            Some(weights) => self.mean.update_weighted(y_true, y_pred, weights),
            None => self.mean.update(y_true, y_pred),
        }
    }

    fn values(&self) -> Vec<f64> {
        vec![self.mean.result().sqrt()]
    }

    fn gathered(&self) -> &Self::State {
        &self.mean.gathered
    }

    fn gathered_mut(&mut self) -> &mut Self::State {
        &mut self.mean.gathered
    }
}
