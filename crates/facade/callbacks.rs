//! Who is told how a training goes: those of [`train`](crate::train), and those that write files.

mod backup_and_restore;
mod csv_logger;
mod file_name;
mod frequency;
mod model_checkpoint;
mod python;
#[cfg(not(target_arch = "wasm32"))]
mod tensor_board;

pub use backup_and_restore::BackupAndRestore;
pub use ceratops_train::callbacks::*;
pub use csv_logger::CSVLogger;
pub use frequency::Frequency;
pub use model_checkpoint::ModelCheckpoint;
#[cfg(not(target_arch = "wasm32"))]
pub use tensor_board::TensorBoard;

use ceratops_core::{Error, Result};
use serde_json::Value;

/// A count in what a callback remembers.
fn count(state: &Value, key: &str) -> Result<usize> {
    let found = state[key].as_u64().and_then(|n| usize::try_from(n).ok());
    let message = || format!("expected a whole number, got {}", state[key]);
    found.ok_or_else(|| Error::config(key, message()))
}
