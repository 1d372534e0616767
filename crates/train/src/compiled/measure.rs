//! How a compiled model takes data, is measured on it, and learns from a batch.

use ceratops_core::{Arrays, Error, Inputs, Result, Shape, Structure, parallel};

use super::{CompiledModel, output_keys};
use crate::{
    Logs,
    data::{Batch, Dataset, Doors, Examples, Measure, ahead, input_shape},
    losses::AnyLoss,
    optimizers,
    step::{self, Objective},
    tracker::{Tracker, Tracks},
};

/// How many samples `evaluate` sends through the model at once, and how many numbers at the most, so
/// that their outputs fit into memory.
const SAMPLES_AT_ONCE: usize = 2048;
const NUMBERS_AT_ONCE: usize = 1 << 24;

impl CompiledModel {
    /// The data for the model's inputs and outputs.
    pub(crate) fn dataset(&self, x: Arrays, y: Arrays, weights: Option<Inputs>) -> Result<Dataset> {
        let (x, y) = (self.model.by_input_keys(x), self.model.by_output_keys(y));
        let weights = weights.map(|weights| self.model.by_output_keys(weights));
        let doors = self.doors();
        if doors.outputs.len() != self.loss_of.len() {
            return Err(Error::Model(format!(
                "the model has {} outputs now, and was compiled for {}; compile it again",
                doors.outputs.len(),
                self.loss_of.len()
            )));
        }
        Dataset::new(&doors, x, y, weights)
    }

    /// The samples of a batch.
    pub(crate) fn dataset_of(&self, batch: Batch) -> Result<Dataset> {
        let Batch { x, y, sample_weight } = batch;
        self.dataset(x.into(), y.into(), sample_weight)
    }

    fn doors(&self) -> Doors {
        let mut inputs = self.model.input_keys();
        if inputs.is_empty() {
            // As Keras calls the input of a chain that does not know it yet.
            inputs.push("input_layer".into());
        }
        Doors { inputs, outputs: output_keys(&self.model), measured: self.measured.clone() }
    }

    /// Builds the model if its input was unknown, and readies loss and metrics for `data`.
    pub(crate) fn begin(&mut self, data: Dataset) -> Result<(Dataset, Objective)> {
        if self.model.layers().is_empty() && self.model.is_sequential() {
            let message = "the model has no layers, so there is nothing to train; add some";
            return Err(Error::Model(message.into()));
        }
        if let (false, Some(x)) = (self.model.is_built(), data.x_shapes().next()) {
            self.model.build(input_shape(&x))?;
        }
        let (data, objective) = self.align(data)?;
        self.state.set_paths(optimizers::paths(&self.model));
        let tracks = self.tracks(&data, &objective)?;
        self.tracker.begin(&tracks)?;
        Ok((data, objective))
    }

    /// The data as the model takes it, and what it is measured by.
    pub(crate) fn align(&self, data: Dataset) -> Result<(Dataset, Objective)> {
        let shapes = self.output_shapes()?;
        let resolve = |((y, loss), output): ((Option<Vec<usize>>, &Option<AnyLoss>), Shape)| {
            let loss = y.and_then(|y| Some(loss.as_ref()?.resolve(&y, &output)));
            Measure { output, loss }
        };
        let measures: Vec<Measure> =
            data.y_shapes().into_iter().zip(&self.loss_of).zip(shapes).map(resolve).collect();
        let data = data.aligned(&measures)?;
        let weights = self.loss_weights_of_outputs()?;
        let losses = measures.into_iter().zip(weights);
        let losses = losses.map(|(measure, weight)| Some((measure.loss?, weight))).collect();
        Ok((data, Objective::new(&self.model, losses)))
    }

    /// What the loss of each output is multiplied by.
    pub(crate) fn loss_weights_of_outputs(&self) -> Result<Vec<f64>> {
        let names = output_keys(&self.model);
        let given = self.loss_weights.iter().flat_map(Structure::iter);
        if let Some(weight) = given.into_iter().find(|weight| !weight.is_finite()) {
            return Err(Error::argument("loss_weights", "numbers that are finite", weight));
        }
        match &self.loss_weights {
            None => Ok(vec![1.0; names.len()]),
            Some(Structure::One(weight)) => Ok(vec![*weight; names.len()]),
            Some(weights) => {
                let known = weights.clone().known_in_order("loss_weights", "output", &names)?;
                Ok(known.into_iter().map(|weight| weight.unwrap_or(1.0)).collect())
            }
        }
    }

    /// The shapes of the outputs.
    fn output_shapes(&self) -> Result<Vec<Shape>> {
        let shapes: Vec<Shape> = self.model.output_shapes().into_iter().cloned().collect();
        if shapes.is_empty() {
            return Err(Error::Model(
                "the model has no weights yet: give it an Input, call model_mut().build(shape), or \
                 fit it"
                    .into(),
            ));
        }
        Ok(shapes)
    }

    /// What is to be known of the outputs before the first batch.
    pub(crate) fn tracks(&self, data: &Dataset, objective: &Objective) -> Result<Vec<Tracks>> {
        let outputs = output_keys(&self.model).into_iter().zip(self.output_shapes()?);
        let outputs = outputs.zip(data.y_shapes()).enumerate();
        Ok(outputs
            .map(|(place, ((name, shape), y))| {
                let has_loss = self.loss_of.get(place).is_some_and(Option::is_some);
                let closing = objective.closing(place);
                Tracks { name, shape, y, closing, has_loss }
            })
            .collect())
    }

    /// One update from a batch, which is taken into account by the tracker.
    pub(crate) fn train_step(
        &mut self,
        objective: &Objective,
        data: &Examples,
        seed: u64,
    ) -> Result<()> {
        let Self { model, optimizer, state, tracker, .. } = self;
        // The update of a large weight goes to the other cores in any case: then all of the step
        // runs there. A small step would only lose time on the way.
        let (optimizer, spreads) = (&**optimizer, optimizers::spreads(&model.params()));
        let mut step = || step::train(model, optimizer, state, objective, data, seed);
        let measured = if spreads { parallel::within(step)? } else { step()? };
        tracker.update(data, &measured)
    }

    /// The loss and the metrics of `data`, which is aligned already, in batches of `batch_size` if
    /// that matters.
    pub(crate) fn measure(
        &self,
        objective: &Objective,
        data: &Dataset,
        batch_size: usize,
    ) -> Result<Logs> {
        let mut tracker = self.tracker.clone();
        tracker.begin(&self.tracks(data, objective)?)?;
        let numbers = |shape: Vec<usize>| shape.iter().skip(1).product::<usize>();
        let sample: usize = data.x_shapes().map(numbers).sum();
        let at_once = match objective.depends_on_batches(&self.model) {
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
        batch: &Examples,
        tracker: &mut Tracker,
    ) -> Result<()> {
        tracker.update(batch, &step::test(&self.model, objective, batch)?)
    }
}
