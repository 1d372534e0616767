//! The layers of Keras, one file each, and the [`Sequential`] model they compose into.
//!
//! | layer | what it computes | weights | from |
//! |---|---|---|---|
//! | [`Dense`] | activation(x · kernel + bias) | kernel, bias | |
//! | [`Conv1D`], [`Conv2D`], [`Conv3D`] | activation(x ∗ kernel + bias), a correlation over steps, an image or a volume | kernel, bias | LeCun et al. 1989 |
//! | [`DepthwiseConv1D`], [`DepthwiseConv2D`] | the same, of each channel for itself | depthwise_kernel, bias | Sifre 2014 |
//! | [`SeparableConv1D`], [`SeparableConv2D`] | each channel for itself, then a product at each place | depthwise_kernel, pointwise_kernel, bias | Chollet 2017 |
//! | [`Conv1DTranspose`], [`Conv2DTranspose`], [`Conv3DTranspose`] | the gradient of a convolution, from its outputs to its input | kernel, bias | Zeiler et al. 2010 |
//! | [`MaxPooling2D`] | the largest number under a window | | |
//! | [`LSTM`] | a memory that gates write, read and clear | kernel, recurrent_kernel, bias | Hochreiter and Schmidhuber 1997 |
//! | [`BatchNormalization`] | gamma (x - mean) / √(variance + epsilon) + beta, of the batch | gamma, beta, moving statistics | Ioffe and Szegedy 2015 |
//! | [`Normalization`] | (x - mean) / √variance, of data seen before by `adapt` | mean, variance, count | |
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
mod extent;
mod functional;
mod inference;
mod kernels;
mod layers;
mod model;
mod node;
mod numbers;
mod padding;
mod rank;
mod registry;
mod sequential;
pub mod summary;

pub use any_activation::AnyActivation;
pub use data_format::DataFormat;
pub use entry::snake_case;
pub use executor::{Logits, LossFn, LossesFn, ModelPass, Part, Pass, PassOptions, TestPass, Watch};
pub use extent::Extent;
pub use functional::{CallInputs, CallLayer, Ends, KerasTensor, SharedLayer};
pub use layers::{
    Activation, Add, Average, Axes, BatchNormalization, Concatenate, Conv, Conv1D, Conv1DTranspose,
    Conv2D, Conv2DTranspose, Conv3D, Conv3DTranspose, ConvTranspose, Dense, DepthwiseConv,
    DepthwiseConv1D, DepthwiseConv2D, Dot, DotAxes, Dropout, ELU, Flatten, Identity, Input, LSTM,
    LeakyReLU, Masking, MaxPooling2D, Maximum, Merge, MergeOp, Minimum, Multiply, Normalization,
    PReLU, ReLU, Rescaling, Reshape, SeparableConv, SeparableConv1D, SeparableConv2D, Softmax,
    Subtract, ThresholdedReLU,
};
pub use model::{LayerCall, LeafCall, Model, Origin, Predictions};
pub use node::{IntoNode, Node};
pub use numbers::Numbers;
pub use padding::Padding;
pub use rank::{One, Rank, Three, Two};
pub use registry::{Entry, Registry, WithActivation};
pub use sequential::Sequential;
