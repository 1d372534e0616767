//! The layers of Keras, one file each, and the [`Sequential`] model they compose into.

mod advice;
mod any_activation;
mod data_format;
mod entry;
mod executor;
mod inference;
mod kernels;
mod layers;
mod node;
mod numbers;
mod padding;
mod registry;
mod sequential;
mod size;
pub mod summary;

pub use any_activation::AnyActivation;
pub use data_format::DataFormat;
pub use entry::snake_case;
pub use executor::{LossFn, Pass, PassOptions, Watch};
pub use layers::{
    Activation, Axes, BatchNormalization, Conv2D, Dense, Dropout, ELU, Flatten, Input, LSTM,
    LeakyReLU, MaxPooling2D, Normalization, PReLU, ReLU, Rescaling, Reshape, Softmax,
    ThresholdedReLU,
};
pub use node::{IntoNode, Node};
pub use numbers::Numbers;
pub use padding::Padding;
pub use registry::{Entry, Registry, WithActivation};
pub use sequential::Sequential;
pub use size::Size;
