//! Models made of symbolic tensors, as Keras' functional API makes them.

mod connect;
mod tensor;

pub use self::connect::{CallInputs, CallLayer, Ends, SharedLayer};
pub use self::tensor::KerasTensor;
