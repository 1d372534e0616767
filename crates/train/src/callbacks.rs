//! Who is told how a training goes, one file a callback.
//!
//! | callback | what it does | defaults |
//! |---|---|---|
//! | [`EarlyStopping`] | ends the training where a value no longer gets better | val_loss, patience 0 |
//! | [`ReduceLROnPlateau`] | makes the learning rate smaller there | val_loss, factor 0.1, patience 10 |
//! | [`LearningRateScheduler`] | sets the learning rate before each epoch | |
//! | [`TerminateOnNaN`] | ends the training where the loss is NaN or infinite | |
//! | [`TerminateOnDivergence`](crate::TerminateOnDivergence) | the same, and says where that began | |
//! | [`Checkup`](crate::Checkup) | diagnoses the model now and then | every epoch |
//! | [`SwapEMAWeights`] | validates with the running means of the weights | |
//! | [`LambdaCallback`] | is made of closures | |
//! | [`History`] | what `fit` returns | |
//!
//! Those that write files (checkpoints, tables, TensorBoard's) are in the crate `ceratops`. A
//! [`Callback`] of your own writes the methods it needs.
//!
//! Source: Keras, `keras.callbacks`.

mod callback;
mod early_stopping;
mod history;
mod lambda;
mod learning_rate_scheduler;
mod monitor;
#[cfg(all(feature = "progress", not(target_arch = "wasm32")))]
mod progress;
mod reduce_lr_on_plateau;
mod swap_ema_weights;
mod terminate_on_nan;

pub use callback::{Callback, TrainParams, Training};
pub use early_stopping::EarlyStopping;
pub use history::History;
pub use lambda::LambdaCallback;
pub use learning_rate_scheduler::LearningRateScheduler;
pub use monitor::{Mode, Monitor};
pub use reduce_lr_on_plateau::ReduceLROnPlateau;
pub use swap_ema_weights::SwapEMAWeights;
pub use terminate_on_nan::TerminateOnNaN;

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
