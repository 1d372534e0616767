//! Batches made ahead, in another thread, while the model learns from those before.

use ceratops_core::Result;

use super::Batch;

/// The batches of an epoch.
pub(crate) type Epoch<'a> = Box<dyn Iterator<Item = Result<Batch>> + Send + 'a>;

/// How many batches wait for the model: while it works on one, the next is there and another is
/// being made.
#[cfg(not(target_arch = "wasm32"))]
const WAITING: usize = 1;

/// Lets `learn` go through the `batches`, which are made in another thread if they are to be made
/// `ahead`. Those that `learn` does not take are left.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn ahead<T>(
    batches: Epoch<'_>,
    ahead: bool,
    learn: impl FnOnce(&mut dyn Iterator<Item = Result<Batch>>) -> T,
) -> T {
    let mut batches = batches;
    if !ahead {
        return learn(&mut batches);
    }
    std::thread::scope(|scope| {
        let (sender, receiver) = std::sync::mpsc::sync_channel(WAITING);
        let maker = scope.spawn(move || {
            // Sending fails when nobody wants more.
            for batch in batches {
                let ends = batch.is_err();
                if sender.send(batch).is_err() || ends {
                    break;
                }
            }
        });
        // The receiver is dropped within, so that the thread does not wait to send for ever.
        let learned = learn(&mut receiver.into_iter());
        match maker.join() {
            Ok(()) => learned,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// In a browser there are no threads.
#[cfg(target_arch = "wasm32")]
pub(crate) fn ahead<T>(
    mut batches: Epoch<'_>,
    _: bool,
    learn: impl FnOnce(&mut dyn Iterator<Item = Result<Batch>>) -> T,
) -> T {
    learn(&mut batches)
}
