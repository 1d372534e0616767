//! Batches of a model whose layers keep their states from one to the next: all of the same length.

use ceratops_core::{Error, Result, Tensor};

use super::{TestPass, cut, join};
use crate::Model;

/// Refuses a batch of another length than the model's, if its layers keep states.
pub(super) fn expect_batch(model: &Model, batch: usize) -> Result<()> {
    match model.stateful_batch_size()? {
        Some(size) if size != batch => Err(unlike(size, batch)),
        _ => Ok(()),
    }
}

/// Runs the samples of `xs` in batches of that length, one after the other.
pub(super) fn batch_by_batch(
    xs: &[Tensor],
    size: usize,
    mut run: impl FnMut(&[Tensor]) -> Result<TestPass>,
) -> Result<TestPass> {
    let samples = xs.first().map_or(0, Tensor::batch);
    if samples == 0 || !samples.is_multiple_of(size) {
        return Err(unlike(size, samples));
    }
    let mut passes = Vec::with_capacity(samples / size);
    for start in (0..samples).step_by(size) {
        let batch = cut::all_samples(xs, &(start..start + size))?;
        passes.push(run(&batch)?);
    }
    join(passes)
}

fn unlike(size: usize, found: usize) -> Error {
    let expected = format!("batches of {size} samples, as the Input says");
    let help = "the states of a stateful layer are kept for each sample of a batch: give as many \
                samples to predict as fill whole batches, and fit in batches of that size";
    Error::argument("x", expected, format!("{found} samples")).with_help(help)
}
