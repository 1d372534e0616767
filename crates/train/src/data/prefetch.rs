//! Batches made ahead, in another thread, while the model learns from those before.

use ceratops_core::Result;

/// The batches of an epoch.
pub(crate) type Epoch<'a, B> = Box<dyn Iterator<Item = Result<B>> + Send + 'a>;

/// How many batches wait for the model: while it works on one, the next is there and another is
/// being made.
#[cfg(not(target_arch = "wasm32"))]
const WAITING: usize = 1;

/// Lets `learn` go through the `batches`, which are made in another thread if they are to be made
/// `ahead`. Those that `learn` does not take are left.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn ahead<B: Send, T>(
    batches: Epoch<'_, B>,
    ahead: bool,
    learn: impl FnOnce(&mut dyn Iterator<Item = Result<B>>) -> T,
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
pub(crate) fn ahead<B: Send, T>(
    mut batches: Epoch<'_, B>,
    _: bool,
    learn: impl FnOnce(&mut dyn Iterator<Item = Result<B>>) -> T,
) -> T {
    learn(&mut batches)
}
