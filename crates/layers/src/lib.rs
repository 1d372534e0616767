//! The layers of Keras, one file each, and the [`Sequential`] model they compose into.
//!
//! | layer | what it computes | weights | from |
//! |---|---|---|---|
//! | [`Dense`] | activation(x · kernel + bias) | kernel, bias | |
//! | [`Conv1D`], [`Conv2D`], [`Conv3D`] | activation(x ∗ kernel + bias), a correlation over steps, an image or a volume | kernel, bias | LeCun et al. 1989 |
//! | [`LocallyConnected1D`], [`LocallyConnected2D`] | a convolution with a kernel of its own at each place | kernel, bias | |
//! | [`DepthwiseConv1D`], [`DepthwiseConv2D`] | the same, of each channel for itself | depthwise_kernel, bias | Sifre 2014 |
//! | [`SeparableConv1D`], [`SeparableConv2D`] | each channel for itself, then a product at each place | depthwise_kernel, pointwise_kernel, bias | Chollet 2017 |
//! | [`Conv1DTranspose`], [`Conv2DTranspose`], [`Conv3DTranspose`] | the gradient of a convolution, from its outputs to its input | kernel, bias | Zeiler et al. 2010 |
//! | [`MaxPooling1D`], [`MaxPooling2D`], [`MaxPooling3D`] | the largest number under a window | | |
//! | [`AveragePooling1D`], [`AveragePooling2D`], [`AveragePooling3D`] | the mean under a window | | |
//! | [`GlobalMaxPooling1D`], [`GlobalMaxPooling2D`], [`GlobalMaxPooling3D`] | the largest number of each channel | | |
//! | [`GlobalAveragePooling1D`], [`GlobalAveragePooling2D`], [`GlobalAveragePooling3D`] | the mean of each channel | | Lin et al. 2013 |
//! | [`AdaptiveMaxPooling1D`], [`AdaptiveMaxPooling2D`], [`AdaptiveMaxPooling3D`] | the largest numbers, of which there are as many as are asked for | | |
//! | [`AdaptiveAveragePooling1D`], [`AdaptiveAveragePooling2D`], [`AdaptiveAveragePooling3D`] | means, of which there are as many as are asked for | | |
//! | [`LSTM`] | a memory that gates write, read and clear | kernel, recurrent_kernel, bias | Hochreiter and Schmidhuber 1997 |
//! | [`Embedding`] | a vector for each word | embeddings | Bengio et al. 2003 |
//! | [`ReversibleEmbedding`] | a vector for each word, and back from vectors to words | embeddings, reverse_embeddings | Press and Wolf 2016 |
//! | [`GRU`] | a state that gates renew or keep | kernel, recurrent_kernel, bias | Cho et al. 2014 |
//! | [`SimpleRNN`] | activation(x · kernel + h₋₁ · recurrent_kernel + bias), time by time | kernel, recurrent_kernel, bias | Elman 1990 |
//! | [`ConvLSTM1D`], [`ConvLSTM2D`], [`ConvLSTM3D`] | an LSTM over images, whose products are convolutions | kernel, recurrent_kernel, bias | Shi et al. 2015 |
//! | [`RNN`] | a cell, or several upon each other, over a sequence | those of the cells | |
//! | [`Bidirectional`] | a recurrent layer forwards and another backwards | those of both | Schuster and Paliwal 1997 |
//! | [`BatchNormalization`] | gamma (x - mean) / √(variance + epsilon) + beta, of the batch | gamma, beta, moving statistics | Ioffe and Szegedy 2015 |
//! | [`Normalization`] | (x - mean) / √variance, of data seen before by `adapt` | mean, variance, count | |
//! | [`LayerNormalization`], [`GroupNormalization`] | the same within each sample, or groups of its channels | gamma, beta | Ba et al. 2016, Wu and He 2018 |
//! | [`RMSNormalization`], [`UnitNormalization`] | x over its root mean square, or its length | scale | Zhang and Sennrich 2019 |
//! | [`MultiHeadAttention`], [`GroupQueryAttention`] | softmax(q · kᵀ / √key_dim) · v in several heads | query, key, value, attention_output | Vaswani et al. 2017, Ainslie et al. 2023 |
//! | [`Attention`], [`AdditiveAttention`] | softmax(scores) · value | scale | Luong et al. 2015, Bahdanau et al. 2015 |
//! | [`Highway`], [`MaxoutDense`] | a Dense with a way around it; the largest of several: Keras 1 had them | kernel, bias | Srivastava et al. 2015, Goodfellow et al. 2013 |
//! | [`EinsumDense`] | products of input and kernel along any axes, + bias | kernel, bias | |
//! | [`Rescaling`] | scale x + offset | | |
//! | [`Resizing`] | images of another size: linear, nearest, cubic, Lanczos or mean | | Keys 1981 |
//! | [`CenterCrop`], [`RandomCrop`] | a part of each image: the middle, or another each time | | |
//! | [`RandomFlip`], [`RandomRotation`], [`RandomZoom`], [`RandomTranslation`], [`RandomShear`] | images mirrored, turned, stretched, moved, slanted; only while training | | |
//! | [`CategoryEncoding`], [`Discretization`] | categories as zeros and ones; numbers as categories | | |
//! | [`StringLookup`], [`IntegerLookup`], [`Hashing`] | numbers of strings and of whole numbers, from a vocabulary or by hash | | |
//! | [`HashedCrossing`] | one number for what several features are together, by hash | | |
//! | [`TextVectorization`] | numbers of the words of texts | | |
//! | [`STFTSpectrogram`] | the frequencies of a signal, frame by frame | real_kernel, imag_kernel | |
//! | [`MelSpectrogram`] | how loud a signal is at the pitches that an ear tells apart | | |
//! | [`ZeroPadding1D`], [`ZeroPadding2D`], [`ZeroPadding3D`] | zeros around x | | |
//! | [`Cropping1D`], [`Cropping2D`], [`Cropping3D`] | x without its borders | | |
//! | [`UpSampling1D`], [`UpSampling2D`], [`UpSampling3D`] | each place several times, or the places between interpolated | | |
//! | [`RandomBrightness`], [`RandomContrast`], [`RandomInvert`], [`RandomGrayscale`], [`RandomColorDegeneration`] | images lighter or darker, more or less lively or colourful; only while training | | |
//! | [`RandomHue`], [`RandomSaturation`], [`RandomColorJitter`] | images in other colours; only while training | | |
//! | [`RandomSharpness`], [`RandomGaussianBlur`], [`RandomPosterization`], [`Solarization`] | images sharper, blurred, in fewer shades, partly inverted; only while training | | |
//! | [`AutoContrast`], [`ContrastLimitedAdaptiveHistogramEqualization`] | values over their whole range; in inference, too | | Pizer et al. 1987 |
//! | [`RandomErasing`], [`RandomPerspective`], [`RandomElasticTransform`] | images with a part hidden, tilted, pulled about; only while training | | Zhong et al. 2017, Simard et al. 2003 |
//! | [`RandomHeight`], [`RandomWidth`] | images higher or wider; only while training | | |
//! | [`RandAugment`], [`AugMix`] | some changes of many, or a mixture of chains of them; only while training | | Cubuk et al. 2020, Hendrycks et al. 2020 |
//! | [`MixUp`], [`CutMix`] | images of a batch mixed, or put into each other; only while training | | Zhang et al. 2018, Yun et al. 2019 |
//! | [`Equalization`] | values spread evenly; only while training | | |
//! | [`Dropout`] | 0 with probability rate, else x / (1 - rate); only while training | | Srivastava et al. 2014 |
//! | [`SpatialDropout1D`], [`SpatialDropout2D`], [`SpatialDropout3D`] | drops whole channels | | Tompson et al. 2014 |
//! | [`AlphaDropout`] | drops what SELU gave, mean and variance kept | | Klambauer et al. 2017 |
//! | [`GaussianDropout`], [`GaussianNoise`] | x times or plus normal numbers; only while training | | Srivastava et al. 2014 |
//! | [`ActivityRegularization`] | x itself, with a penalty on its size | | |
//! | [`Activation`] | a function by its name | | |
//! | [`ReLU`] | max(x, 0), with a slope, a threshold and a largest value | | Nair and Hinton 2010 |
//! | [`LeakyReLU`] | x if x > 0, else negative_slope x | | Maas et al. 2013 |
//! | [`PReLU`] | x if x > 0, else alpha x, alpha being learned | alpha | He et al. 2015 |
//! | [`ELU`] | x if x > 0, else alpha (exp(x) - 1) | | Clevert et al. 2016 |
//! | [`ThresholdedReLU`] | x if x > theta, else 0 | | Konda et al. 2014 |
//! | [`Softmax`] | exp(x) / Σ exp(x) along an axis | | |
//! | [`Flatten`], [`Reshape`] | the same numbers in another shape | | |
//! | [`Permute`], [`RepeatVector`] | the axes in another order; a vector at every step | | |
//! | [`Add`], [`Subtract`], [`Multiply`], [`Average`], [`Maximum`], [`Minimum`] | several tensors as one, number by number | | |
//! | [`Concatenate`], [`Dot`] | tensors one behind the other; products of their vectors | | |
//! | [`Masking`] | leaves out steps that hold nothing; its mask goes from layer to layer | | |
//! | [`SpectralNormalization`] | a layer whose kernel stretches nothing by more than 1 | those of the layer, vector_u | Miyato et al. 2018 |
//! | [`TimeDistributed`] | a layer or a model on each step by itself | those of the layer | |
//! | [`Identity`] | x itself | | |
//! | [`Operation`] | what Keras records for `x / y`, `x[:, 0]`, `ops.mean(x)`: see the module [`ops`] | | |
//!
//! The page of each has its arguments, with Keras' defaults.

mod advice;
mod any_activation;
mod borders;
pub mod check;
mod data_format;
mod entry;
mod executor;
mod extent;
mod functional;
mod held_layer;
mod inference;
mod kernels;
mod layers;
mod model;
mod node;
mod numbers;
pub mod ops;
mod padding;
mod rank;
mod registry;
mod sequential;
pub mod summary;

pub use any_activation::AnyActivation;
pub use borders::Borders;
pub use data_format::DataFormat;
pub use entry::{inner_name, snake_case};
pub use executor::{Logits, LossFn, LossesFn, ModelPass, Part, Pass, PassOptions, TestPass, Watch};
pub use extent::Extent;
pub use functional::{CallInputs, CallLayer, Ends, KerasTensor, SharedLayer};
pub use held_layer::{HeldLayer, Resolve};
pub use layers::{
    Activation, ActivityRegularization, AdaptiveAveragePooling1D, AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D, AdaptiveMaxPooling1D, AdaptiveMaxPooling2D, AdaptiveMaxPooling3D,
    AdaptivePooling, Add, AdditiveAttention, AlphaDropout, AnyRecurrent, Attention, AugMix,
    AutoContrast, Average, AveragePooling1D, AveragePooling2D, AveragePooling3D, Axes,
    BatchNormalization, Bidirectional, CategoryEncoding, CenterCrop, Concatenate,
    ContrastLimitedAdaptiveHistogramEqualization, Conv, Conv1D, Conv1DTranspose, Conv2D,
    Conv2DTranspose, Conv3D, Conv3DTranspose, ConvLSTM1D, ConvLSTM2D, ConvLSTM3D, ConvLSTMCell,
    ConvLSTMRank, ConvTranspose, Cropping, Cropping1D, Cropping2D, Cropping3D, CutMix, Dense,
    DepthwiseConv, DepthwiseConv1D, DepthwiseConv2D, Discretization, Dot, DotAxes, Dropout, ELU,
    EinsumDense, Embedding, Equalization, Factor, Fill, FillMode, Flatten, FlipMode, FrameWindow,
    GRU, GRUCell, GaussianDropout, GaussianNoise, GlobalAveragePooling1D, GlobalAveragePooling2D,
    GlobalAveragePooling3D, GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D,
    GlobalPooling, GroupNormalization, GroupQueryAttention, HashedCrossing, Hashing, HeldCells,
    Highway, Identity, Input, IntegerLookup, Interpolation, LSTM, LSTMCell, LayerNormalization,
    LeakyReLU, LocallyConnected, LocallyConnected1D, LocallyConnected2D, MaskValue, Masking,
    MaxPooling1D, MaxPooling2D, MaxPooling3D, Maximum, MaxoutDense, MelSpectrogram, Merge,
    MergeMode, MergeOp, Minimum, MixUp, MultiHeadAttention, Multiply, Ngrams, Normalization, OfAll,
    OfLargest, Operation, OutputMode, PReLU, Permute, Pooling, PoolingOp, RMSNormalization, RNN,
    RNNCell, RandAugment, RandomBrightness, RandomColorDegeneration, RandomColorJitter,
    RandomContrast, RandomCrop, RandomElasticTransform, RandomErasing, RandomFlip,
    RandomGaussianBlur, RandomGrayscale, RandomHeight, RandomHue, RandomInvert, RandomPerspective,
    RandomPosterization, RandomRotation, RandomSaturation, RandomSharpness, RandomShear,
    RandomTranslation, RandomWidth, RandomZoom, ReLU, Recurrent, RepeatVector, Rescaling, Reshape,
    Resizing, ReversibleEmbedding, STFTSpectrogram, Salt, Sampling, ScoreMode, SeparableConv,
    SeparableConv1D, SeparableConv2D, SimpleRNN, SimpleRNNCell, Softmax, Solarization,
    SpatialDropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D, SpectralNormalization,
    SpectrogramMode, Split, Standardize, StringLookup, Subtract, TextVectorization,
    ThresholdedReLU, TimeDistributed, UnitNormalization, UpSampling1D, UpSampling2D, UpSampling3D,
    Walk, WindowScaling, ZeroPadding, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D,
};
pub use model::{LayerCall, LeafCall, Model, Origin, Predictions};
pub use node::{IntoNode, Node};
pub use numbers::Numbers;
pub use padding::Padding;
pub use rank::{One, Rank, Three, Two};
pub use registry::{Entry, Registry, WithActivation};
pub use sequential::Sequential;
