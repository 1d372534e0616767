//! Source: where the batches of a `fit` come from, arrays or somebody's iterators.

use ceratops_core::{Error, Result};

use crate::data::{Batch, Batches, Dataset, Examples, order};

/// Where the batches come from.
pub(super) enum Source<'a> {
    /// Samples that are cut into batches, in an order drawn from the seed if there is one.
    Samples {
        data: Box<Dataset>,
        batch_size: usize,
        seed: Option<u64>,
    },
    Batches(Box<dyn Batches + 'a>),
}

/// A batch of a source.
pub(super) enum Piece {
    /// One that the model takes as it is.
    Ready(Examples),
    /// One from elsewhere.
    Raw(Batch),
}

impl<'a> Source<'a> {
    /// How many batches an epoch has, if that is known.
    pub(super) fn steps(&self) -> Option<usize> {
        match self {
            Self::Samples { data, batch_size, .. } => Some(data.len().div_ceil(*batch_size)),
            Self::Batches(batches) => batches.steps(),
        }
    }

    /// Whether batches are made while the model learns from others.
    pub(super) fn is_made_ahead(&self) -> bool {
        match self {
            Self::Samples { data, .. } => data.is_read(),
            Self::Batches(_) => true,
        }
    }

    /// The batches of an epoch from batch `first` on, `most` of them at the most. Where that is less
    /// than all samples give, the next epoch goes on with the others, as in Keras; batches from
    /// elsewhere are begun anew in each.
    pub(super) fn epoch<'s>(
        &'s mut self,
        epoch: usize,
        first: usize,
        most: Option<usize>,
    ) -> Box<dyn Iterator<Item = Result<Piece>> + Send + 's> {
        match self {
            Self::Samples { data, batch_size, seed } => {
                let (data, size) = (&*data, *batch_size);
                let all = data.len().div_ceil(size);
                let most = most.unwrap_or(all).max(1);
                // How many epochs go once through the samples.
                let epochs = all.div_ceil(most);
                let order = order(data.len(), *seed, epoch / epochs);
                let begin = epoch % epochs * most;
                let steps = begin + first..all.min(begin + most);
                Box::new(steps.map(move |step| {
                    let indices = &order[step * size..order.len().min((step + 1) * size)];
                    data.gather(indices).map(Piece::Ready)
                }))
            }
            Self::Batches(batches) => {
                let batches = batches.epoch(epoch).take(most.unwrap_or(usize::MAX)).skip(first);
                Box::new(batches.map(|batch| batch.map(Piece::Raw)))
            }
        }
    }
}

/// The error of an epoch in which there was nothing to learn from.
pub(super) fn no_batches(epoch: usize) -> Error {
    Error::Data(format!(
        "epoch {epoch} (counted from 0) has no batches; the iterator must give some for each epoch"
    ))
}
