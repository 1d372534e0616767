//! ModelCheckpoint: writes the model to a file while it learns.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ceratops_core::{Error, Result};
use ceratops_formats::check_writable;
use ceratops_train::{Callback, Logs, Training};
use serde_json::Value;

use super::{Frequency, Mode, Monitor, count, file_name::FileName, python::Number};
use crate::Save;

/// Writes the model to a file after each epoch, or after the best ones.
///
/// ```
/// use ceratops::{callbacks::ModelCheckpoint, prelude::*};
///
/// # let folder = std::env::temp_dir().join("ceratops-docs-checkpoint");
/// let mut model = sequential![Input::new([1]), Dense::new(1)]?.compile("sgd", "mse", ())?;
/// let best = ModelCheckpoint::new(folder.join("{epoch:02d}-{loss:.2f}.keras"))
///     .monitor("loss")
///     .save_best_only(true);
/// let options = FitOptions::new().callback(best);
/// model.fit(Tensor::full(&[4, 1], 0.0), Tensor::full(&[4, 1], 2.0), options)?;
/// assert!(folder.join("01-4.00.keras").exists());
/// # Ok::<(), Error>(())
/// ```
///
/// The name may have places for `epoch` (from 1), for what is in the logs and, where it saves after
/// so many batches, for `batch` (from 1): `{epoch:02d}`, `{val_loss:.2f}`, `{loss:.3e}`, `{loss:g}`.
/// It ends in `.keras` or `.h5`, or in `.weights.h5` for weights alone. A file is there as a whole
/// or not at all.
///
/// `fit` ends with an error before the first epoch where the folder cannot be written to, and after
/// it where the name has a place for something that is not in the logs. An epoch without validation
/// is never the best one; Keras saves it nonetheless.
///
/// Source: Keras, `keras.callbacks.ModelCheckpoint`.
#[derive(Debug, Clone)]
#[must_use]
pub struct ModelCheckpoint {
    filepath: PathBuf,
    monitor: Monitor,
    save_best_only: bool,
    save_weights_only: bool,
    save_freq: Frequency,
    /// The name in its parts, once a training has begun.
    name: Option<FileName>,
    epoch: usize,
    batches: usize,
    saved: Option<PathBuf>,
}

impl ModelCheckpoint {
    /// Writes the whole model to `filepath` after each epoch.
    pub fn new(filepath: impl Into<PathBuf>) -> Self {
        Self {
            filepath: filepath.into(),
            monitor: Monitor::new("val_loss"),
            save_best_only: false,
            save_weights_only: false,
            save_freq: Frequency::Epoch,
            name: None,
            epoch: 0,
            batches: 0,
            saved: None,
        }
    }

    /// Which value of the logs says what is best; `val_loss` unless set.
    pub fn monitor(mut self, name: impl Into<String>) -> Self {
        self.monitor.set_name(name);
        self
    }

    /// Whether it saves only where the value is the best so far. As in Keras, what is best stays
    /// from one `fit` to the next.
    pub fn save_best_only(self, only: bool) -> Self {
        Self { save_best_only: only, ..self }
    }

    /// Whether it saves weights alone: `model.save_weights`.
    pub fn save_weights_only(self, only: bool) -> Self {
        Self { save_weights_only: only, ..self }
    }

    /// Whether less or more is better.
    pub fn mode(self, mode: Mode) -> Self {
        Self { monitor: self.monitor.mode(mode), ..self }
    }

    /// Saves after each so many batches instead of after each epoch: `save_freq(100)`.
    pub fn save_freq(self, freq: impl Into<Frequency>) -> Self {
        Self { save_freq: freq.into(), ..self }
    }

    /// What the first best value must beat.
    pub fn initial_value_threshold(mut self, threshold: f64) -> Self {
        self.monitor.set_best(Some(threshold));
        self
    }

    /// The texts of the name between its places for numbers: of `{epoch}-best.keras` nothing, and
    /// `-best.keras`.
    pub fn literals(&self) -> Result<Vec<String>> {
        FileName::parse(&self.filepath).map(|name| name.literals())
    }

    /// The best value so far.
    pub fn best(&self) -> Option<f64> {
        self.monitor.best()
    }

    /// The file that was written last.
    pub fn saved(&self) -> Option<&Path> {
        self.saved.as_deref()
    }

    /// Refuses names that do not say what is written.
    fn check_ending(&self) -> Result<()> {
        let name = self.filepath.to_string_lossy();
        let weights = name.ends_with(".weights.h5");
        let whole = !weights && [".keras", ".h5"].iter().any(|ending| name.ends_with(ending));
        let (fits, expected) = match self.save_weights_only {
            true => (weights, "a name that ends in .weights.h5"),
            false => (whole, "a name that ends in .keras or .h5"),
        };
        let help = "save_weights_only(true) writes .weights.h5, else it is .keras or .h5";
        let error = || Error::argument("filepath", expected, &name).with_help(help);
        if fits { Ok(()) } else { Err(error()) }
    }

    /// Whether the model is to be saved.
    fn is_due(&mut self, logs: &Logs, training: &Training<'_>) -> Result<bool> {
        if !self.save_best_only {
            return Ok(true);
        }
        let value = match self.save_freq {
            Frequency::Epoch => self.monitor.value(logs, training)?,
            Frequency::Batches(_) => {
                let value = logs.get(self.monitor.name()).copied();
                Some(value.ok_or_else(|| self.monitor.missing(logs))?)
            }
        };
        Ok(value.is_some_and(|value| self.monitor.improves(value)))
    }

    fn save(
        &mut self,
        epoch: usize,
        batch: Option<usize>,
        logs: &Logs,
        training: &Training<'_>,
    ) -> Result<()> {
        let count = |n: usize| Number::Int(n as u64 + 1);
        let mut numbers = vec![("epoch", count(epoch))];
        numbers.extend(batch.map(|batch| ("batch", count(batch))));
        numbers.extend(logs.iter().map(|(name, &value)| (name, Number::Float(value))));
        let Some(name) = &self.name else { return Ok(()) };
        // A name that cannot be filled is an error at once, and not only where a model is saved.
        let path = name.fill(&numbers)?;
        if !self.is_due(logs, training)? {
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|e| Error::io(folder.display(), e))?;
        }
        training.compiled().save(&path)?;
        self.saved = Some(path);
        Ok(())
    }
}

impl Callback for ModelCheckpoint {
    fn on_train_begin(&mut self, training: &mut Training<'_>) -> Result<()> {
        self.check_ending()?;
        self.save_freq.validate("save_freq")?;
        let name = FileName::parse(&self.filepath)?;
        if self.filepath.is_dir() {
            let path = self.filepath.display();
            return Err(Error::argument("filepath", "a file", format!("the folder {path}")));
        }
        make_writable(&name.folder(), &self.filepath)?;
        if self.save_best_only {
            self.monitor.begin(training)?;
        }
        self.name = Some(name);
        Ok(())
    }

    fn on_epoch_begin(&mut self, epoch: usize, _: &mut Training<'_>) -> Result<()> {
        self.epoch = epoch;
        Ok(())
    }

    fn on_train_batch_end(
        &mut self,
        batch: usize,
        logs: &Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        self.batches += 1;
        if !self.save_freq.is_due(self.batches) {
            return Ok(());
        }
        self.save(self.epoch, Some(batch), logs, training)
    }

    fn on_epoch_end(
        &mut self,
        epoch: usize,
        logs: &mut Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        match self.save_freq {
            Frequency::Epoch => self.save(epoch, None, logs, training),
            Frequency::Batches(_) => Ok(()),
        }
    }

    fn on_train_end(&mut self, _: &Logs, _: &mut Training<'_>) -> Result<()> {
        if self.save_best_only { self.monitor.end() } else { Ok(()) }
    }

    fn state(&self) -> Value {
        let mut state = self.monitor.state();
        state["batches"] = self.batches.into();
        state
    }

    fn set_state(&mut self, state: &Value) -> Result<()> {
        self.monitor.set_state(state)?;
        self.batches = count(state, "batches")?;
        Ok(())
    }
}

/// Makes `folder` where it is not there, and sees to it that such a file can be written in it: better
/// an error now than after an epoch.
fn make_writable(folder: &Path, file: &Path) -> Result<()> {
    if !folder.as_os_str().is_empty() {
        fs::create_dir_all(folder).map_err(|e| Error::io(folder.display(), e))?;
    }
    check_writable(&folder.join(file.file_name().unwrap_or_default()))
}
