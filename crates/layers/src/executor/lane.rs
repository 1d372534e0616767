//! Lanes: chunks whose gradients are summed in one place, one after the other.

use std::ops::Range;

use ceratops_core::{Result, Tensor, parallel};

use super::{chunk::Chunk, cut::SHARES, plan::Plan};

/// About how many numbers the sums of all lanes may have together, but there are two lanes in any
/// case: all are zeroed and added up in every step. There are at most [`SHARES`].
const LANE_NUMBERS: usize = 1 << 21;
/// How many numbers of the sums are added up at a time; they stay in the fastest cache.
const PIECE: usize = 1 << 13;

/// Neighbouring chunks with the sum of their gradients.
pub(super) struct Lane {
    pub(super) chunks: Vec<Chunk>,
    pub(super) slots: Vec<Option<Tensor>>,
    /// The loss of each output.
    pub(super) losses: Vec<f64>,
}

impl Lane {
    /// Zeroes the gradients.
    pub(super) fn begin(&mut self, plan: &Plan<'_>) {
        self.slots = plan.gradients();
    }
}

/// How many chunks are in each lane.
pub(super) fn chunks_per_lane(chunks: &[Range<usize>], plan: &Plan<'_>) -> usize {
    let affordable = (LANE_NUMBERS / plan.learning_numbers.max(1)).clamp(2, SHARES);
    // A power of two, so that the lanes have equally many chunks.
    let lanes = 1 << affordable.ilog2();
    chunks.len().div_ceil(lanes).max(1)
}

/// The sums of all lanes, added up in order into those of the first.
pub(super) fn add_up(lanes: Vec<Lane>) -> Result<Vec<Option<Tensor>>> {
    let mut lanes = lanes.into_iter().map(|lane| lane.slots);
    let mut sums = lanes.next().unwrap_or_default();
    let others: Vec<_> = lanes.collect();
    let mut pieces = Vec::new();
    for (i, sum) in sums.iter_mut().enumerate() {
        let Some(sum) = sum else { continue };
        let others = others.iter().filter_map(|slots| slots.get(i)?.as_ref());
        let parts: Vec<&[f32]> = others.map(Tensor::as_slice).collect();
        for (piece, sum) in sum.as_mut_slice().chunks_mut(PIECE).enumerate() {
            pieces.push((sum, piece * PIECE, parts.clone()));
        }
    }
    parallel::try_for_each(&mut pieces, |(sum, start, parts)| {
        parts.iter().for_each(|part| add(sum, &part[*start..]));
        Ok(())
    })?;
    Ok(sums)
}

/// sum = sum + part
fn add(sum: &mut [f32], part: &[f32]) {
    ceratops_core::vectorize(
        #[inline(always)]
        move || sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part),
    );
}
