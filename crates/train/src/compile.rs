//! The `Compile` trait: gives a model an optimizer, a loss and metrics.

use ceratops_core::Result;
use ceratops_layers::Sequential;

use crate::{CompiledModel, IntoLoss, IntoMetrics, IntoOptimizer};

/// Gives a model what it needs to learn. Only the [`CompiledModel`] has `fit`.
pub trait Compile: Sized {
    /// The model with an optimizer, a loss and metrics.
    ///
    /// Each is an identifier that Keras knows, or an object. `"accuracy"` becomes the accuracy
    /// that goes with the shapes of labels and predictions.
    ///
    /// ```
    /// use ceratops_layers::{Dense, Input, sequential};
    /// use ceratops_train::{Compile, Optimizer, losses::CategoricalCrossentropy, optimizers::Adam};
    ///
    /// let model = sequential![Input::new([4]), Dense::new(3)]?.compile(
    ///     Adam::new(0.001).clipnorm(1.0),
    ///     CategoricalCrossentropy::new().from_logits(true),
    ///     ["accuracy", "mse"],
    /// )?;
    /// assert_eq!(model.learning_rate(), 0.001);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    fn compile(
        self,
        optimizer: impl IntoOptimizer,
        loss: impl IntoLoss,
        metrics: impl IntoMetrics,
    ) -> Result<CompiledModel>;
}

impl Compile for Sequential {
    fn compile(
        self,
        optimizer: impl IntoOptimizer,
        loss: impl IntoLoss,
        metrics: impl IntoMetrics,
    ) -> Result<CompiledModel> {
        let (optimizer, loss) = (optimizer.into_optimizer()?, loss.into_loss()?);
        CompiledModel::new(self, optimizer, loss, metrics.into_metrics())
    }
}
