//! The pool: memory that tensors no longer need, kept for the next ones.
//!
//! A training step makes the same tensors again and again. Memory that goes back to the system in
//! between is faulted in anew, page by page, which takes longer than many a layer. So each thread
//! keeps what its tensors leave, the last used on top, since that is still in the cache. What it
//! has too much of it hands, the oldest first, to a pool that all threads share: a batch is made
//! by one thread and dropped by another.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, PoisonError},
};

/// Numbers in memory that one tensor or several hold.
pub(super) type Block = Arc<Vec<f32>>;

/// How many numbers a line of the cache has.
const LINE: usize = 16;
/// Longer blocks (64 MiB) go back to the system.
pub(super) const LONGEST: usize = 1 << 24;

thread_local! {
    /// What this thread keeps: at most 4 MiB, since what lies here is lost to other threads.
    static OWN: RefCell<Pool> = const { RefCell::new(Pool::new(128, 1 << 20)) };
}

/// What all threads keep together: at most 128 MiB.
static SHARED: Mutex<Pool> = Mutex::new(Pool::new(1024, 1 << 25));

/// A block of [`block_len`]`(len)` arbitrary numbers that nobody else holds, if one is at hand.
pub(super) fn take(len: usize) -> Option<Block> {
    if len == 0 || len > LONGEST {
        return None;
    }
    let len = block_len(len);
    // A thread that is about to end has no pool any more.
    let own = OWN.try_with(|own| own.try_borrow_mut().ok()?.take(len));
    own.ok().flatten().or_else(|| with_shared(|shared| shared.take(len)))
}

/// Takes back a block that nobody holds any more.
pub(super) fn give(block: Block) {
    // A vector of the user's mostly has another length, and would not be asked for.
    if !is_of_ours(block.len()) {
        return;
    }
    // Where there is no pool any more, the block is dropped.
    let _ = OWN.try_with(|own| {
        let Ok(mut own) = own.try_borrow_mut() else { return };
        own.give(block);
        while let Some(oldest) = own.surplus() {
            with_shared(|shared| {
                shared.give(oldest);
                while shared.surplus().is_some() {}
            });
        }
    });
}

/// How long a block is made for so many numbers: four lengths an octave, so that few lengths serve
/// many shapes and at most a fifth of a long block is idle, and a line more, so that the numbers
/// can begin where a line does.
pub(super) fn block_len(len: usize) -> usize {
    if len > LONGEST {
        return len;
    }
    len.next_multiple_of((len.next_power_of_two() / 8).max(LINE)) + LINE
}

/// Whether [`block_len`] gives blocks of that length.
fn is_of_ours(len: usize) -> bool {
    (2 * LINE..=LONGEST + LINE).contains(&len) && len == block_len(len - LINE)
}

fn with_shared<R>(work: impl FnOnce(&mut Pool) -> R) -> R {
    work(&mut SHARED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Blocks that nobody holds, the one used last on top.
struct Pool {
    /// Each with its length, so that a search need not visit them.
    blocks: Vec<(usize, Block)>,
    /// How many numbers they have together.
    numbers: usize,
    most_blocks: usize,
    most_numbers: usize,
}

impl Pool {
    const fn new(most_blocks: usize, most_numbers: usize) -> Self {
        Self { blocks: Vec::new(), numbers: 0, most_blocks, most_numbers }
    }

    /// The newest block of exactly this length.
    fn take(&mut self, len: usize) -> Option<Block> {
        let place = self.blocks.iter().rposition(|(own, _)| *own == len)?;
        self.numbers -= len;
        Some(self.blocks.remove(place).1)
    }

    fn give(&mut self, block: Block) {
        self.numbers += block.len();
        self.blocks.push((block.len(), block));
    }

    /// The oldest block, taken out, if there is too much.
    fn surplus(&mut self) -> Option<Block> {
        if self.blocks.len() <= self.most_blocks && self.numbers <= self.most_numbers {
            return None;
        }
        let (len, oldest) = self.blocks.remove(0);
        self.numbers -= len;
        Some(oldest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_a_little_longer_than_asked() {
        for (len, block) in [(1, 32), (16, 32), (17, 48), (33, 64), (65, 96), (1000, 1040)] {
            assert_eq!(block_len(len), block, "{len}");
        }
        for len in 1..5000 {
            let room = block_len(len) - 16;
            assert!(room >= len && (room < len + 16 || 4 * room <= 5 * len), "{len}: {room}");
            assert!(is_of_ours(block_len(len)), "{len}");
        }
        assert!(![0, 1, 16, 17, 1024].into_iter().any(is_of_ours));
        assert_eq!(block_len(usize::MAX), usize::MAX);
    }

    #[test]
    fn a_pool_gives_the_newest_of_a_length_and_parts_with_the_oldest() {
        let mut pool = Pool::new(3, 100);
        for (len, mark) in [(16, 1.0), (32, 2.0), (16, 3.0)] {
            pool.give(Arc::new(vec![mark; len]));
        }
        assert!(pool.surplus().is_none());
        assert_eq!(pool.take(16).unwrap()[0], 3.0);
        assert!(pool.take(48).is_none());
        // Too many numbers: the two oldest go.
        pool.give(Arc::new(vec![4.0; 96]));
        let oldest: Vec<f32> =
            std::iter::from_fn(|| pool.surplus()).map(|block| block[0]).collect();
        assert_eq!(oldest, [1.0, 2.0]);
        // Too many blocks.
        pool.take(96);
        (0..5u8).for_each(|mark| pool.give(Arc::new(vec![f32::from(mark); 16])));
        assert_eq!(std::iter::from_fn(|| pool.surplus()).count(), 2);
        assert_eq!((pool.blocks.len(), pool.numbers), (3, 48));
    }
}
