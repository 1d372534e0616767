//! Spreading work over the cores. Without threads, as in a browser, the items come in turn.

use std::cell::Cell;

#[cfg(not(target_arch = "wasm32"))]
use rayon::prelude::*;

use crate::Result;

thread_local! {
    /// Whether this thread works on one of several items.
    static SPREAD: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread works on one item of several, so that other cores are at work already.
/// That depends on the number of items alone, not on that of threads.
pub fn is_spread() -> bool {
    SPREAD.get()
}

/// Does `work` as one of several items, or as one that has the cores for itself.
fn spread<R>(several: bool, work: impl FnOnce() -> R) -> R {
    /// What held before holds again at the end, also if `work` panics.
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            SPREAD.set(self.0);
        }
    }
    let _before = Before(SPREAD.replace(several));
    work()
}

/// Does `work` on each item, at the same time where there are threads. The result does not depend
/// on their number, since each item is worked on alone.
///
/// ```
/// let mut x = [1.0, 2.0, 3.0];
/// ceratops_core::parallel::for_each(&mut x, |x| *x += 1.0);
/// assert_eq!(x, [2.0, 3.0, 4.0]);
/// ```
pub fn for_each<T: Send>(items: &mut [T], work: impl Fn(&mut T) + Send + Sync) {
    match items {
        // A single item wakes no thread.
        [only] => work(only),
        #[cfg(not(target_arch = "wasm32"))]
        items => items.par_iter_mut().for_each(|item| spread(true, || work(item))),
        #[cfg(target_arch = "wasm32")]
        items => items.iter_mut().for_each(|item| spread(true, || work(item))),
    }
}

/// Does `work` on one of the threads that [`for_each`] spreads its items over. Each `for_each` by
/// another thread is handed to them and waited for, which takes two changes of context; within
/// `work` it is a call. Worth it where several follow each other. A thread that waits for its item
/// may be the one that takes `work` on: it is no part of that item.
pub fn within<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    #[cfg(not(target_arch = "wasm32"))]
    return rayon::scope(|_| spread(false, work));
    #[cfg(target_arch = "wasm32")]
    return spread(false, work);
}

/// [`for_each`] of work that can fail: an error, of several the one found first, ends it.
pub fn try_for_each<T: Send>(
    items: &mut [T],
    work: impl Fn(&mut T) -> Result<()> + Send + Sync,
) -> Result<()> {
    match items {
        [only] => work(only),
        #[cfg(not(target_arch = "wasm32"))]
        items => items.par_iter_mut().try_for_each(|item| spread(true, || work(item))),
        #[cfg(target_arch = "wasm32")]
        items => items.iter_mut().try_for_each(|item| spread(true, || work(item))),
    }
}
