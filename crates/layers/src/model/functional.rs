//! Functional models to and from the config that Keras 3 writes: each layer with the calls of it.

mod outputs;
mod read;
mod write;

pub(super) use self::{read::read, write::write};
