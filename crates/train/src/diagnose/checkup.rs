//! Checkup: a callback that diagnoses the model every so often.

use std::fmt;

use ceratops_core::{Inputs, IntoInputs, Result};

use super::{Diagnose, Diagnosis};
use crate::{Callback, Logs, Training};

type Told<'a> = Box<dyn FnMut(&Checked, &mut Training<'_>) + 'a>;

/// A callback that diagnoses the model while it is trained, on samples that it is given: after
/// every epoch, or every so many, or every so many batches. The diagnoses are kept, and told to a
/// closure if there is one.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_layers::{Dense, Input, sequential};
/// use ceratops_train::{Checkup, Compile, FitOptions};
///
/// let model = sequential![Input::new([1]), Dense::new(4).activation("relu"), Dense::new(1)]?;
/// let mut model = model.compile("sgd", "mse", ())?;
/// let x = Tensor::from([[0.0], [1.0], [2.0], [3.0]]);
/// let mut checkup = Checkup::new(&x).labels(&x).every_epochs(2);
/// model.fit(&x, &x, FitOptions::new().epochs(4).callback(&mut checkup))?;
/// assert_eq!(checkup.checked.iter().map(|c| c.epoch).collect::<Vec<_>>(), [1, 3]);
/// assert!(checkup.checked[0].diagnosis.loss > checkup.checked[1].diagnosis.loss);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// A diagnosis takes two to four times as long as a pass over these samples.
pub struct Checkup<'a> {
    x: Inputs,
    y: Option<Inputs>,
    epochs: usize,
    batches: Option<usize>,
    told: Option<Told<'a>>,
    epoch: usize,
    /// What was found, in order; in a training that goes on from a backup, since then.
    pub checked: Vec<Checked>,
}

/// A diagnosis, and when it was made.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Checked {
    /// The epoch, from 0.
    pub epoch: usize,
    /// The batch of that epoch after which it was made; `None` at the end of the epoch.
    pub batch: Option<usize>,
    /// What was found.
    pub diagnosis: Diagnosis,
}

impl<'a> Checkup<'a> {
    /// Diagnoses on the samples `x` after every epoch.
    pub fn new(x: impl IntoInputs) -> Self {
        let x = x.into();
        Self { x, y: None, epochs: 1, batches: None, told: None, epoch: 0, checked: Vec::new() }
    }

    /// With the labels of the samples there are gradients and updates too: it then asks
    /// [`CompiledModel::diagnose_training`](crate::CompiledModel::diagnose_training).
    #[must_use]
    pub fn labels(self, y: impl IntoInputs) -> Self {
        Self { y: Some(y.into()), ..self }
    }

    /// After every so many epochs only.
    #[must_use]
    pub fn every_epochs(self, epochs: usize) -> Self {
        Self { epochs: epochs.max(1), ..self }
    }

    /// After every so many batches of an epoch too.
    #[must_use]
    pub fn every_batches(self, batches: usize) -> Self {
        Self { batches: Some(batches.max(1)), ..self }
    }

    /// Calls `f` with each diagnosis: to print it, say, or to stop the training.
    #[must_use]
    pub fn then(self, f: impl FnMut(&Checked, &mut Training<'_>) + 'a) -> Self {
        Self { told: Some(Box::new(f)), ..self }
    }

    fn check(&mut self, batch: Option<usize>, training: &mut Training<'_>) -> Result<()> {
        let diagnosis = match &self.y {
            Some(y) => training.compiled().diagnose_training(&self.x, y)?,
            None => training.model().diagnose(&self.x)?,
        };
        let checked = Checked { epoch: self.epoch, batch, diagnosis };
        if let Some(told) = &mut self.told {
            told(&checked, training);
        }
        self.checked.push(checked);
        Ok(())
    }
}

impl Callback for Checkup<'_> {
    fn on_epoch_begin(&mut self, epoch: usize, _: &mut Training<'_>) -> Result<()> {
        self.epoch = epoch;
        Ok(())
    }

    fn on_train_batch_end(
        &mut self,
        batch: usize,
        _: &Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        match self.batches {
            Some(every) if (batch + 1).is_multiple_of(every) => self.check(Some(batch), training),
            _ => Ok(()),
        }
    }

    fn on_epoch_end(
        &mut self,
        epoch: usize,
        _: &mut Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        if !(epoch + 1).is_multiple_of(self.epochs) {
            return Ok(());
        }
        self.check(None, training)
    }
}

impl fmt::Debug for Checkup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epochs, batches, checked, .. } = self;
        let mut debug = f.debug_struct("Checkup");
        debug.field("epochs", epochs).field("batches", batches).field("checked", checked);
        debug.finish_non_exhaustive()
    }
}
