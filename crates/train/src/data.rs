//! What a model learns from: samples with labels and weights, as arrays or batch by batch.

mod batch;
mod batches;
mod class_weights;
mod dataset;
mod doors;
mod examples;
mod labels;
mod order;
mod prefetch;
mod target;

pub use batch::Batch;
pub use batches::Batches;
pub(crate) use dataset::{Dataset, input_shape};
pub(crate) use doors::Doors;
pub(crate) use examples::{Examples, Labels};
pub(crate) use order::order;
pub(crate) use prefetch::ahead;
pub(crate) use target::Measure;
