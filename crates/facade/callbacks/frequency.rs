//! Frequency: after each epoch, or after so many batches.

use std::str::FromStr;

use ceratops_core::{Error, Result};

/// After each epoch, or after so many batches: what [`ModelCheckpoint`](super::ModelCheckpoint) and
/// `TensorBoard` take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Frequency {
    /// After each epoch.
    #[default]
    Epoch,
    /// After each so many batches, counted through the epochs.
    Batches(usize),
}

impl Frequency {
    /// Refuses a frequency of no batches.
    pub(super) fn validate(self, argument: &str) -> Result<()> {
        if self == Self::Batches(0) {
            return Err(Error::argument(argument, "at least 1 batch, or Frequency::Epoch", 0));
        }
        Ok(())
    }

    /// Whether it is time after so many batches.
    pub(super) fn is_due(self, batches: usize) -> bool {
        matches!(self, Self::Batches(n) if batches.is_multiple_of(n))
    }
}

impl From<usize> for Frequency {
    fn from(batches: usize) -> Self {
        Self::Batches(batches)
    }
}

impl FromStr for Frequency {
    type Err = Error;

    /// Keras' words: `epoch`, `batch`, or a number of batches.
    fn from_str(word: &str) -> Result<Self> {
        match (word, word.parse()) {
            ("epoch", _) => Ok(Self::Epoch),
            ("batch", _) => Ok(Self::Batches(1)),
            (_, Ok(batches)) => Ok(Self::Batches(batches)),
            _ => Err(Error::unknown("frequency", word, ["epoch", "batch"])
                .with_help("say epoch, batch, or a number of batches")),
        }
    }
}
