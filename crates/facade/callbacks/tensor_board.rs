//! TensorBoard: files of events that TensorBoard shows as curves and histograms.

mod crc;
mod event;
mod histogram;
mod writer;

use std::{path::PathBuf, time::Instant};

use ceratops_core::{Error, Result};
use ceratops_train::{Callback, Logs, Training, optimizers};
use serde_json::{Value, json};

use super::{Frequency, count};
use event::Data;
use histogram::histogram;
use writer::EventWriter;

/// Writes files that `tensorboard --logdir logs` shows: the loss, the metrics and the learning rate
/// of each epoch, and histograms of the weights.
///
/// ```
/// use ceratops::{callbacks::TensorBoard, prelude::*};
///
/// # let folder = std::env::temp_dir().join("ceratops-docs-tensorboard");
/// let mut model = sequential![Input::new([1]), Dense::new(1)]?.compile("sgd", "mse", ())?;
/// let (x, y) = (Tensor::zeros(&[4, 1]), Tensor::full(&[4, 1], 2.0));
/// let board = TensorBoard::new(&folder).histogram_freq(1).update_freq(10);
/// model.fit(x, y, FitOptions::new().epochs(2).callback(board))?;
/// assert!(folder.join("train").exists());
/// # Ok::<(), Error>(())
/// ```
///
/// The folder `train` has `epoch_loss`, `epoch_learning_rate` and so on by epoch (from 0), with
/// [`TensorBoard::update_freq`] `batch_loss` by batch (from 1), with
/// [`TensorBoard::histogram_freq`] `sequential/dense/kernel/histogram`. The folder `validation` has
/// `epoch_loss` too, and `evaluation_loss_vs_iterations` by update. Each `fit` begins a new file, to
/// which records are added; they are in the file after each epoch. As in Keras, the learning rate is
/// that after the callbacks that are told before this one.
///
/// Keras' `write_graph`, `write_images`, `profile_batch` and `embeddings_freq` are not there.
///
/// Source: Keras, `keras.callbacks.TensorBoard`.
#[derive(Debug)]
#[must_use]
pub struct TensorBoard {
    log_dir: PathBuf,
    histogram_freq: usize,
    write_steps_per_second: bool,
    update_freq: Frequency,
    train: Option<EventWriter>,
    validation: Option<EventWriter>,
    batches: usize,
    epoch_began: (Instant, u64),
    batch_began: Instant,
}

impl Default for TensorBoard {
    /// Writes into the folder `logs`.
    fn default() -> Self {
        Self::new("logs")
    }
}

impl TensorBoard {
    /// Writes into that folder after each epoch.
    pub fn new(log_dir: impl Into<PathBuf>) -> Self {
        let now = Instant::now();
        Self {
            log_dir: log_dir.into(),
            histogram_freq: 0,
            write_steps_per_second: false,
            update_freq: Frequency::Epoch,
            train: None,
            validation: None,
            batches: 0,
            epoch_began: (now, 0),
            batch_began: now,
        }
    }

    /// Writes histograms of all weights after each so many epochs; 0 for never.
    pub fn histogram_freq(self, epochs: usize) -> Self {
        Self { histogram_freq: epochs, ..self }
    }

    /// Whether it writes how many batches a second there are.
    pub fn write_steps_per_second(self, write: bool) -> Self {
        Self { write_steps_per_second: write, ..self }
    }

    /// Writes the means so far after each so many batches too: `update_freq(100)`.
    pub fn update_freq(self, freq: impl Into<Frequency>) -> Self {
        Self { update_freq: freq.into(), ..self }
    }

    /// The file of the training itself.
    fn train(&mut self) -> Result<&mut EventWriter> {
        self.train.as_mut().ok_or_else(not_begun)
    }

    /// The file of the validations, which is there from the first of them.
    fn validation(&mut self) -> Result<&mut EventWriter> {
        if self.validation.is_none() {
            self.validation = Some(EventWriter::create(&self.log_dir.join("validation"))?);
        }
        self.validation.as_mut().ok_or_else(not_begun)
    }

    fn write_histograms(&mut self, epoch: usize, training: &Training<'_>) -> Result<()> {
        let model = training.model();
        for (path, param) in optimizers::paths(model).iter().zip(model.params()) {
            let buckets = histogram(param.value().as_slice());
            let tag = format!("{path}/histogram");
            self.train()?.write(epoch as u64, &tag, Data::Histogram(&buckets))?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.train.iter_mut().chain(&mut self.validation).try_for_each(EventWriter::flush)
    }
}

fn not_begun() -> Error {
    Error::Model("TensorBoard is told of a training that has not begun".into())
}

impl Callback for TensorBoard {
    fn on_train_begin(&mut self, _: &mut Training<'_>) -> Result<()> {
        self.update_freq.validate("update_freq")?;
        self.train = Some(EventWriter::create(&self.log_dir.join("train"))?);
        (self.validation, self.batches) = (None, 0);
        Ok(())
    }

    fn on_epoch_begin(&mut self, _: usize, training: &mut Training<'_>) -> Result<()> {
        self.batch_began = Instant::now();
        self.epoch_began = (self.batch_began, training.compiled().optimizer_state().iterations());
        Ok(())
    }

    fn on_train_batch_end(&mut self, _: usize, logs: &Logs, _: &mut Training<'_>) -> Result<()> {
        self.batches += 1;
        let (step, began) = (self.batches as u64, self.batch_began);
        self.batch_began = Instant::now();
        if !self.update_freq.is_due(self.batches) {
            return Ok(());
        }
        if self.write_steps_per_second {
            let rate = Data::Scalar(1.0 / began.elapsed().as_secs_f64());
            self.train()?.write(step, "batch_steps_per_second", rate)?;
        }
        for (name, &value) in logs {
            self.train()?.write(step, &format!("batch_{name}"), Data::Scalar(value))?;
        }
        Ok(())
    }

    fn on_test_end(&mut self, logs: &Logs, training: &mut Training<'_>) -> Result<()> {
        let step = training.compiled().optimizer_state().iterations();
        for (name, &value) in logs {
            let tag = format!("evaluation_{name}_vs_iterations");
            self.validation()?.write(step, &tag, Data::Scalar(value))?;
        }
        Ok(())
    }

    fn on_epoch_end(
        &mut self,
        epoch: usize,
        logs: &mut Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        let mut values = logs.clone();
        values.insert("learning_rate", training.learning_rate());
        if self.write_steps_per_second {
            let (began, before) = self.epoch_began;
            let steps = training.compiled().optimizer_state().iterations().saturating_sub(before);
            values.insert("steps_per_second", steps as f64 / began.elapsed().as_secs_f64());
        }
        for (name, &value) in &values {
            let (writer, name) = match name.strip_prefix("val_") {
                Some(name) => (self.validation()?, name),
                None => (self.train()?, name),
            };
            writer.write(epoch as u64, &format!("epoch_{name}"), Data::Scalar(value))?;
        }
        if self.histogram_freq > 0 && epoch.is_multiple_of(self.histogram_freq) {
            self.write_histograms(epoch, training)?;
        }
        self.flush()
    }

    fn on_train_end(&mut self, _: &Logs, _: &mut Training<'_>) -> Result<()> {
        self.flush()?;
        (self.train, self.validation) = (None, None);
        Ok(())
    }

    fn state(&self) -> Value {
        json!({"batches": self.batches})
    }

    fn set_state(&mut self, state: &Value) -> Result<()> {
        self.batches = count(state, "batches")?;
        Ok(())
    }
}
