//! What a file holds of training, as plain data.

use ceratops_core::Tensor;
use serde_json::Value;

/// How a model was compiled, and what its optimizer remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Training {
    /// Keras' `compile_config` (`.keras`), `training_config` (legacy `.h5`) or `trainingConfig`
    /// (TensorFlow.js), as it came.
    pub config: Value,
    /// What the optimizer remembers, if the file holds it.
    pub optimizer: Option<OptimizerWeights>,
}

/// What an optimizer remembers, in the order of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OptimizerWeights {
    /// How many updates there have been.
    pub iterations: u64,
    /// The learning rate, where the optimizer keeps it as a variable (Keras 3).
    pub learning_rate: Option<f32>,
    /// The tensors it remembers of the weights, each under the name it has in the file.
    pub slots: Vec<(String, Tensor)>,
}
