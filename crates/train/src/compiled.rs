//! CompiledModel: a model that can learn.

use std::{ops::Deref, sync::Arc};

use ceratops_core::{Error, Result, Samples, Shape, Tensor, parallel};
use ceratops_layers::{
    Model, Sequential,
    summary::{Count, Summary},
};

use crate::{
    IntoMetrics, LearningRate, Logs, Loss, Optimizer,
    data::{Batch, Dataset, ahead},
    losses::AnyLoss,
    metrics::AnyMetric,
    optimizers::{self, OptimizerState},
    step::{self, Objective},
    tracker::Tracker,
};

/// How many samples `evaluate` sends through the model at once, and how many numbers at the most, so
/// that their outputs fit into memory.
const SAMPLES_AT_ONCE: usize = 2048;
const NUMBERS_AT_ONCE: usize = 1 << 24;

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
    pub(crate) loss: AnyLoss,
    /// What the loss is multiplied by, if that was said.
    pub(crate) loss_weights: Option<f64>,
    /// The metrics as they were given to `compile`.
    pub(crate) metrics: Vec<AnyMetric>,
    /// Those that see the weights of samples.
    pub(crate) weighted_metrics: Vec<AnyMetric>,
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
        loss: AnyLoss,
        metrics: Vec<AnyMetric>,
    ) -> Result<Self> {
        let (inputs, outputs) = (model.input_shapes().len(), model.output_shapes().len());
        if inputs > 1 || outputs > 1 {
            return Err(Error::Model(format!(
                "a model of {inputs} input(s) and {outputs} output(s) is neither trained nor evaluated as yet: compile one \
                 that has one of each"
            )));
        }
        if ceratops_core::MultiLayer::makes_mask(&*model) {
            let message = "a model with Masking is neither trained nor evaluated as yet: losses and \
                           metrics would count the masked steps";
            return Err(Error::Model(message.into()));
        }
        let (state, tracker) =
            (OptimizerState::default(), Tracker::new(metrics.clone(), Vec::new())?);
        let (loss_weights, weighted_metrics) = (None, Vec::new());
        Ok(Self { model, optimizer, state, loss, loss_weights, metrics, weighted_metrics, tracker })
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
        let weighted_metrics = metrics.into_metrics();
        let tracker = Tracker::new(self.metrics.clone(), weighted_metrics.clone())?;
        Ok(Self { weighted_metrics, tracker, ..self })
    }

    /// The same with the loss multiplied by a number: Keras' `compile(loss_weights=...)`, for the
    /// one output. Neither the penalties on weights are multiplied, nor metrics of a loss's name.
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
    pub fn with_loss_weights(self, loss_weights: f64) -> Self {
        Self { loss_weights: Some(loss_weights), ..self }
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
    pub fn train_on_batch(&mut self, x: impl Into<Tensor>, y: impl Into<Tensor>) -> Result<Logs> {
        self.train_on(Batch::new(x, y))
    }

    /// [`CompiledModel::train_on_batch`] with a weight for each sample in the loss.
    pub fn train_on_weighted_batch(
        &mut self,
        x: impl Into<Tensor>,
        y: impl Into<Tensor>,
        sample_weight: impl Into<Tensor>,
    ) -> Result<Logs> {
        self.train_on(Batch::new(x, y).with_sample_weight(sample_weight))
    }

    fn train_on(&mut self, batch: Batch) -> Result<Logs> {
        let (data, objective) = self.begin(Dataset::of_batch(batch)?)?;
        self.train_step(&objective, &data.read(0..data.len())?, 0)?;
        Ok(self.tracker.logs().clone())
    }

    /// The loss and the metrics of one batch; nothing is learned.
    pub fn test_on_batch(&self, x: impl Into<Tensor>, y: impl Into<Tensor>) -> Result<Logs> {
        self.evaluate(x, y)
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
    pub fn evaluate(&self, x: impl Into<Samples>, y: impl Into<Samples>) -> Result<Logs> {
        self.evaluate_on(Dataset::new(x.into(), y.into(), None)?)
    }

    /// [`CompiledModel::evaluate`] with a weight for each sample in the loss. As in Keras, the
    /// divisor remains the number of samples, and the metrics are not weighted.
    pub fn evaluate_weighted(
        &self,
        x: impl Into<Samples>,
        y: impl Into<Samples>,
        sample_weight: impl Into<Tensor>,
    ) -> Result<Logs> {
        self.evaluate_on(Dataset::new(x.into(), y.into(), Some(sample_weight.into()))?)
    }

    fn evaluate_on(&self, data: Dataset) -> Result<Logs> {
        let (data, objective) = self.align(data)?;
        self.measure(&objective, &data, BATCH_SIZE)
    }

    /// Builds the model if its input was unknown, and readies loss and metrics for `data`.
    pub(crate) fn begin(&mut self, data: Dataset) -> Result<(Dataset, Objective)> {
        if self.model.layers().is_empty() {
            let message = "the model has no layers, so there is nothing to train; add some";
            return Err(Error::Model(message.into()));
        }
        if !self.model.is_built() {
            self.model.build(input_shape(&data.x_shape()))?;
        }
        let (data, objective) = self.align(data)?;
        let (_, output) = self.loss_for(&data.y_shape())?;
        self.state.set_paths(optimizers::paths(&self.model));
        self.tracker.begin(&data.y_shape(), &output, objective.closing())?;
        Ok((data, objective))
    }

    /// The data as the model takes it, and what it is measured by.
    pub(crate) fn align(&self, data: Dataset) -> Result<(Dataset, Objective)> {
        let (loss, output) = self.loss_for(&data.y_shape())?;
        let data = data.aligned(&output, loss.clone())?;
        Ok((data, Objective::new(&self.model, loss, self.loss_weights.unwrap_or(1.0))))
    }

    /// The loss for labels of shape `y`, and the shape of the model's output.
    pub(crate) fn loss_for(&self, y: &[usize]) -> Result<(Arc<dyn Loss>, Shape)> {
        let output = self.model.output_shape().cloned().ok_or_else(|| {
            Error::Model(
                "the model has no weights yet: give it an Input, call model_mut().build(shape), or \
                 fit it"
                    .into(),
            )
        })?;
        Ok((self.loss.resolve(y, &output), output))
    }

    /// One update from a batch, which is taken into account by the tracker.
    pub(crate) fn train_step(
        &mut self,
        objective: &Objective,
        data: &Batch,
        seed: u64,
    ) -> Result<()> {
        let Self { model, optimizer, state, tracker, .. } = self;
        // The update of a large weight goes to the other cores in any case: then all of the step
        // runs there. A small step would only lose time on the way.
        let (optimizer, spreads) = (&**optimizer, optimizers::spreads(&model.params()));
        let mut step = || step::train(model, optimizer, state, objective, data, seed);
        let (loss, output) = if spreads { parallel::within(step)? } else { step()? };
        tracker.update(loss, data, &output)
    }

    /// The loss and the metrics of `data`, which is aligned already, in batches of `batch_size` if
    /// that matters.
    pub(crate) fn measure(
        &self,
        objective: &Objective,
        data: &Dataset,
        batch_size: usize,
    ) -> Result<Logs> {
        let (_, output) = self.loss_for(&data.y_shape())?;
        let mut tracker = self.tracker.clone();
        tracker.begin(&data.y_shape(), &output, objective.closing())?;
        let sample: usize = data.x_shape().iter().skip(1).product();
        let at_once = match objective.depends_on_batches(&output) {
            true => batch_size.max(1),
            false => (NUMBERS_AT_ONCE / sample.max(1)).clamp(1, SAMPLES_AT_ONCE),
        };
        let starts = (0..data.len()).step_by(at_once);
        let batches = starts.map(|start| data.read(start..data.len().min(start + at_once)));
        ahead(Box::new(batches), data.is_read(), |batches| {
            for batch in batches {
                self.test_step(objective, &batch?, &mut tracker)?;
            }
            Ok(())
        })?;
        Ok(tracker.logs().clone())
    }

    /// Takes the loss and the metrics of a batch into account; nothing is learned.
    pub(crate) fn test_step(
        &self,
        objective: &Objective,
        batch: &Batch,
        tracker: &mut Tracker,
    ) -> Result<()> {
        let logits = objective.closing().is_some();
        let (output, layer_loss) = self.model.test_pass(&batch.x, logits)?;
        let penalties = step::penalties(&self.model)?;
        let loss = objective.loss(batch, &output)? + layer_loss + penalties;
        tracker.update(loss, batch, &output)
    }
}

/// The shape of the model's input that the samples `x` speak of; as in Keras, a vector stands for
/// a column.
fn input_shape(x: &[usize]) -> Shape {
    match x {
        [_] => Shape::batched([1]),
        shape => Shape::of(shape).with_axis(0, None),
    }
}
