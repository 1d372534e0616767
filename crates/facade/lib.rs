//! [getting-started]: guide::getting_started
//! [adding-a-layer]: guide::adding_a_layer
//! [architecture]: guide::architecture
//! [coming-from-keras]: guide::coming_from_keras
//! [data]: guide::data
//! [files]: guide::files
//! [functional]: guide::functional
//! [performance]: guide::performance
//!
#![doc = include_str!("../../README.md")]
//!
//! # The crates
//!
//! This one only gathers the others under one name: [`core`] (tensors, the `Layer` trait),
//! [`activations`], [`weights`] (initializers, regularizers, constraints), [`layers`] (and
//! `Sequential`), [`train`] (compile, fit), [`formats`] (Keras' files), [`datasets`]. [`callbacks`] has
//! those of `train`, and those that write files. With the feature `plot`, which is off by default, there
//! is also `plot` (pictures).

pub mod callbacks;
mod files;
#[cfg(any(doc, doctest))]
pub mod guide;

pub use ceratops_activations as activations;
pub use ceratops_core as core;
pub use ceratops_datasets as datasets;
pub use ceratops_formats as formats;
pub use ceratops_layers as layers;
#[cfg(feature = "plot")]
pub use ceratops_plot as plot;
pub use ceratops_train as train;
pub use ceratops_weights as weights;

pub use ceratops_core::{Error, Result, Tensor, rng};
pub use ceratops_formats::{load, load_bytes, load_with};
pub use ceratops_layers::{check, ops, sequential};
#[cfg(feature = "plot")]
pub use files::SavePicture;
pub use files::{LoadWeights, Save, resume, resume_with};
pub use ndarray;

/// What most programs need: `use ceratops::prelude::*;`.
pub mod prelude {
    #[cfg(not(target_arch = "wasm32"))]
    pub use crate::callbacks::TensorBoard;
    pub use crate::{
        LoadWeights, Save,
        callbacks::{
            BackupAndRestore, CSVLogger, EarlyStopping, LearningRateScheduler, ModelCheckpoint,
            ReduceLROnPlateau, SwapEMAWeights, TerminateOnNaN,
        },
    };
    pub use ceratops_core::{
        Context, Error, Gradients, Layer, Param, Result, Rng, SampleSource, Samples, Shape, Tensor,
        Text,
    };
    pub use ceratops_formats::ModelJson;
    pub use ceratops_layers::{
        Activation, ActivityRegularization, AdaptiveAveragePooling1D, AdaptiveAveragePooling2D,
        AdaptiveAveragePooling3D, AdaptiveMaxPooling1D, AdaptiveMaxPooling2D, AdaptiveMaxPooling3D,
        Add, AdditiveAttention, AlphaDropout, AnyActivation, Attention, AugMix, AutoContrast,
        Average, AveragePooling1D, AveragePooling2D, AveragePooling3D, BatchNormalization,
        Bidirectional, CallLayer, CategoryEncoding, CenterCrop, Concatenate,
        ContrastLimitedAdaptiveHistogramEqualization, Conv1D, Conv1DTranspose, Conv2D,
        Conv2DTranspose, Conv3D, Conv3DTranspose, ConvLSTM1D, ConvLSTM2D, ConvLSTM3D, Cropping1D,
        Cropping2D, Cropping3D, CutMix, DataFormat, Dense, DepthwiseConv1D, DepthwiseConv2D,
        Discretization, Dot, Dropout, ELU, EinsumDense, Embedding, Entry, Equalization, Fill,
        FillMode, Flatten, FlipMode, FrameWindow, GRU, GRUCell, GaussianDropout, GaussianNoise,
        GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalAveragePooling3D, GlobalMaxPooling1D,
        GlobalMaxPooling2D, GlobalMaxPooling3D, GroupNormalization, GroupQueryAttention,
        HashedCrossing, Hashing, HeldLayer, Highway, Identity, Input, IntegerLookup, Interpolation,
        IntoNode, KerasTensor, LSTM, LSTMCell, LayerNormalization, LeakyReLU, LocallyConnected1D,
        LocallyConnected2D, Masking, MaxPooling1D, MaxPooling2D, MaxPooling3D, Maximum,
        MaxoutDense, MelSpectrogram, MergeMode, Minimum, MixUp, Model, MultiHeadAttention,
        Multiply, Ngrams, Node, Normalization, Operation, OutputMode, PReLU, Padding, Permute,
        RMSNormalization, RNN, RandAugment, RandomBrightness, RandomColorDegeneration,
        RandomColorJitter, RandomContrast, RandomCrop, RandomElasticTransform, RandomErasing,
        RandomFlip, RandomGaussianBlur, RandomGrayscale, RandomHeight, RandomHue, RandomInvert,
        RandomPerspective, RandomPosterization, RandomRotation, RandomSaturation, RandomSharpness,
        RandomShear, RandomTranslation, RandomWidth, RandomZoom, ReLU, Registry, RepeatVector,
        Rescaling, Reshape, Resizing, Resolve, ReversibleEmbedding, STFTSpectrogram, Sampling,
        ScoreMode, SeparableConv1D, SeparableConv2D, Sequential, SimpleRNN, SimpleRNNCell, Softmax,
        Solarization, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D, SpectralNormalization,
        SpectrogramMode, Standardize, StringLookup, Subtract, TextVectorization, ThresholdedReLU,
        TimeDistributed, UnitNormalization, UpSampling1D, UpSampling2D, UpSampling3D,
        WindowScaling, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D, ops, sequential,
    };
    pub use ceratops_train::{
        Batch, Callback, Checkup, Compile, CompiledModel, CustomObjects, Diagnose, Fit, FitOptions,
        History, LambdaCallback, Logs, Loss, Metric, Optimizer, TerminateOnDivergence, Training,
        Verbose,
        optimizers::{
            Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, Muon, Nadam,
            RMSprop, SGD,
        },
        schedules::{
            CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay,
            PiecewiseConstantDecay, PolynomialDecay,
        },
    };
}
