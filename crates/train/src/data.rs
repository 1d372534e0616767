//! What a model learns from: samples with labels and weights, as arrays or batch by batch.

mod batch;
mod batches;
mod class_weights;
mod dataset;
mod labels;
mod order;
mod prefetch;

pub use batch::Batch;
pub use batches::Batches;
pub(crate) use dataset::Dataset;
pub(crate) use order::order;
pub(crate) use prefetch::ahead;
