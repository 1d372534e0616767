//! fit: epochs of batches, with validation and callbacks.

mod options;

use ceratops_core::{Result, Tensor};

pub use options::{FitOptions, Verbose};

use crate::{
    Callback, CompiledModel, History, Logs, TrainParams, Training,
    data::{self, Data},
    step::Objective,
};

/// What one `fit` works with.
struct Fit<'a> {
    options: FitOptions<'a>,
    data: Data,
    validation: Option<Data>,
    objective: Objective,
}

impl CompiledModel {
    /// Trains the model: changes its weights so that its output for the samples `x` comes near
    /// their labels `y`, the right answers. The first axis of both counts the samples. What is
    /// returned tells how the loss and the metrics went, epoch by epoch.
    ///
    /// As in Keras: the samples are shuffled before each epoch, the last batch may be smaller, and
    /// the reported loss is the mean over the samples while the weights changed, penalties
    /// included. The same seed gives the same weights, bit for bit, on any number of cores.
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
        x: impl Into<Tensor>,
        y: impl Into<Tensor>,
        options: FitOptions<'_>,
    ) -> Result<History> {
        self.fit_to(x.into(), y.into(), options)
    }

    fn fit_to(&mut self, x: Tensor, y: Tensor, options: FitOptions<'_>) -> Result<History> {
        let mut fit = self.prepare(x, y, options)?;
        let mut callbacks = std::mem::take(&mut fit.options.callbacks);
        let steps = fit.data.len().div_ceil(fit.options.batch_size);
        let params = TrainParams { epochs: fit.options.epochs, steps };
        callbacks.extend(crate::callbacks::progress(fit.options.verbose));
        let mut history = History::new(params);
        let mut all = Vec::with_capacity(callbacks.len() + 1);
        all.extend(callbacks.iter_mut().map(|callback| &mut **callback as &mut dyn Callback));
        all.push(&mut history);
        let mut listeners = Listeners { callbacks: all, params, stop: false };

        listeners.tell(self, |c, training| c.on_train_begin(training))?;
        let mut logs = Logs::default();
        for epoch in fit.options.initial_epoch..fit.options.epochs {
            if listeners.stop {
                break;
            }
            listeners.tell(self, |c, t| c.on_epoch_begin(epoch, t))?;
            logs = self.epoch(&fit, epoch, &mut listeners)?;
            let due = (epoch + 1).is_multiple_of(fit.options.validation_freq);
            if let Some(validation) = fit.validation.as_ref().filter(|_| due) {
                for (name, value) in
                    self.measure(&fit.objective, validation, fit.options.batch_size)?.iter()
                {
                    logs.insert(format!("val_{name}"), *value);
                }
            }
            listeners.tell(self, |c, t| c.on_epoch_end(epoch, &mut logs, t))?;
        }
        if fit.options.epochs > 0 {
            self.finalize_variable_values();
        }
        listeners.tell(self, |c, training| c.on_train_end(&logs, training))?;
        Ok(history)
    }

    /// Checks everything before the first step, so that an error leaves the weights alone.
    fn prepare<'a>(
        &mut self,
        x: Tensor,
        y: Tensor,
        mut options: FitOptions<'a>,
    ) -> Result<Fit<'a>> {
        options.validate()?;
        let mut data = Data::new(x, y, options.sample_weight.take())?;
        let mut validation = match options.validation_data.take() {
            Some((x, y)) => Some(Data::new(x, y, options.validation_sample_weight.take())?),
            None => None,
        };
        if let (None, Some(fraction)) = (&validation, options.validation_split) {
            let (training, rest) = data.split(fraction)?;
            (data, validation) = (training, Some(rest));
        }
        if let Some(class_weight) = &options.class_weight {
            data = data.class_weighted(class_weight)?;
        }
        let (data, objective) = self.begin(data)?;
        if let Some(rest) = validation.take() {
            let (loss, output) = self.loss_for(&data)?;
            validation = Some(rest.aligned(&output, &*loss)?);
        }
        Ok(Fit { options, data, validation, objective })
    }

    /// One epoch, which ends early if somebody says so. Returns the means of loss and metrics.
    fn epoch(
        &mut self,
        fit: &Fit<'_>,
        epoch: usize,
        listeners: &mut Listeners<'_>,
    ) -> Result<Logs> {
        let FitOptions { seed, shuffle, batch_size, .. } = fit.options;
        self.tracker.reset();
        let order = data::order(fit.data.len(), shuffle.then_some(seed), epoch);
        for (batch, indices) in order.chunks(batch_size).enumerate() {
            self.train_step(&fit.objective, &fit.data.gather(indices)?, seed)?;
            let logs = self.tracker.take_logs();
            listeners.tell(self, |c, t| c.on_train_batch_end(batch, &logs, t))?;
            self.tracker.put_back(logs);
            if listeners.stop {
                break;
            }
        }
        Ok(self.tracker.logs().clone())
    }
}

/// Those who are told how a training goes, and whether one of them ended it.
struct Listeners<'a> {
    callbacks: Vec<&'a mut dyn Callback>,
    params: TrainParams,
    stop: bool,
}

impl Listeners<'_> {
    /// Tells every callback of an event.
    fn tell(
        &mut self,
        compiled: &mut CompiledModel,
        mut event: impl FnMut(&mut dyn Callback, &mut Training<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut training = Training::new(compiled, self.params, &mut self.stop);
        self.callbacks.iter_mut().try_for_each(|callback| event(&mut **callback, &mut training))?;
        training.result()
    }
}
