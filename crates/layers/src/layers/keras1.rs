//! Layers that Keras 1 had, and no later one: they are here for old files.

mod affine;
mod highway;
mod maxout_dense;

pub use self::{highway::Highway, maxout_dense::MaxoutDense};
