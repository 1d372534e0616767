//! Reading and writing the model files of Keras.
//!
//! [`ModelJson`] gives a model `to_json` and `from_json`: the architecture as Keras writes it.
//! What Keras 1, Keras 2, Keras 3 and TensorFlow.js wrote is read; Keras 3 is written.

pub mod json;

pub use json::{ModelJson, layer_from_json, layer_to_json};
