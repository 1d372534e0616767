//! The numbers of a tensor: shared until they change, and handed to the pool when nobody needs
//! them any more.

use std::sync::Arc;

use super::pool::{self, Block};

/// The length of a line of the cache.
const LINE_BYTES: usize = 64;

/// So many numbers within a block that may be longer; no numbers need no block.
#[derive(Clone, Default)]
pub(super) struct Buffer {
    block: Option<Block>,
    start: usize,
    len: usize,
}

impl Buffer {
    /// All zeros.
    pub(super) fn zeros(len: usize) -> Self {
        match pool::take(len) {
            Some(block) => Self::within(block, len).filled(0.0),
            // Of a long block the system gives pages that are zero, and not yet touched.
            None => Self::fresh(len),
        }
    }

    /// The same number everywhere.
    pub(super) fn full(len: usize, value: f32) -> Self {
        Self::of_any(len).filled(value)
    }

    /// Arbitrary numbers, to be overwritten. In a debug build they are NaN, so that tests find who
    /// reads them.
    pub(super) fn for_overwrite(len: usize) -> Self {
        let buffer = Self::of_any(len);
        if cfg!(debug_assertions) { buffer.filled(f32::NAN) } else { buffer }
    }

    /// The same, or nothing where memory does not suffice.
    pub(super) fn try_for_overwrite(len: usize) -> Option<Self> {
        if len <= pool::LONGEST {
            return Some(Self::for_overwrite(len));
        }
        let mut numbers = Vec::new();
        numbers.try_reserve_exact(len).ok()?;
        numbers.resize(len, 0.0);
        Some(numbers.into())
    }

    /// A copy of these numbers.
    pub(super) fn copy_of(numbers: &[f32]) -> Self {
        let mut copy = Self::of_any(numbers.len());
        copy.as_mut_slice().copy_from_slice(numbers);
        copy
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_unique(&self) -> bool {
        self.block.as_ref().is_none_or(|block| Arc::strong_count(block) == 1)
    }

    pub(super) fn as_slice(&self) -> &[f32] {
        self.block.as_ref().map_or(&[], |block| &block[self.start..self.start + self.len])
    }

    /// The numbers, to be changed; copied first if they are shared.
    pub(super) fn as_mut_slice(&mut self) -> &mut [f32] {
        if !self.is_unique() {
            *self = Self::copy_of(self.as_slice());
        }
        let numbers = self.block.as_mut().and_then(Arc::get_mut);
        numbers.map_or(&mut [], |numbers| &mut numbers[self.start..self.start + self.len])
    }

    /// The numbers as a vector; copied if they are shared.
    pub(super) fn into_vec(mut self) -> Vec<f32> {
        let Some(block) = self.block.take() else { return Vec::new() };
        let mut numbers = Arc::try_unwrap(block).unwrap_or_else(|shared| shared.to_vec());
        numbers.drain(..self.start);
        numbers.truncate(self.len);
        numbers
    }

    fn of_any(len: usize) -> Self {
        pool::take(len).map_or_else(|| Self::fresh(len), |block| Self::within(block, len))
    }

    fn fresh(len: usize) -> Self {
        if len == 0 {
            return Self::default();
        }
        Self::within(Arc::new(vec![0.0; pool::block_len(len)]), len)
    }

    /// The first numbers of `block` that begin with a line of the cache, so that the CPU's vectors
    /// do not straddle two of them.
    fn within(block: Block, len: usize) -> Self {
        let start = block.as_ptr().align_offset(LINE_BYTES).min(block.len() - len);
        Self { block: Some(block), start, len }
    }

    fn filled(mut self, value: f32) -> Self {
        self.as_mut_slice().fill(value);
        self
    }
}

impl From<Vec<f32>> for Buffer {
    fn from(numbers: Vec<f32>) -> Self {
        let len = numbers.len();
        Self { block: (len > 0).then(|| Arc::new(numbers)), start: 0, len }
    }
}

impl PartialEq for Buffer {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // Nobody can begin to share a block that only this buffer holds.
        if let Some(block) = self.block.take().filter(|block| Arc::strong_count(block) == 1) {
            pool::give(block);
        }
    }
}
