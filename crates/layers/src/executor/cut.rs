//! How a batch is cut into chunks, and put together again.

use std::ops::Range;

use ceratops_core::{Result, Tensor};

use crate::Node;

/// About how many numbers a chunk may keep alive at a time: a megabyte, which a core's cache holds.
const CHUNK_NUMBERS: usize = 1 << 18;
/// The most samples in a chunk.
const CHUNK_SAMPLES: usize = 64;

/// How many numbers are alive at a time in inference, for each sample: the input and the output of
/// a layer.
pub(super) fn inference_numbers(nodes: &[Node]) -> usize {
    output_sizes(nodes).max().unwrap_or(0).saturating_mul(2)
}

/// How many numbers are alive at a time in training, for each sample: the outputs of all layers.
pub(super) fn training_numbers(nodes: &[Node]) -> usize {
    output_sizes(nodes).fold(0, usize::saturating_add)
}

/// How many numbers each node puts out for a sample, where that is known.
fn output_sizes(nodes: &[Node]) -> impl Iterator<Item = usize> {
    nodes.iter().filter_map(|node| {
        let shape = node.output_shape()?.features().ok()?;
        Some(shape.into_iter().fold(1, usize::saturating_mul))
    })
}

/// Cuts a batch into chunks of nearly equal length, given how many numbers a sample keeps alive.
pub(super) fn chunks(batch: usize, numbers: usize) -> Vec<Range<usize>> {
    let most = (CHUNK_NUMBERS / numbers.max(1)).clamp(1, CHUNK_SAMPLES);
    // An empty batch is one empty chunk, so that it has an output too.
    let count = batch.div_ceil(most).max(1);
    // Not i * batch / count, which may overflow.
    let (len, longer) = (batch / count, batch % count);
    let start = |i: usize| i * len + i.min(longer);
    (0..count).map(|i| start(i)..start(i + 1)).collect()
}

/// The samples of `range`; not copied if that is all of them.
pub(super) fn samples(x: &Tensor, range: &Range<usize>) -> Result<Tensor> {
    if *range == (0..x.batch()) { Ok(x.clone()) } else { x.batch_slice(range.clone()) }
}

/// The chunks as one batch; not copied if there is only one.
pub(super) fn join(mut parts: Vec<Tensor>) -> Result<Tensor> {
    if parts.len() == 1 { Ok(parts.swap_remove(0)) } else { Tensor::concat(&parts) }
}
