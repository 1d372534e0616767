//! Models made of symbolic tensors, as Keras' functional API makes them.

mod call;
mod connect;
mod operators;
mod tensor;

pub(crate) use self::call::call_operation;
pub use self::call::{CallInputs, CallLayer, SharedLayer};
pub use self::connect::Ends;
pub(crate) use self::tensor::Cell;
pub use self::tensor::KerasTensor;
