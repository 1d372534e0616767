//! CompiledModel: a model that can learn.

mod measure;

use std::ops::Deref;

use ceratops_core::{IntoArrays, IntoInputs, Result, Structure};
use ceratops_layers::{
    Model, Sequential,
    summary::{Count, Summary},
};

use crate::{
    IntoMetrics, LearningRate, Logs, Optimizer,
    data::{Batch, Dataset},
    losses::{AnyLoss, Losses},
    metrics::Metrics,
    optimizers::{self, OptimizerState},
    tracker::{Tracker, Waiting},
};

/// How large Keras' batches are, which matters to a loss that is no mean over its samples.
const BATCH_SIZE: usize = 32;

/// A model with an optimizer, a loss and metrics, made by [`Compile`](crate::Compile).
///
/// It can do what a [`Model`] can do by `&self`, through `Deref`: `predict`, `layers`,
/// `get_weights`, `to_json`. Where both have a method (`clone`, `summary`), its own is called,
/// and a clone goes on learning apart from the first. To change the model itself there is
/// [`CompiledModel::model_mut`]. What the optimizer remembers stays between fits.
#[derive(Debug, Clone)]
pub struct CompiledModel {
    /// A model of any kind: seen as a `Sequential`, so that it is taken where one of these is.
    pub(crate) model: Sequential,
    pub(crate) optimizer: Box<dyn Optimizer>,
    pub(crate) state: OptimizerState,
    /// The losses as they were given to `compile`, and those of each output.
    pub(crate) losses: Losses,
    loss_of: Vec<Option<AnyLoss>>,
    /// What the losses are multiplied by, if that was said.
    pub(crate) loss_weights: Option<Structure<f64>>,
    /// The metrics as they were given to `compile`.
    pub(crate) metrics: Metrics,
    /// Those that see the weights of samples.
    pub(crate) weighted_metrics: Metrics,
    /// For each output whether it has a loss or a metric.
    measured: Vec<bool>,
    pub(crate) tracker: Tracker,
}

impl Deref for CompiledModel {
    type Target = Sequential;

    fn deref(&self) -> &Sequential {
        &self.model
    }
}

impl CompiledModel {
    pub(crate) fn new(
        model: Sequential,
        optimizer: Box<dyn Optimizer>,
        losses: Losses,
        metrics: Metrics,
    ) -> Result<Self> {
        let names = output_keys(&model);
        let losses = losses.settled(&names);
        let compiled = Self {
            loss_of: losses.for_outputs(&names)?,
            model,
            optimizer,
            state: OptimizerState::default(),
            losses,
            loss_weights: None,
            metrics,
            weighted_metrics: Metrics::default(),
            measured: Vec::new(),
            tracker: Tracker::default(),
        };
        compiled.tracked()
    }

    /// The same with a tracker of its losses and metrics.
    fn tracked(mut self) -> Result<Self> {
        let names = output_keys(&self.model);
        self.metrics = self.metrics.settled(&names);
        self.weighted_metrics = self.weighted_metrics.settled(&names);
        let metrics = self.metrics.for_outputs("metrics", &names)?;
        let weighted = self.weighted_metrics.for_outputs("weighted_metrics", &names)?;
        let measured = (0..names.len())
            .map(|i| {
                let has_loss = self.loss_of.get(i).is_some_and(Option::is_some);
                has_loss || !metrics[i].is_empty() || !weighted[i].is_empty()
            })
            .collect();
        let waiting =
            [(metrics, false), (weighted, true)].into_iter().flat_map(|(each, weighted)| {
                each.into_iter().enumerate().flat_map(move |(output, metrics)| {
                    metrics.into_iter().map(move |metric| Waiting { output, metric, weighted })
                })
            });
        Ok(Self { tracker: Tracker::new(waiting.collect())?, measured, ..self })
    }

    /// The same with metrics that see the weights of samples and classes, which those of `compile`
    /// do not: Keras' `compile(weighted_metrics=...)`. Where both have a name it is
    /// `weighted_accuracy` here.
    ///
    /// ```
    /// use ceratops_core::Tensor;
    /// use ceratops_layers::{Dense, Input, sequential};
    /// use ceratops_train::Compile;
    ///
    /// let model = sequential![Input::new([1]), Dense::new(1)]?;
    /// let model = model.compile("sgd", "mse", "mae")?.with_weighted_metrics("mae")?;
    /// let (x, y) = (Tensor::zeros(&[2, 1]), Tensor::from([1.0, 3.0]));
    /// let logs = model.evaluate_weighted(x, y, Tensor::from([3.0, 1.0]))?;
    /// assert_eq!((logs["mae"], logs["weighted_mae"]), (2.0, 1.5));
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn with_weighted_metrics(self, metrics: impl IntoMetrics) -> Result<Self> {
        Self { weighted_metrics: metrics.into_metrics(), ..self }.tracked()
    }

    /// The same with the loss multiplied by a number, or the loss of each output by its own, in their
    /// order or by their names: Keras' `compile(loss_weights=...)`. Neither the penalties on weights are
    /// multiplied, nor the losses that are reported of each output, nor metrics of a loss's name.
    ///
    /// Names that are not known are found when the model is first trained or evaluated.
    ///
    /// ```
    /// use ceratops_core::Tensor;
    /// use ceratops_layers::{Dense, Input, sequential};
    /// use ceratops_train::Compile;
    ///
    /// let model = sequential![Input::new([1]), Dense::new(1)]?;
    /// let model = model.compile("sgd", "mse", "mse")?.with_loss_weights(0.5);
    /// let logs = model.evaluate(Tensor::zeros(&[2, 1]), Tensor::from([2.0, 2.0]))?;
    /// assert_eq!((logs["loss"], logs["mse"]), (2.0, 4.0));
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_loss_weights(self, loss_weights: impl Into<Structure<f64>>) -> Self {
        let given = loss_weights.into();
        // A list for the only output is what it holds.
        let mut all: Vec<f64> = given.iter().copied().collect();
        let only = all.pop().filter(|_| all.is_empty() && self.loss_of.len() == 1);
        Self { loss_weights: Some(only.map_or(given, Structure::One)), ..self }
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The model, to be changed: its weights, which layers are frozen.
    pub fn model_mut(&mut self) -> &mut Model {
        &mut self.model
    }

    /// The model without what `compile` gave it.
    pub fn into_model(self) -> Sequential {
        self.model
    }

    /// The optimizer.
    pub fn optimizer(&self) -> &dyn Optimizer {
        &*self.optimizer
    }

    /// What the optimizer remembers.
    pub fn optimizer_state(&self) -> &OptimizerState {
        &self.state
    }

    /// How far the next update goes.
    pub fn learning_rate(&self) -> f64 {
        self.optimizer.base().learning_rate.at(self.state.iterations())
    }

    /// Lets updates go so far from now on, or as a schedule says.
    ///
    /// # Errors
    /// As in Keras, for a number where the learning rate follows a schedule.
    pub fn set_learning_rate(&mut self, learning_rate: impl Into<LearningRate>) -> Result<()> {
        self.optimizer.base_mut().learning_rate.set(learning_rate)
    }

    /// Puts the running means of the weights into their places, where the optimizer keeps them
    /// (`use_ema`): Keras' `optimizer.finalize_variable_values`. `fit` does it at its end.
    pub fn finalize_variable_values(&mut self) {
        self.state.finalize(&*self.optimizer, &mut self.model.params_mut());
    }

    /// Makes room for what the optimizer remembers, as the first update does otherwise; the
    /// summary then counts it.
    pub fn build_optimizer(&mut self) {
        self.state.set_paths(optimizers::paths(&self.model));
        self.state.build(&*self.optimizer, self.model.params().into_iter());
    }

    /// The model as a table, with the numbers that the optimizer keeps, once it does: a count of
    /// updates (8 bytes), the learning rate unless it follows a schedule, and its slots for each
    /// weight that learns.
    pub fn summary(&self) -> Summary {
        let mut summary = self.model.summary();
        let rate = &self.optimizer.base().learning_rate;
        let params = self.state.len() + 1 + usize::from(matches!(rate, LearningRate::Constant(_)));
        summary.totals.optimizer =
            self.state.is_built().then(|| Count { params, bytes: 4 * params + 4 });
        summary
    }

    /// Updates the weights once, from one batch. Returns the loss and the metrics of this batch,
    /// before the update.
    pub fn train_on_batch(&mut self, x: impl IntoInputs, y: impl IntoInputs) -> Result<Logs> {
        self.train_on(Batch::new(x, y))
    }

    /// [`CompiledModel::train_on_batch`] with a weight for each sample in the loss.
    pub fn train_on_weighted_batch(
        &mut self,
        x: impl IntoInputs,
        y: impl IntoInputs,
        sample_weight: impl IntoInputs,
    ) -> Result<Logs> {
        self.train_on(Batch::new(x, y).with_sample_weight(sample_weight))
    }

    fn train_on(&mut self, batch: Batch) -> Result<Logs> {
        let (data, objective) = self.begin(self.dataset_of(batch)?)?;
        self.train_step(&objective, &data.read(0..data.len())?, 0)?;
        Ok(self.tracker.logs().clone())
    }

    /// The loss and the metrics of one batch; nothing is learned.
    pub fn test_on_batch(&self, x: impl IntoInputs, y: impl IntoInputs) -> Result<Logs> {
        self.evaluate(x.into(), y.into())
    }

    /// How well the model does on the samples of `x`, whose right answers are `y`: the loss and
    /// the metrics, by name. Nothing is learned, and Dropout lets all through. The first axis of
    /// both counts the samples; the loss includes the penalties on weights.
    ///
    /// ```
    /// use ceratops_core::Tensor;
    /// use ceratops_layers::{Dense, Input, sequential};
    /// use ceratops_train::Compile;
    ///
    /// let model = sequential![Input::new([2]), Dense::new(1)]?;
    /// let mut model = model.compile("sgd", "mse", "mae")?;
    /// let logs = model.evaluate(Tensor::zeros(&[4, 2]), Tensor::full(&[4], 2.0))?;
    /// assert_eq!((logs["loss"], logs["mae"]), (4.0, 2.0));
    /// assert_eq!(logs.to_string(), "loss: 4.0000 - mae: 2.0000");
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn evaluate(&self, x: impl IntoArrays, y: impl IntoArrays) -> Result<Logs> {
        self.evaluate_on(self.dataset(x.into(), y.into(), None)?)
    }

    /// [`CompiledModel::evaluate`] with a weight for each sample in the loss. As in Keras, the
    /// divisor remains the number of samples, and the metrics are not weighted.
    pub fn evaluate_weighted(
        &self,
        x: impl IntoArrays,
        y: impl IntoArrays,
        sample_weight: impl IntoInputs,
    ) -> Result<Logs> {
        self.evaluate_on(self.dataset(x.into(), y.into(), Some(sample_weight.into()))?)
    }

    fn evaluate_on(&self, data: Dataset) -> Result<Logs> {
        let (data, objective) = self.align(data)?;
        let size = self.model.stateful_batch_size()?.unwrap_or(BATCH_SIZE);
        self.measure(&objective, &data, size)
    }
}

/// The keys of a model's outputs, by which losses are given; a chain has one also before it has layers.
pub(crate) fn output_keys(model: &Model) -> Vec<String> {
    let names = model.output_keys();
    if names.is_empty() { vec![String::new()] } else { names }
}
