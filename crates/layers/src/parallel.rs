//! Spreading work over the cores: the one place that knows of threads.

use ceratops_core::Result;

/// Does `work` on each item, at the same time where there are threads. The result does not depend
/// on their number, since each item is worked on alone.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn for_each<T: Send>(
    items: &mut [T],
    work: impl Fn(&mut T) -> Result<()> + Sync + Send,
) -> Result<()> {
    use rayon::prelude::*;
    if let [only] = items {
        return work(only);
    }
    items.par_iter_mut().try_for_each(work)
}

/// Does `work` on each item in turn.
#[cfg(target_arch = "wasm32")]
pub(crate) fn for_each<T>(items: &mut [T], work: impl Fn(&mut T) -> Result<()>) -> Result<()> {
    items.iter_mut().try_for_each(work)
}

/// Does `work`, which cannot fail, on each item.
pub(crate) fn each<T: Send>(items: &mut [T], work: impl Fn(&mut T) + Sync + Send) {
    #[cfg(not(target_arch = "wasm32"))]
    {
        use rayon::prelude::*;
        items.par_iter_mut().for_each(work);
    }
    #[cfg(target_arch = "wasm32")]
    items.iter_mut().for_each(work);
}
