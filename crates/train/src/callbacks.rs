//! Who is told how a training goes, one file a callback.

mod callback;
mod history;
mod lambda;
#[cfg(all(feature = "progress", not(target_arch = "wasm32")))]
mod progress;

pub use callback::{Callback, TrainParams, Training};
pub use history::History;
pub use lambda::LambdaCallback;

use crate::Verbose;

/// The callback that shows what `verbose` asks for, if any.
#[cfg(all(feature = "progress", not(target_arch = "wasm32")))]
pub(crate) fn progress<'a>(verbose: Verbose) -> Option<Box<dyn Callback + 'a>> {
    progress::Progress::new(verbose).map(|progress| Box::new(progress) as Box<dyn Callback>)
}

/// Without the feature `progress`, and in a browser, nothing is shown.
#[cfg(not(all(feature = "progress", not(target_arch = "wasm32"))))]
pub(crate) fn progress<'a>(_: Verbose) -> Option<Box<dyn Callback + 'a>> {
    None
}
