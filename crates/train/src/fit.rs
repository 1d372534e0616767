//! fit: epochs of batches, with validation and callbacks.

mod backup;
mod listeners;
mod options;
mod plan;
mod run;
mod snapshot;
mod source;

use ceratops_core::{Arrays, IntoArrays, Result};

pub use backup::Backup;
pub use options::{FitOptions, ValidationFreq, Verbose};
pub use snapshot::Snapshot;

use self::{run::Fit, source::Source};
use crate::{Batches, CompiledModel, History, Logs, step};

impl CompiledModel {
    /// Trains the model: changes its weights so that its output for the samples `x` comes near
    /// their labels `y`, the right answers. The first axis of both counts the samples. What is
    /// returned tells how the loss and the metrics went, epoch by epoch.
    ///
    /// As in Keras: the samples are shuffled before each epoch, the last batch may be smaller, and
    /// the reported loss is the mean over the samples while the weights changed, penalties
    /// included. The same seed gives the same weights, bit for bit, on any number of cores.
    ///
    /// `x` and `y` are tensors, or [`Samples`](ceratops_core::Samples) that are read piece by piece as they are needed, from a
    /// file larger than memory, say.
    ///
    /// A model of several inputs takes a tensor for each, in their order (`[&image, &age]`) or by their
    /// names (`[("image", &image), ("age", &age)]`); one of several outputs takes labels likewise. Of
    /// several outputs the history tells each one's loss (`digit_loss`) and metrics (`digit_accuracy`)
    /// besides the total. As `loss` is, they are means over the samples; Keras 3's means of each output's
    /// loss are over the batches, which differs where the last batch is smaller.
    ///
    /// A model whose input shape was not known is built for the shape of `x`. Labels of shape
    /// (batch,) go with an output of shape (batch, 1).
    ///
    /// ```
    /// use ceratops_core::Tensor;
    /// use ceratops_layers::{Dense, Sequential};
    /// use ceratops_train::{Compile, FitOptions};
    ///
    /// let mut model = Sequential::new();
    /// model.add(Dense::new(1))?;
    /// let mut model = model.compile("sgd", "mse", ())?;
    /// let x = Tensor::from([1.0, 2.0, 3.0, 4.0]);
    /// let options = FitOptions::new().epochs(3).batch_size(2).validation_split(0.25);
    /// let history = model.fit(&x, &x, options)?;
    /// assert_eq!(history.names().collect::<Vec<_>>(), ["loss", "val_loss"]);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn fit(
        &mut self,
        x: impl IntoArrays,
        y: impl IntoArrays,
        options: FitOptions<'_>,
    ) -> Result<History> {
        self.fit_samples(x.into(), y.into(), options)
    }

    /// [`CompiledModel::fit`] on batches that come from elsewhere, in the sizes and the order in which
    /// they come: `batch_size` and `shuffle` say nothing here, and `validation_split` and
    /// `sample_weight` are refused.
    ///
    /// While the model learns from a batch, the next is made in another thread. The model is built
    /// for the shape of the first batch if its input shape was not known.
    pub fn fit_batches(
        &mut self,
        batches: impl Batches,
        options: FitOptions<'_>,
    ) -> Result<History> {
        options.validate()?;
        options.validate_for_batches()?;
        Fit::new(self, options, Source::Batches(Box::new(batches)))?.run(self)
    }

    /// How well the model does on batches that come from elsewhere, those of their epoch 0:
    /// [`CompiledModel::evaluate`] where the data is no array.
    pub fn evaluate_batches(&self, batches: impl Batches) -> Result<Logs> {
        self.measure_batches(&mut Source::Batches(Box::new(batches)), 0, None)
    }

    /// Checks what is in memory before the first step, so that an error leaves the weights alone.
    fn fit_samples(
        &mut self,
        x: Arrays,
        y: Arrays,
        mut options: FitOptions<'_>,
    ) -> Result<History> {
        options.validate()?;
        let mut data = self.dataset(x, y, options.sample_weight.take())?;
        let mut rest = None;
        if let (false, Some(fraction)) = (options.validates_elsewhere(), options.validation_split) {
            let (training, last) = data.split(fraction)?;
            (data, rest) = (training, Some(last));
        }
        if let Some(class_weight) = &options.class_weight {
            data = data.class_weighted(class_weight)?;
        }
        let (data, objective) = self.begin(data)?;
        let seed = options.shuffle.then_some(options.seed);
        let source = Source::Samples { data: data.into(), batch_size: options.batch_size, seed };
        let mut fit = Fit::new(self, options, source)?;
        fit.objective = Some(objective);
        if let Some(data) = rest {
            let batch_size = fit.options.validation_batch_size.unwrap_or(fit.options.batch_size);
            fit.validation = Some(Source::Samples { data: data.into(), batch_size, seed: None });
        }
        if let Some(Source::Samples { data, .. }) = &fit.validation {
            let (data, objective) = self.align((**data).clone())?;
            step::test(&self.model, &objective, &data.read(0..1)?)?;
        }
        fit.run(self)
    }
}
