//! Functional models to and from the config that Keras 3 writes: each layer with the calls of it.

mod read;
mod write;

pub(super) use self::{read::read, write::write};
