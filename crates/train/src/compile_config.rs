//! What a model file says of training: an optimizer, a loss and metrics.

mod read;
mod write;

use ceratops_core::{Error, Structure};

pub use write::KerasVersion;

use crate::{Optimizer, losses::Losses, metrics::Metrics};

/// What a model file says of training, understood.
///
/// | file | where it stands |
/// |---|---|
/// | `.keras` of Keras 3 and 2 | `compile_config` of `config.json` |
/// | legacy `.h5` of Keras 1 to 3 | the attribute `training_config` |
/// | TensorFlow.js | `trainingConfig` of `model.json` |
///
/// ```
/// use ceratops_layers::{Dense, Input, sequential};
/// use ceratops_train::{Compile, CompileConfig};
/// use serde_json::json;
///
/// let config = json!({"optimizer": "adam", "loss": "mse", "metrics": ["mae", "AUK"]});
/// let config = CompileConfig::from_json(&config)?;
/// assert!(config.not_understood[0].to_string().starts_with("metrics[1]: unknown metric `AUK`"));
///
/// let model = sequential![Input::new([4]), Dense::new(1)]?;
/// let model = model.compile(config.optimizer, config.loss, config.metrics)?;
/// assert_eq!(model.optimizer().class_name(), "Adam");
/// # Ok::<(), ceratops_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CompileConfig {
    /// The optimizer.
    pub optimizer: Box<dyn Optimizer>,
    /// The loss, or one for each output.
    pub loss: Losses,
    /// What the losses are multiplied by, for
    /// [`CompiledModel::with_loss_weights`](crate::CompiledModel::with_loss_weights).
    pub loss_weights: Option<Structure<f64>>,
    /// The metrics that are understood.
    pub metrics: Metrics,
    /// The metrics that see the weights of samples, for
    /// [`CompiledModel::with_weighted_metrics`](crate::CompiledModel::with_weighted_metrics).
    pub weighted_metrics: Metrics,
    /// What is not understood and does not change what is learned: metrics and unknown keys, each
    /// with its path in the config.
    pub not_understood: Vec<Error>,
}
