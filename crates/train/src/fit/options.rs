//! FitOptions: how long, on what, and how to train.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, atomic::AtomicBool},
};

use ceratops_core::{Arrays, Error, Inputs, IntoArrays, IntoInputs, Result};

use super::Backup;
use crate::{Batches, Callback};

/// What `fit` shows on the standard error stream, if the feature `progress` is on. Nothing else
/// of this library prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verbose {
    /// A bar on a terminal, else lines: Keras' `verbose="auto"`.
    #[default]
    Auto,
    /// Nothing: Keras' `verbose=0`.
    Silent,
    /// A bar that grows while an epoch runs: Keras' `verbose=1`.
    Bar,
    /// One line after each epoch: Keras' `verbose=2`.
    Lines,
}

/// After which epochs `fit` validates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValidationFreq {
    /// After every so many.
    Every(usize),
    /// After these, counted from 1.
    After(Vec<usize>),
}

impl ValidationFreq {
    /// Whether it does after `epoch`, counted from 0.
    pub(crate) fn is_due(&self, epoch: usize) -> bool {
        match self {
            Self::Every(n) => (epoch + 1).is_multiple_of(*n),
            Self::After(epochs) => epochs.contains(&(epoch + 1)),
        }
    }
}

impl From<usize> for ValidationFreq {
    fn from(epochs: usize) -> Self {
        Self::Every(epochs)
    }
}

impl From<Vec<usize>> for ValidationFreq {
    fn from(epochs: Vec<usize>) -> Self {
        Self::After(epochs)
    }
}

impl<const N: usize> From<[usize; N]> for ValidationFreq {
    fn from(epochs: [usize; N]) -> Self {
        Self::After(epochs.into())
    }
}

/// How `fit` trains, with Keras' defaults: 1 epoch, batches of 32, shuffled.
///
/// ```
/// use ceratops_train::FitOptions;
///
/// let options = FitOptions::new().epochs(5).batch_size(64).validation_split(0.1).seed(7);
/// # let _ = options;
/// ```
#[must_use]
pub struct FitOptions<'a> {
    pub(crate) epochs: usize,
    pub(crate) initial_epoch: usize,
    pub(crate) batch_size: usize,
    pub(crate) shuffle: bool,
    pub(crate) seed: u64,
    pub(crate) validation_split: Option<f64>,
    pub(crate) validation_data: Option<(Arrays, Arrays)>,
    pub(crate) validation_batches: Option<Box<dyn Batches + 'a>>,
    pub(crate) validation_sample_weight: Option<Inputs>,
    pub(crate) validation_batch_size: Option<usize>,
    pub(crate) validation_freq: ValidationFreq,
    pub(crate) validation_steps: Option<usize>,
    pub(crate) steps_per_epoch: Option<usize>,
    pub(crate) class_weight: Option<Arc<BTreeMap<usize, f32>>>,
    pub(crate) sample_weight: Option<Inputs>,
    pub(crate) verbose: Verbose,
    pub(crate) callbacks: Vec<Box<dyn Callback + 'a>>,
    pub(crate) backup: Option<Box<dyn Backup + 'a>>,
    pub(crate) interrupt: Option<&'a AtomicBool>,
}

impl Default for FitOptions<'_> {
    // Not inlined, as with `Sequential::with_seed`: two equal options would share their memory.
    #[inline(never)]
    fn default() -> Self {
        Self {
            epochs: 1,
            initial_epoch: 0,
            batch_size: 32,
            shuffle: true,
            seed: 0,
            validation_split: None,
            validation_data: None,
            validation_batches: None,
            validation_sample_weight: None,
            validation_batch_size: None,
            validation_freq: ValidationFreq::Every(1),
            validation_steps: None,
            steps_per_epoch: None,
            class_weight: None,
            sample_weight: None,
            verbose: Verbose::Auto,
            callbacks: Vec::new(),
            backup: None,
            interrupt: None,
        }
    }
}

impl<'a> FitOptions<'a> {
    /// Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// How often the data is gone through. It is the number of the last epoch, so that it counts
    /// from [`FitOptions::initial_epoch`].
    pub fn epochs(self, epochs: usize) -> Self {
        Self { epochs, ..self }
    }

    /// The number of the first epoch, to go on where another fit ended.
    pub fn initial_epoch(self, initial_epoch: usize) -> Self {
        Self { initial_epoch, ..self }
    }

    /// How many samples make an update; the last batch may have fewer.
    pub fn batch_size(self, batch_size: usize) -> Self {
        Self { batch_size, ..self }
    }

    /// Whether the samples are shuffled before each epoch.
    pub fn shuffle(self, shuffle: bool) -> Self {
        Self { shuffle, ..self }
    }

    /// Whence shuffling and Dropout draw. It is 0 unless set, so that the same program always
    /// trains the same weights.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Validates on this last part of the data, which is taken before shuffling.
    pub fn validation_split(self, fraction: f64) -> Self {
        Self { validation_split: (fraction != 0.0).then_some(fraction), ..self }
    }

    /// Validates on these samples and labels, and not on a part of the data.
    pub fn validation_data(self, x: impl IntoArrays, y: impl IntoArrays) -> Self {
        Self { validation_data: Some((x.into(), y.into())), ..self }
    }

    /// Validates on these batches, those of their epoch with the same number.
    pub fn validation_batches(self, batches: impl Batches + 'a) -> Self {
        Self { validation_batches: Some(Box::new(batches)), ..self }
    }

    /// How many samples validation reads at once: as many as training, unless set. It matters to
    /// losses that are no mean over the samples.
    pub fn validation_batch_size(self, batch_size: usize) -> Self {
        Self { validation_batch_size: Some(batch_size), ..self }
    }

    /// Validates on so many of the [`FitOptions::validation_batches`] only, which may then be endless.
    pub fn validation_steps(self, steps: usize) -> Self {
        Self { validation_steps: Some(steps), ..self }
    }

    /// Ends each epoch after so many batches. As in Keras, arrays are gone on with in the next epoch,
    /// and shuffled anew when all of them were seen; batches from elsewhere
    /// ([`Batches`]) are begun anew in each epoch, whose number they are told.
    pub fn steps_per_epoch(self, steps: usize) -> Self {
        Self { steps_per_epoch: Some(steps), ..self }
    }

    /// Weights for the samples of [`FitOptions::validation_data`].
    pub fn validation_sample_weight(self, weights: impl IntoInputs) -> Self {
        Self { validation_sample_weight: Some(weights.into()), ..self }
    }

    /// Validates after every so many epochs, or after those of a list, counted from 1; after each by
    /// default.
    pub fn validation_freq(self, epochs: impl Into<ValidationFreq>) -> Self {
        Self { validation_freq: epochs.into(), ..self }
    }

    /// A weight in the loss for each class; classes without one weigh 1. Validation is not
    /// weighted.
    ///
    /// A label is the index of its class, or a row that is 1 at its class (probabilities stand for the
    /// largest of them). Where a sample has a label for each step, each step weighs as its class.
    /// Labels that name no class are an error: several ones in a row, numbers to be predicted. Keras
    /// takes the largest of a row for its class, whatever the row is.
    pub fn class_weight(self, weights: impl IntoIterator<Item = (usize, f32)>) -> Self {
        Self { class_weight: Some(Arc::new(weights.into_iter().collect())), ..self }
    }

    /// A weight in the loss for each sample. The divisor remains the number of samples, and the
    /// metrics are not weighted. For a model of several outputs they hold for all of them, or each has
    /// its own, in their order or by their names; those that are not named are not weighted.
    pub fn sample_weight(self, weights: impl IntoInputs) -> Self {
        Self { sample_weight: Some(weights.into()), ..self }
    }

    /// What is shown on the standard error stream.
    pub fn verbose(self, verbose: Verbose) -> Self {
        Self { verbose, ..self }
    }

    /// Tells each of them how the training goes.
    pub fn callbacks(
        mut self,
        callbacks: impl IntoIterator<Item = Box<dyn Callback + 'a>>,
    ) -> Self {
        self.callbacks.extend(callbacks);
        self
    }

    /// Tells `callback` how the training goes, `&mut callback` if it is needed afterwards.
    pub fn callback(mut self, callback: impl Callback + 'a) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Keeps the training while it runs, and goes on where it was kept before: see
    /// [`Backup`].
    pub fn backup(self, backup: impl Backup + 'a) -> Self {
        Self { backup: Some(Box::new(backup)), ..self }
    }

    /// Ends the training after the batch during which `flag` becomes true: Ctrl-C, say. It can go on
    /// from its [`FitOptions::backup`].
    pub fn interrupted_by(self, flag: &'a AtomicBool) -> Self {
        Self { interrupt: Some(flag), ..self }
    }

    /// Whether something else than a part of the data is validated on.
    pub(crate) fn validates_elsewhere(&self) -> bool {
        self.validation_data.is_some() || self.validation_batches.is_some()
    }

    /// Refuses what says nothing about batches that come from elsewhere.
    pub(crate) fn validate_for_batches(&self) -> Result<()> {
        let set = [
            ("validation_split", self.validation_split.is_some(), "give validation_data instead"),
            ("sample_weight", self.sample_weight.is_some(), "let the batches bring them"),
        ];
        match set.into_iter().find(|(_, is_set, _)| *is_set) {
            Some((name, _, help)) => {
                Err(Error::argument(name, "none with fit_batches", "some").with_help(help))
            }
            None => Ok(()),
        }
    }

    /// Refuses what cannot be done, whatever the data.
    pub(crate) fn validate(&self) -> Result<()> {
        if self.batch_size == 0 {
            return Err(Error::argument("batch_size", "at least 1", 0).with_help("Keras' is 32"));
        }
        let zero = [
            ("validation_freq", self.validation_freq == ValidationFreq::Every(0)),
            ("validation_batch_size", self.validation_batch_size == Some(0)),
            ("validation_steps", self.validation_steps == Some(0)),
            ("steps_per_epoch", self.steps_per_epoch == Some(0)),
        ];
        if let Some((name, _)) = zero.iter().find(|(_, is_zero)| *is_zero) {
            return Err(Error::argument(*name, "at least 1", 0));
        }
        if self.validation_data.is_some() && self.validation_batches.is_some() {
            let expected = "validation_data or validation_batches";
            return Err(Error::argument("validation_data", expected, "both of them"));
        }
        if self.class_weight.is_some() && self.sample_weight.is_some() {
            return Err(Error::argument(
                "class_weight",
                "class_weight or sample_weight",
                "both of them",
            )
            .with_help("multiply the weights of the classes into sample_weight"));
        }
        if self.validation_sample_weight.is_some() && self.validation_data.is_none() {
            let expected = "validation_data beside it";
            let error = Error::argument("validation_sample_weight", expected, "none");
            return Err(error.with_help("a validation_split takes its weights from sample_weight"));
        }
        Ok(())
    }
}

impl fmt::Debug for FitOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FitOptions")
            .field("epochs", &self.epochs)
            .field("initial_epoch", &self.initial_epoch)
            .field("batch_size", &self.batch_size)
            .field("shuffle", &self.shuffle)
            .field("seed", &self.seed)
            .field("validation_split", &self.validation_split)
            .field("class_weight", &self.class_weight)
            .field("verbose", &self.verbose)
            .field("callbacks", &self.callbacks.len())
            .finish_non_exhaustive()
    }
}
