//! How a batch is cut into chunks, and put together again.

use std::ops::Range;

use ceratops_core::{Mode, Result, Shape, Tensor, Tensors};

use super::plan::Plan;
use crate::Model;

/// About how many numbers a chunk may keep alive in inference: a megabyte, which a core's cache
/// holds. Each chunk reads all weights: where they are many, it may keep as many numbers alive as there
/// are weights.
const INFERENCE_NUMBERS: usize = 1 << 18;
/// And in training, where what is saved is next read on the way back: smaller chunks were measured
/// to cost more than they save.
const TRAINING_NUMBERS: usize = 1 << 20;
/// The most samples in a chunk.
const CHUNK_SAMPLES: usize = 128;
/// From as many chunks on, their number is a multiple of this; up to there it is a power of two:
/// so 2, 4 or 8 cores get equal shares.
pub(super) const SHARES: usize = 8;

/// The chunks of a batch in inference.
pub(super) fn for_inference(batch: usize, model: &Model) -> Vec<Range<usize>> {
    // Only what is in training mode always looks at other samples here.
    if model.couples(Mode::Inference) {
        return std::iter::once(0..batch).collect();
    }
    let alive = most_alive(model);
    chunks(batch, INFERENCE_NUMBERS.max(model.count_params()) / alive.max(1))
}

/// The chunks of a batch in training, where the outputs of all layers are alive at a time.
pub(super) fn for_training(batch: usize, plan: &Plan<'_>) -> Vec<Range<usize>> {
    let shapes = plan.steps.iter().flat_map(|step| step.shapes);
    let all = shapes.filter_map(numbers).fold(0, usize::saturating_add);
    chunks(batch, TRAINING_NUMBERS.max(plan.model.count_params()) / all.max(1))
}

/// How many numbers of a sample are alive at a time in inference: the input and the output of the
/// largest layer, or what waits for later readers besides.
fn most_alive(model: &Model) -> usize {
    let sizes = model.value_shapes().map(|shape| shape.and_then(numbers).unwrap_or(0));
    let sizes: Vec<usize> = sizes.collect();
    let calls = model.calls();
    let largest = calls.iter().flat_map(|call| call.outputs.clone()).map(|value| sizes[value]);
    let pair = largest.max().unwrap_or(0).saturating_mul(2);
    if model.schedule().is_chain() {
        return pair;
    }
    let (mut now, mut most) = (0usize, pair);
    for (i, call) in calls.iter().enumerate() {
        let made = call.outputs.clone().map(|value| sizes[value]);
        now = now.saturating_add(made.fold(0, usize::saturating_add));
        most = most.max(now);
        for (place, &value) in call.inputs.iter().enumerate() {
            if model.schedule().is_last_use(i, place) && value >= model.input_count() {
                now = now.saturating_sub(sizes[value]);
            }
        }
    }
    most
}

/// How many numbers a sample of that shape has, where that is known.
fn numbers(shape: &Shape) -> Option<usize> {
    let features = shape.features().ok()?;
    Some(features.into_iter().fold(1, usize::saturating_mul))
}

/// Cuts a batch into chunks of nearly equal length, of about so many samples at most.
fn chunks(batch: usize, most: usize) -> Vec<Range<usize>> {
    let count = batch.div_ceil(most.clamp(1, CHUNK_SAMPLES));
    let even = if count < SHARES {
        count.next_power_of_two()
    } else {
        count.checked_next_multiple_of(SHARES).unwrap_or(count)
    };
    // No chunk without samples; but an empty batch is one, so that it has an output too.
    let count = even.min(batch).max(1);
    let (len, longer) = (batch / count, batch % count);
    let start = |i: usize| i * len + i.min(longer);
    (0..count).map(|i| start(i)..start(i + 1)).collect()
}

/// The samples of `range`, with zeros for what is below the normal numbers; not copied if that is all
/// of them.
pub(super) fn samples(x: &Tensor, range: &Range<usize>) -> Result<Tensor> {
    let all = *range == (0..x.batch());
    let samples = if all { x.clone() } else { x.batch_slice(range.clone())? };
    Ok(samples.flushed())
}

/// The samples of `range` of each tensor.
pub(super) fn all_samples(xs: &[Tensor], range: &Range<usize>) -> Result<Tensors> {
    xs.iter().map(|x| samples(x, range)).collect()
}

/// The chunks as one batch; not copied if there is only one.
pub(super) fn join(mut parts: Vec<Tensor>) -> Result<Tensor> {
    if parts.len() == 1 { Ok(parts.swap_remove(0)) } else { Tensor::concat(&parts) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_nearly_equal_and_hold_every_sample() {
        for (batch, most, count) in [
            (0, 9, 1),
            (1, 9, 1),
            (32, 64, 1),
            (32, 0, 32),
            (32, 7, 8),
            (33, 16, 4),
            (129, 64, 4),
            (700, 64, 16),
            (3, 1, 3),
        ] {
            let chunks = chunks(batch, most);
            assert_eq!(chunks.len(), count, "{batch} samples, at most {most}");
            assert_eq!((chunks[0].start, chunks[count - 1].end), (0, batch));
            assert!(chunks.windows(2).all(|pair| pair[0].end == pair[1].start));
            let lengths = chunks.iter().map(|chunk| chunk.len());
            assert!(lengths.clone().max() <= lengths.min().map(|least| least + 1));
        }
    }
}
