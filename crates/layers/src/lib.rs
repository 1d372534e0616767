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
//! | [`Rescaling`] | scale x + offset | | |
//! | [`Resizing`] | images of another size: linear, nearest, cubic, Lanczos or mean | | Keys 1981 |
//! | [`CenterCrop`], [`RandomCrop`] | a part of each image: the middle, or another each time | | |
//! | [`RandomFlip`], [`RandomRotation`], [`RandomZoom`], [`RandomTranslation`], [`RandomShear`] | images mirrored, turned, stretched, moved, slanted; only while training | | |
//! | [`CategoryEncoding`], [`Discretization`] | categories as zeros and ones; numbers as categories | | |
//! | [`StringLookup`], [`IntegerLookup`], [`Hashing`] | numbers of strings and of whole numbers, from a vocabulary or by hash | | |
//! | [`TextVectorization`] | numbers of the words of texts | | |
//! | [`RandomBrightness`], [`RandomContrast`] | images lighter or darker, more or less lively; only while training | | |
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
    Activation, Add, Average, Axes, BatchNormalization, CategoryEncoding, CenterCrop, Concatenate,
    Conv2D, Dense, Discretization, Dot, DotAxes, Dropout, ELU, Factor, FillMode, Flatten, FlipMode,
    Hashing, Identity, Input, IntegerLookup, Interpolation, LSTM, LeakyReLU, MaskValue, Masking,
    MaxPooling2D, Maximum, Merge, MergeOp, Minimum, Multiply, Ngrams, Normalization, OutputMode,
    PReLU, RandomBrightness, RandomContrast, RandomCrop, RandomFlip, RandomRotation, RandomShear,
    RandomTranslation, RandomZoom, ReLU, Rescaling, Reshape, Resizing, Salt, Sampling, Softmax,
    Split, Standardize, StringLookup, Subtract, TextVectorization, ThresholdedReLU,
};
pub use model::{LayerCall, LeafCall, Model, Origin, Predictions};
pub use node::{IntoNode, Node};
pub use numbers::Numbers;
pub use padding::Padding;
pub use registry::{Entry, Registry, WithActivation};
pub use sequential::Sequential;
pub use size::Size;
