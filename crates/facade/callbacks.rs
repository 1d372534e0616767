//! Who is told how a training goes: those of [`train`](crate::train), and those that write files.

mod csv_logger;
mod file_name;
mod frequency;
mod model_checkpoint;
mod python;
#[cfg(not(target_arch = "wasm32"))]
mod tensor_board;
mod writable;

pub use ceratops_train::callbacks::*;
pub use csv_logger::CSVLogger;
pub use frequency::Frequency;
pub use model_checkpoint::ModelCheckpoint;
#[cfg(not(target_arch = "wasm32"))]
pub use tensor_board::TensorBoard;
