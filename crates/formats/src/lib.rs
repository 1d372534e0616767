//! Reading and writing the model files of Keras and TensorFlow.js.
//!
//! [`load`] opens whatever Keras 1 to 3 and TensorFlow.js write, finds out by itself which kind of
//! file it is, and says in a [`Report`] what it made of it. [`save`] writes files that they open;
//! [`load_weights`] reads weights alone. [`ModelJson`] gives a model `to_json` and `from_json`:
//! the architecture as Keras writes it.

mod assets;
mod contents;
mod foreign;
mod format;
mod hdf5;
mod inside;
pub mod json;
mod keras_archive;
mod layer_weights;
mod legacy_h5;
mod load;
mod named;
pub mod npy;
mod numbers;
mod open;
pub mod safetensors;
mod save;
mod sharded;
mod tfjs;
mod training;
mod weights_h5;
mod whole;
mod zip;

pub use format::Format;
pub use json::{Change, Dialect, ModelJson, Note, Report, layer_from_json, layer_to_json};
pub use layer_weights::By;
pub use load::{
    Loaded, load, load_bytes, load_bytes_with, load_weights, load_weights_bytes, load_with,
    read_outline, read_weights,
};
pub use save::{check_savable, save, save_as};
pub use training::{OptimizerWeights, Training};
pub use whole::{check_writable, write_whole};
