//! The layers of Keras, one file each, and the [`Sequential`] model they compose into.
//!
//! | layer | what it computes | weights | from |
//! |---|---|---|---|
//! | [`Dense`] | activation(x · kernel + bias) | kernel, bias | |
//! | [`Conv2D`] | activation(x ∗ kernel + bias), a correlation over height and width | kernel, bias | LeCun et al. 1989 |
//! | [`MaxPooling2D`] | the largest number under a window | | |
//! | [`LSTM`] | a memory that gates write, read and clear | kernel, recurrent_kernel, bias | Hochreiter and Schmidhuber 1997 |
//! | [`BatchNormalization`] | gamma (x - mean) / √(variance + epsilon) + beta, of the batch | gamma, beta, moving statistics | Ioffe and Szegedy 2015 |
//! | [`Normalization`] | (x - mean) / √variance, of data seen before by `adapt` | mean, variance, count | |
//! | [`LayerNormalization`], [`GroupNormalization`] | the same within each sample, or groups of its channels | gamma, beta | Ba et al. 2016, Wu and He 2018 |
//! | [`RMSNormalization`], [`UnitNormalization`] | x over its root mean square, or its length | scale | Zhang and Sennrich 2019 |
//! | [`MultiHeadAttention`], [`GroupQueryAttention`] | softmax(q · kᵀ / √key_dim) · v in several heads | query, key, value, attention_output | Vaswani et al. 2017, Ainslie et al. 2023 |
//! | [`Attention`], [`AdditiveAttention`] | softmax(scores) · value | scale | Luong et al. 2015, Bahdanau et al. 2015 |
//! | [`EinsumDense`] | products of input and kernel along any axes, + bias | kernel, bias | |
//! | [`Rescaling`] | scale x + offset | | |
//! | [`Dropout`] | 0 with probability rate, else x / (1 - rate); only while training | | Srivastava et al. 2014 |
//! | [`Activation`] | a function by its name | | |
//! | [`ReLU`] | max(x, 0), with a slope, a threshold and a largest value | | Nair and Hinton 2010 |
//! | [`LeakyReLU`] | x if x > 0, else negative_slope x | | Maas et al. 2013 |
//! | [`PReLU`] | x if x > 0, else alpha x, alpha being learned | alpha | He et al. 2015 |
//! | [`ELU`] | x if x > 0, else alpha (exp(x) - 1) | | Clevert et al. 2016 |
//! | [`ThresholdedReLU`] | x if x > theta, else 0 | | Konda et al. 2014 |
//! | [`Softmax`] | exp(x) / Σ exp(x) along an axis | | |
//! | [`Flatten`], [`Reshape`] | the same numbers in another shape | | |
//! | [`Add`], [`Subtract`], [`Multiply`], [`Average`], [`Maximum`], [`Minimum`] | several tensors as one, number by number | | |
//! | [`Concatenate`], [`Dot`] | tensors one behind the other; products of their vectors | | |
//! | [`Masking`] | leaves out steps that hold nothing; its mask goes from layer to layer | | |
//! | [`Identity`] | x itself | | |
//!
//! The page of each has its arguments, with Keras' defaults.

mod advice;
mod any_activation;
mod data_format;
mod entry;
mod executor;
mod functional;
mod inference;
mod kernels;
mod layers;
mod model;
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
pub use executor::{Logits, LossFn, LossesFn, ModelPass, Part, Pass, PassOptions, TestPass, Watch};
pub use functional::{CallInputs, CallLayer, Ends, KerasTensor, SharedLayer};
pub use layers::{
    Activation, Add, AdditiveAttention, Attention, Average, Axes, BatchNormalization, Concatenate,
    Conv2D, Dense, Dot, DotAxes, Dropout, ELU, EinsumDense, Flatten, GroupNormalization,
    GroupQueryAttention, Identity, Input, LSTM, LayerNormalization, LeakyReLU, Masking,
    MaxPooling2D, Maximum, Merge, MergeOp, Minimum, MultiHeadAttention, Multiply, Normalization,
    PReLU, RMSNormalization, ReLU, Rescaling, Reshape, ScoreMode, Softmax, Subtract,
    ThresholdedReLU, UnitNormalization,
};
pub use model::{LayerCall, LeafCall, Model, Origin, Predictions};
pub use node::{IntoNode, Node};
pub use numbers::Numbers;
pub use padding::Padding;
pub use registry::{Entry, Registry, WithActivation};
pub use sequential::Sequential;
pub use size::Size;
