//! The grid of chunks that covers a data set, and the copy of a chunk into its place.

use ceratops_core::Result;

use super::{damaged, dataset::Dataset, datatype::count};

/// How a data set is cut.
pub(super) struct Grid<'a> {
    shape: &'a [usize],
    /// The length of a chunk along each axis; none is 0.
    chunk: Vec<usize>,
    size: usize,
    /// How many bytes a chunk has.
    pub(super) chunk_len: usize,
}

impl<'a> Grid<'a> {
    pub(super) fn new(dataset: &'a Dataset, chunk: Vec<usize>) -> Result<Self> {
        let size = dataset.datatype.size;
        let chunk_len = count(&chunk)?.checked_mul(size).filter(|&len| len > 0);
        let chunk_len = chunk_len.filter(|_| chunk.len() == dataset.shape.len());
        let chunk_len = chunk_len.ok_or_else(|| damaged(format!("chunks of shape {chunk:?}")))?;
        Ok(Self { shape: &dataset.shape, chunk, size, chunk_len })
    }

    pub(super) fn rank(&self) -> usize {
        self.chunk.len()
    }

    /// How many chunks there are along each axis.
    fn counts(&self) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator {
        self.shape.iter().zip(&self.chunk).map(|(&axis, &chunk)| axis.div_ceil(chunk))
    }

    /// How many chunks there are.
    pub(super) fn len(&self) -> u64 {
        self.counts().fold(1u64, |product, axis| product.saturating_mul(axis as u64))
    }

    /// Where the chunk with this number begins, counted row by row.
    pub(super) fn start_of(&self, number: u64) -> Vec<u64> {
        let mut left = number;
        let mut start: Vec<u64> = self
            .counts()
            .zip(&self.chunk)
            .rev()
            .map(|(count, &chunk)| {
                let place = left % (count as u64).max(1);
                left /= (count as u64).max(1);
                place * chunk as u64
            })
            .collect();
        start.reverse();
        start
    }

    /// Where the chunk at these places along each axis begins.
    pub(super) fn start_at(&self, places: &[u64]) -> Vec<u64> {
        let start = |(&place, &chunk): (&u64, &usize)| place.saturating_mul(chunk as u64);
        places.iter().zip(&self.chunk).map(start).collect()
    }

    /// Whether a chunk that begins here reaches beyond the data set.
    pub(super) fn is_cut(&self, start: &[u64]) -> bool {
        let ends = start.iter().zip(&self.chunk).zip(self.shape);
        ends.into_iter()
            .any(|((&start, &chunk), &axis)| start.saturating_add(chunk as u64) > axis as u64)
    }

    /// Copies the part of a chunk that lies within the data set.
    pub(super) fn place(&self, bytes: &[u8], start: &[u64], whole: &mut [u8]) -> Result<()> {
        let Some((last, axes)) = self.chunk.len().checked_sub(1).map(|last| (last, 0..last)) else {
            whole.copy_from_slice(&bytes[..whole.len()]);
            return Ok(());
        };
        let start: Vec<usize> =
            start.iter().map(|&at| usize::try_from(at).unwrap_or(usize::MAX)).collect();
        let seen = |axis: usize| self.shape[axis].saturating_sub(start[axis]).min(self.chunk[axis]);
        if start.len() != self.chunk.len() || (0..=last).any(|axis| seen(axis) == 0) {
            return Err(damaged("a chunk outside its data set"));
        }
        let run = seen(last) * self.size;
        let rows: usize = axes.clone().map(seen).product();
        for row in 0..rows {
            // The place of the row along each axis, the last of them counted fastest.
            let (mut left, mut from, mut to) = (row, 0, start[last]);
            let (mut chunk_step, mut whole_step) = (self.chunk[last], self.shape[last]);
            for axis in axes.clone().rev() {
                let place = left % seen(axis);
                left /= seen(axis);
                from += place * chunk_step;
                to += (start[axis] + place) * whole_step;
                chunk_step *= self.chunk[axis];
                whole_step *= self.shape[axis];
            }
            let (from, to) = (from * self.size, to * self.size);
            whole[to..to + run].copy_from_slice(&bytes[from..from + run]);
        }
        Ok(())
    }
}
