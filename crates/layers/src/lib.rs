//! The layers of Keras, one file each, and the [`Sequential`] model they compose into.

mod any_activation;
mod data_format;
mod entry;
mod executor;
mod kernels;
mod layers;
mod node;
mod padding;
mod parallel;
mod registry;
mod sequential;
pub mod summary;

pub use any_activation::AnyActivation;
pub use data_format::DataFormat;
pub use executor::{LossFn, Pass, PassOptions};
pub use layers::{Activation, Dense, Input};
pub use node::{IntoNode, Node};
pub use padding::Padding;
pub use registry::{Entry, Registry, WithActivation};
pub use sequential::Sequential;
