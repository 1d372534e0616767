//! The steps of a sequence: the second axis of (batch, time, ...), taken apart and put together.

use ceratops_core::{Error, Mask, Result, Tensor};

/// Step `t` of each sample: (batch, ...).
pub(super) fn step(x: &Tensor, t: usize) -> Result<Tensor> {
    let &[batch, time, ref rest @ ..] = x.shape() else { return Err(no_steps(x)) };
    let each: usize = rest.iter().product();
    let mut step = Tensor::for_overwrite(&[&[batch], rest].concat());
    let samples = step.as_mut_slice().chunks_exact_mut(each.max(1));
    for (to, from) in samples.zip(x.as_slice().chunks_exact((time * each).max(1))) {
        to.copy_from_slice(&from[t * each..][..each]);
    }
    Ok(step)
}

/// (batch, time, ...) of the steps (batch, ...), which have one shape.
pub(super) fn stack(steps: &[Tensor]) -> Result<Tensor> {
    let Some(&[batch, ref rest @ ..]) = steps.first().map(Tensor::shape) else {
        return Err(Error::Data("a sequence has at least one step".into()));
    };
    let (time, each) = (steps.len(), rest.iter().product::<usize>());
    let mut stacked = Tensor::for_overwrite(&[&[batch, time], rest].concat());
    for (t, step) in steps.iter().enumerate() {
        let samples = stacked.as_mut_slice().chunks_exact_mut((time * each).max(1));
        for (to, from) in samples.zip(step.as_slice().chunks_exact(each.max(1))) {
            to[t * each..][..each].copy_from_slice(from);
        }
    }
    Ok(stacked)
}

/// The mask of samples that are each a step of another: (batch · time, ...) of (batch, time, ...).
pub(super) fn as_samples(mask: Mask) -> Result<Mask> {
    let keep = mask.tensor();
    let &[batch, time, ref rest @ ..] = keep.shape() else { return Err(no_steps(keep)) };
    let shape = [&[batch * time], rest].concat();
    keep.clone().reshape(&shape).map(Mask::from)
}

fn no_steps(x: &Tensor) -> Error {
    Error::shape("input", "(batch, time, ...)", x.shape(), "")
}
