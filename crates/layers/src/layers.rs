//! One file a layer, and the list of them all.

#[macro_use]
mod builders;
#[macro_use]
mod recurrent;

mod activation;
mod activity_regularization;
mod alpha_dropout;
mod attention;
mod batch_normalization;
mod bidirectional;
mod blocks;
mod categories;
mod concatenate;
mod conv;
mod conv_lstm;
mod conv_transpose;
mod cropping;
mod dense;
mod depthwise_conv;
mod dot;
mod dropout;
mod einsum_dense;
mod elu;
mod embedding;
mod flatten;
mod frame;
mod gaussian_dropout;
mod gaussian_noise;
mod gru;
mod identity;
mod images;
mod input;
mod keras1;
mod leaky_relu;
mod locally_connected;
mod lstm;
mod masking;
mod merge;
mod normalization;
mod norms;
mod ops;
mod p_re_lu;
mod permute;
mod places;
mod pooling;
mod re_lu;
mod repeat_vector;
mod rescaling;
mod reshape;
mod reversible_embedding;
mod rnn;
mod rules;
mod separable_conv;
mod simple_rnn;
mod softmax;
mod sound;
mod spatial_dropout;
mod spectral_normalization;
mod steps;
mod tail;
mod thresholded_relu;
mod time_distributed;
mod up_sampling;
mod zero_padding;

pub use activation::Activation;
pub use activity_regularization::ActivityRegularization;
pub use alpha_dropout::AlphaDropout;
pub use attention::{
    AdditiveAttention, Attention, GroupQueryAttention, MultiHeadAttention, ScoreMode,
};
pub use batch_normalization::BatchNormalization;
pub use bidirectional::{AnyRecurrent, Bidirectional, MergeMode, Walk};
pub use categories::{
    CategoryEncoding, Discretization, HashedCrossing, Hashing, IntegerLookup, MaskValue, Ngrams,
    OutputMode, Salt, Split, Standardize, StringLookup, TextVectorization,
};
pub use concatenate::Concatenate;
pub use conv::{Conv, Conv1D, Conv2D, Conv3D};
pub use conv_lstm::{ConvLSTM1D, ConvLSTM2D, ConvLSTM3D, ConvLSTMCell, ConvLSTMRank};
pub use conv_transpose::{Conv1DTranspose, Conv2DTranspose, Conv3DTranspose, ConvTranspose};
pub use cropping::{Cropping, Cropping1D, Cropping2D, Cropping3D};
pub use dense::Dense;
pub use depthwise_conv::{DepthwiseConv, DepthwiseConv1D, DepthwiseConv2D};
pub use dot::{Dot, DotAxes};
pub use dropout::Dropout;
pub use einsum_dense::EinsumDense;
pub use elu::ELU;
pub use embedding::Embedding;
pub use flatten::Flatten;
pub use gaussian_dropout::GaussianDropout;
pub use gaussian_noise::GaussianNoise;
pub use gru::{GRU, GRUCell};
pub use identity::Identity;
pub use images::{
    AugMix, AutoContrast, CenterCrop, ContrastLimitedAdaptiveHistogramEqualization, CutMix,
    Equalization, Factor, Fill, FillMode, FlipMode, Interpolation, MixUp, RandAugment,
    RandomBrightness, RandomColorDegeneration, RandomColorJitter, RandomContrast, RandomCrop,
    RandomElasticTransform, RandomErasing, RandomFlip, RandomGaussianBlur, RandomGrayscale,
    RandomHeight, RandomHue, RandomInvert, RandomPerspective, RandomPosterization, RandomRotation,
    RandomSaturation, RandomSharpness, RandomShear, RandomTranslation, RandomWidth, RandomZoom,
    Resizing, Sampling, Solarization,
};
pub use input::Input;
pub use keras1::{Highway, MaxoutDense};
pub use leaky_relu::LeakyReLU;
pub use locally_connected::{LocallyConnected, LocallyConnected1D, LocallyConnected2D};
pub use lstm::{LSTM, LSTMCell};
pub use masking::Masking;
pub use merge::{Add, Average, Maximum, Merge, MergeOp, Minimum, Multiply, Subtract};
pub use normalization::Normalization;
pub use norms::{GroupNormalization, LayerNormalization, RMSNormalization, UnitNormalization};
pub use ops::Operation;
pub(crate) use ops::is_tensor;
pub use p_re_lu::PReLU;
pub use permute::Permute;
pub use pooling::{
    AdaptiveAveragePooling1D, AdaptiveAveragePooling2D, AdaptiveAveragePooling3D,
    AdaptiveMaxPooling1D, AdaptiveMaxPooling2D, AdaptiveMaxPooling3D, AdaptivePooling,
    AveragePooling1D, AveragePooling2D, AveragePooling3D, GlobalAveragePooling1D,
    GlobalAveragePooling2D, GlobalAveragePooling3D, GlobalMaxPooling1D, GlobalMaxPooling2D,
    GlobalMaxPooling3D, GlobalPooling, MaxPooling1D, MaxPooling2D, MaxPooling3D, OfAll, OfLargest,
    Pooling, PoolingOp,
};
pub use re_lu::ReLU;
pub(crate) use recurrent::Cells;
pub use recurrent::Recurrent;
pub use repeat_vector::RepeatVector;
pub use rescaling::Rescaling;
pub use reshape::Reshape;
pub use reversible_embedding::ReversibleEmbedding;
pub use rnn::{HeldCells, RNN, RNNCell};
pub use separable_conv::{SeparableConv, SeparableConv1D, SeparableConv2D};
pub use simple_rnn::{SimpleRNN, SimpleRNNCell};
pub use softmax::{Axes, Softmax};
pub use sound::{FrameWindow, MelSpectrogram, STFTSpectrogram, SpectrogramMode, WindowScaling};
pub use spatial_dropout::{SpatialDropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D};
pub use spectral_normalization::SpectralNormalization;
pub use thresholded_relu::ThresholdedReLU;
pub use time_distributed::TimeDistributed;
pub use up_sampling::{UpSampling1D, UpSampling2D, UpSampling3D};
pub use zero_padding::{ZeroPadding, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D};

use ceratops_core::{Error, Param, Result, Shape};

use crate::{Entry, One, Three, Two};

/// The layers that a config may name without being registered.
pub(crate) const BUILTIN: &[Entry] = &[
    Entry::with_activation::<Activation>().built_from_start(),
    Entry::of::<ActivityRegularization>().built_from_start(),
    Entry::of::<Add>(),
    Entry::of::<AdditiveAttention>(),
    Entry::of::<Attention>(),
    Entry::of::<AdaptiveAveragePooling1D>(),
    Entry::of::<AdaptiveAveragePooling2D>(),
    Entry::of::<AdaptiveAveragePooling3D>(),
    Entry::of::<AdaptiveMaxPooling1D>(),
    Entry::of::<AdaptiveMaxPooling2D>(),
    Entry::of::<AdaptiveMaxPooling3D>(),
    Entry::of::<AlphaDropout>().built_from_start().recording(&["training"]),
    Entry::of::<Average>(),
    Entry::of::<AveragePooling1D>().built_from_start(),
    Entry::of::<AveragePooling2D>().built_from_start(),
    Entry::of::<AveragePooling3D>().built_from_start(),
    Entry::of::<BatchNormalization>()
        .ignoring(&[
            // They choose how Keras computes the same numbers here.
            ("synchronized", "false"),
            ("synchronized", "true"),
            ("fused", "false"),
            ("fused", "true"),
        ])
        .recording(&["mask"]),
    Entry::of::<CategoryEncoding>()
        .any_dtype()
        .ignoring(&[("sparse", "false"), ("sparse", "true")]),
    Entry::of::<CenterCrop>().training_unless_told(),
    Entry::resolving::<Bidirectional>().recording(&["mask"]),
    Entry::of::<Concatenate>(),
    Entry::with_activation::<Conv1D>(),
    Entry::with_activation::<Conv1DTranspose>(),
    Entry::with_activation::<Conv2D>(),
    Entry::with_activation::<Conv2DTranspose>(),
    Entry::with_activation::<Conv3D>(),
    Entry::with_activation::<Conv3DTranspose>(),
    Entry::of::<Cropping1D>(),
    Entry::of::<Cropping2D>(),
    Entry::of::<Cropping3D>(),
    Entry::recurrent::<ConvLSTMCell<One>>(),
    Entry::recurrent::<ConvLSTMCell<Two>>(),
    Entry::recurrent::<ConvLSTMCell<Three>>(),
    Entry::with_activation::<Dense>(),
    Entry::with_activation::<DepthwiseConv1D>(),
    Entry::with_activation::<DepthwiseConv2D>(),
    Entry::of::<Discretization>().any_dtype(),
    Entry::of::<Dot>(),
    Entry::of::<Dropout>().built_from_start().recording(&["training"]),
    Entry::with_activation::<EinsumDense>(),
    Entry::of::<ELU>().built_from_start(),
    Entry::of::<Embedding>(),
    Entry::of::<Flatten>(),
    Entry::recurrent::<GRUCell>(),
    Entry::of::<GroupNormalization>(),
    Entry::of::<GroupQueryAttention>(),
    Entry::of::<HashedCrossing>().any_dtype(),
    Entry::of::<Hashing>().any_dtype(),
    Entry::of::<GaussianDropout>().built_from_start().recording(&["training"]),
    Entry::of::<GaussianNoise>().built_from_start().recording(&["training"]),
    Entry::of::<GlobalAveragePooling1D>().built_from_start().recording(&["mask"]),
    Entry::of::<GlobalAveragePooling2D>().built_from_start(),
    Entry::of::<GlobalAveragePooling3D>().built_from_start(),
    Entry::of::<GlobalMaxPooling1D>().built_from_start(),
    Entry::of::<GlobalMaxPooling2D>().built_from_start(),
    Entry::of::<GlobalMaxPooling3D>().built_from_start(),
    Entry::with_activation::<Highway>(),
    Entry::of::<Identity>().built_from_start(),
    Entry::of::<Input>().ignoring(&[
        ("sparse", "false"),
        ("ragged", "false"),
        ("optional", "false"),
    ]),
    Entry::of::<LayerNormalization>(),
    Entry::of::<IntegerLookup>().any_dtype(),
    Entry::of::<LeakyReLU>().built_from_start(),
    Entry::with_activation::<LocallyConnected1D>(),
    Entry::with_activation::<LocallyConnected2D>(),
    Entry::recurrent::<LSTMCell>(),
    Entry::of::<Masking>().built_from_start(),
    Entry::of::<Maximum>(),
    Entry::of::<MaxoutDense>(),
    Entry::of::<MaxPooling1D>().built_from_start(),
    Entry::of::<MaxPooling2D>().built_from_start(),
    Entry::of::<MaxPooling3D>().built_from_start(),
    Entry::of::<MelSpectrogram>(),
    Entry::of::<Minimum>(),
    Entry::of::<MultiHeadAttention>(),
    Entry::of::<Multiply>(),
    Entry::of::<Normalization>(),
    Entry::of::<Permute>(),
    Entry::of::<PReLU>(),
    Entry::of::<AutoContrast>().training_unless_told(),
    Entry::of::<ContrastLimitedAdaptiveHistogramEqualization>().training_unless_told(),
    Entry::of::<Equalization>().training_unless_told(),
    Entry::of::<RandomColorJitter>().training_unless_told(),
    Entry::of::<RandomGaussianBlur>().training_unless_told(),
    Entry::of::<RandomHue>().training_unless_told(),
    Entry::of::<RandomPosterization>().training_unless_told(),
    Entry::of::<RandomSaturation>().training_unless_told(),
    Entry::of::<RandomSharpness>().training_unless_told(),
    Entry::of::<Solarization>().training_unless_told(),
    Entry::of::<RandomErasing>().training_unless_told(),
    Entry::of::<RandomPerspective>().training_unless_told(),
    Entry::of::<RandomElasticTransform>().training_unless_told(),
    Entry::of::<RandAugment>().training_unless_told(),
    Entry::of::<AugMix>().training_unless_told(),
    Entry::of::<MixUp>().training_unless_told(),
    Entry::of::<CutMix>().training_unless_told(),
    Entry::of::<RandomHeight>(),
    Entry::of::<RandomWidth>(),
    Entry::of::<RandomBrightness>().training_unless_told(),
    Entry::of::<RandomColorDegeneration>().training_unless_told(),
    Entry::of::<RandomContrast>().training_unless_told(),
    Entry::of::<RandomCrop>().training_unless_told(),
    Entry::of::<RandomFlip>().training_unless_told(),
    Entry::of::<RandomGrayscale>().training_unless_told(),
    Entry::of::<RandomInvert>().training_unless_told(),
    Entry::of::<RandomRotation>().training_unless_told(),
    Entry::of::<RandomShear>().training_unless_told(),
    Entry::of::<RandomTranslation>().training_unless_told(),
    Entry::of::<RandomZoom>().training_unless_told(),
    Entry::of::<RMSNormalization>(),
    Entry::of::<ReLU>().built_from_start(),
    Entry::of::<RepeatVector>(),
    Entry::of::<Rescaling>(),
    Entry::of::<Reshape>(),
    Entry::of::<ReversibleEmbedding>(),
    Entry::with_activation::<SeparableConv1D>(),
    Entry::with_activation::<SeparableConv2D>(),
    Entry::of::<Resizing>().training_unless_told(),
    Entry::recurrent::<HeldCells>(),
    Entry::recurrent::<SimpleRNNCell>(),
    Entry::of::<Softmax>()
        .built_from_start()
        .ignoring(&[("robust_masking", "false")])
        .recording(&["mask"]),
    Entry::resolving::<SpectralNormalization>().recording(&["training"]),
    Entry::of::<STFTSpectrogram>(),
    Entry::of::<StringLookup>().any_dtype(),
    Entry::of::<SpatialDropout1D>().built_from_start().recording(&["training"]),
    Entry::of::<SpatialDropout2D>().built_from_start().recording(&["training"]),
    Entry::of::<SpatialDropout3D>().built_from_start().recording(&["training"]),
    Entry::of::<Subtract>(),
    Entry::of::<TextVectorization>().any_dtype(),
    Entry::of::<ThresholdedReLU>(),
    Entry::resolving::<TimeDistributed>().recording(&["mask"]),
    Entry::of::<UnitNormalization>().built_from_start(),
    Entry::of::<UpSampling1D>(),
    Entry::of::<UpSampling2D>(),
    Entry::of::<UpSampling3D>(),
    Entry::of::<ZeroPadding1D>(),
    Entry::of::<ZeroPadding2D>(),
    Entry::of::<ZeroPadding3D>(),
];

/// The weight, or an error before the layer is built.
fn built(param: Option<&Param>) -> Result<&Param> {
    param.ok_or_else(|| {
        Error::Model("the layer has no weights yet; build the model, or give it an Input".into())
    })
}

/// Refuses an input that has not `ndim` axes.
fn expect_ndim(input: &Shape, ndim: usize, axes: &str, help: &str) -> Result<()> {
    if input.ndim() == ndim {
        return Ok(());
    }
    Err(shape_error(input, axes, help))
}

/// The error for an `axis` that an input of `ndim` axes lacks, or that is the batch.
fn wrong_axis(axis: impl ToString, ndim: usize) -> Error {
    let last = ndim.saturating_sub(1);
    let range = if last == 1 { "1 or -1".into() } else { format!("1 to {last} or -{last} to -1") };
    Error::argument("axis", format!("{range} for an input of {ndim} axes"), axis)
        .with_help("axis 0 is the batch")
}

/// The error for an input of shape `input` where `expected` was wanted.
fn shape_error(input: &Shape, expected: impl Into<String>, help: impl Into<String>) -> Error {
    let (expected, found, help) = (expected.into(), input.to_string(), help.into());
    Error::Shape { what: "input".into(), expected, found, help }
}
