//! The `Compile` trait: gives a model an optimizer, a loss and metrics.

use ceratops_core::{IntoArrays, Result};
use ceratops_layers::{Model, Sequential};
use serde_json::Value;

use crate::{
    CompileConfig, CompiledModel, CustomObjects, FitOptions, History, IntoLosses, IntoMetrics,
    IntoOptimizer, Logs,
};

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
    ///
    /// A model of several outputs takes a loss for each, and metrics for each: in their order, or by
    /// their names ([`IntoLosses`], [`IntoMetrics`]).
    ///
    /// ```
    /// use ceratops_core::Tensor;
    /// use ceratops_layers::{CallLayer, Dense, Input, IntoNode, Model};
    /// use ceratops_train::{Compile, FitOptions};
    ///
    /// let x = Input::new([4]).tensor();
    /// let digit = Dense::new(3).activation("softmax").named("digit").call(&x)?;
    /// let size = Dense::new(1).named("size").call(&x)?;
    /// let mut model = Model::new([&x], [&digit, &size])?
    ///     .compile(
    ///         "adam",
    ///         [("digit", "sparse_categorical_crossentropy"), ("size", "mse")],
    ///         [("size", "mae")],
    ///     )?
    ///     .with_loss_weights([("digit", 1.0), ("size", 0.5)]);
    /// let (x, digit, size) = (Tensor::zeros(&[8, 4]), Tensor::zeros(&[8]), Tensor::zeros(&[8, 1]));
    /// let history = model.fit(x, [("digit", &digit), ("size", &size)], FitOptions::new())?;
    /// let names: Vec<&str> = history.names().collect();
    /// assert_eq!(names, ["digit_loss", "loss", "size_loss", "size_mae"]);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// For identifiers and names of outputs that are not known, and where an output of several is not
    /// spoken of.
    fn compile(
        self,
        optimizer: impl IntoOptimizer,
        loss: impl IntoLosses,
        metrics: impl IntoMetrics,
    ) -> Result<CompiledModel>;

    /// The model as a file says that it was compiled, with a fresh optimizer: Keras'
    /// `compile_config`, the `training_config` of a legacy `.h5`, TensorFlow.js' `trainingConfig`.
    /// [`CompileConfig`] says what is understood.
    ///
    /// ```
    /// use ceratops_layers::{Dense, Input, sequential};
    /// use ceratops_train::Compile;
    /// use serde_json::json;
    ///
    /// let config = json!({
    ///     "optimizer_config": {"class_name": "Adam", "config": {"lr": 0.01, "decay": 0.0}},
    ///     "loss": "mse", "metrics": ["mae"], "sample_weight_mode": null, "loss_weights": null,
    /// });
    /// let model = sequential![Input::new([4]), Dense::new(3)]?.compile_from_config(&config)?;
    /// assert_eq!(model.learning_rate(), 0.01);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// For all that is not supported, with its path in the config: also for a metric, which does
    /// not change what is learned. To do without those, take the optimizer, the loss and the
    /// metrics of a [`CompileConfig`] to [`Compile::compile`].
    fn compile_from_config(self, config: &Value) -> Result<CompiledModel> {
        self.compile_from_config_with(config, &CustomObjects::new())
    }

    /// [`Compile::compile_from_config`] with losses, metrics and optimizers of your own.
    ///
    /// # Errors
    /// As there.
    fn compile_from_config_with(
        self,
        config: &Value,
        custom: &CustomObjects,
    ) -> Result<CompiledModel> {
        let config = CompileConfig::from_json_with(config, custom)?;
        match config.not_understood.into_iter().next() {
            Some(error) => Err(error),
            None => {
                let compiled = self.compile(config.optimizer, config.loss, config.metrics)?;
                let compiled = compiled.with_weighted_metrics(config.weighted_metrics)?;
                let Some(loss_weights) = config.loss_weights else { return Ok(compiled) };
                let compiled = compiled.with_loss_weights(loss_weights);
                compiled.loss_weights_of_outputs()?;
                Ok(compiled)
            }
        }
    }
}

/// What can be trained: a compiled model. It exists so that the compiler says what is missing
/// where `fit` is called on a model that was not compiled.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not compiled: it has no optimizer, no loss and no metrics",
    note = "compile it first: let mut model = model.compile(\"adam\", \"mse\", ())?;"
)]
pub trait Compiled {
    /// The compiled model.
    fn compiled(&mut self) -> &mut CompiledModel;
}

impl Compiled for CompiledModel {
    fn compiled(&mut self) -> &mut CompiledModel {
        self
    }
}

/// [`CompiledModel::fit`] and [`CompiledModel::evaluate`] for whatever is [`Compiled`].
pub trait Fit {
    /// [`CompiledModel::fit`].
    fn fit(
        &mut self,
        x: impl IntoArrays,
        y: impl IntoArrays,
        options: FitOptions<'_>,
    ) -> Result<History>;

    /// [`CompiledModel::evaluate`].
    fn evaluate(&mut self, x: impl IntoArrays, y: impl IntoArrays) -> Result<Logs>;
}

impl<T: Compiled> Fit for T {
    fn fit(
        &mut self,
        x: impl IntoArrays,
        y: impl IntoArrays,
        options: FitOptions<'_>,
    ) -> Result<History> {
        self.compiled().fit(x, y, options)
    }

    fn evaluate(&mut self, x: impl IntoArrays, y: impl IntoArrays) -> Result<Logs> {
        CompiledModel::evaluate(self.compiled(), x, y)
    }
}

impl Compile for Model {
    fn compile(
        self,
        optimizer: impl IntoOptimizer,
        loss: impl IntoLosses,
        metrics: impl IntoMetrics,
    ) -> Result<CompiledModel> {
        Sequential::from(self).compile(optimizer, loss, metrics)
    }
}

impl Compile for Sequential {
    fn compile(
        self,
        optimizer: impl IntoOptimizer,
        loss: impl IntoLosses,
        metrics: impl IntoMetrics,
    ) -> Result<CompiledModel> {
        let (optimizer, losses) = (optimizer.into_optimizer()?, loss.into_losses()?);
        CompiledModel::new(self, optimizer, losses, metrics.into_metrics())
    }
}
