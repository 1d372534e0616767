//! Convolutions.

use ceratops_core::Result;
use serde_json::{Value, json};

use super::{Card, Config, dense::lora};
use crate::json::{Dialect, Words, subject::Subject, write::piece::Piece};

pub(super) const CARDS: &[Card] = &[
    Card {
        aliases: &["Convolution1D", "AtrousConvolution1D", "AtrousConv1D"],
        keras1: &[
            ("nb_filter", "filters"),
            ("filter_length", "kernel_size"),
            ("subsample_length", "strides"),
            ("atrous_rate", "dilation_rate"),
        ],
        takes_input_dim: true,
        read: &[lora],
        check: no_causal_padding,
        ..convolution("Conv1D")
    },
    Card {
        aliases: &["Convolution2D", "AtrousConvolution2D", "AtrousConv2D"],
        keras1: KERAS1,
        read: &[kernel_size, lora],
        ..convolution("Conv2D")
    },
    Card {
        aliases: &["Convolution3D"],
        keras1: KERAS1,
        read: &[kernel_size, lora],
        check: no_negative_pads,
        ..convolution("Conv3D")
    },
    Card { tfjs: None, ..transposed("Conv1DTranspose", &["Convolution1DTranspose"]) },
    transposed("Conv2DTranspose", &["Convolution2DTranspose", "Deconvolution2D", "Deconv2D"]),
    Card {
        check: |piece, words| {
            no_dilation_in_keras2(piece, words)?;
            no_negative_pads(piece, words)
        },
        keras2: |config, _| of_one_group(not_dilated(config)),
        ..transposed("Conv3DTranspose", &["Convolution3DTranspose", "Deconvolution3D", "Deconv3D"])
    },
    Card { tfjs: None, ..depthwise("DepthwiseConv1D") },
    depthwise("DepthwiseConv2D"),
    Card {
        check: no_causal_separable,
        tfjs: None,
        ..separable("SeparableConv1D", &["SeparableConvolution1D"])
    },
    separable("SeparableConv2D", &["SeparableConvolution2D"]),
    Card {
        keras1: &[
            ("nb_filter", "filters"),
            ("filter_length", "kernel_size"),
            ("subsample_length", "strides"),
        ],
        takes_input_dim: true,
        check: of_keras2,
        ..Card::of("LocallyConnected1D")
    },
    Card {
        keras1: KERAS1,
        read: &[kernel_size],
        check: of_keras2,
        ..Card::of("LocallyConnected2D")
    },
];

/// The arguments of Keras 1 where there are two axes or three.
const KERAS1: &[(&str, &str)] =
    &[("nb_filter", "filters"), ("subsample", "strides"), ("atrous_rate", "dilation_rate")];

const fn convolution(class_name: &'static str) -> Card {
    Card {
        tfjs: Some(&[
            "filters",
            "kernel_size",
            "strides",
            "padding",
            "data_format",
            "dilation_rate",
            "activation",
            "use_bias",
            "kernel_initializer",
            "bias_initializer",
            "kernel_regularizer",
            "bias_regularizer",
            "kernel_constraint",
            "bias_constraint",
        ]),
        ..Card::of(class_name)
    }
}

const fn transposed(class_name: &'static str, aliases: &'static [&'static str]) -> Card {
    Card {
        aliases,
        keras1: KERAS1,
        read: &[kernel_size, output_shape, one_group],
        keras2: |config, _| of_one_group(config),
        tfjs: Some(&[
            "filters",
            "kernel_size",
            "strides",
            "padding",
            "data_format",
            "activation",
            "use_bias",
            "kernel_initializer",
            "bias_initializer",
            "kernel_regularizer",
            "bias_regularizer",
            "kernel_constraint",
            "bias_constraint",
        ]),
        bare: |config, _| not_dilated(config),
        ..Card::of(class_name)
    }
}

const fn depthwise(class_name: &'static str) -> Card {
    Card {
        read: &[one_group, own_kernels],
        keras2: |config, _| of_one_group(config),
        // TensorFlow.js takes a dilation rate, and pays no heed to it.
        tfjs: Some(&[
            "kernel_size",
            "strides",
            "padding",
            "depth_multiplier",
            "data_format",
            "activation",
            "use_bias",
            "depthwise_initializer",
            "bias_initializer",
            "depthwise_regularizer",
            "bias_regularizer",
            "depthwise_constraint",
            "bias_constraint",
        ]),
        bare: |config, _| not_dilated(config),
        ..Card::of(class_name)
    }
}

const fn separable(class_name: &'static str, aliases: &'static [&'static str]) -> Card {
    Card {
        aliases,
        keras1: KERAS1,
        read: &[kernel_size, one_group, own_kernels],
        keras2: |config, _| with_unused_kernel(of_one_group(config)),
        tfjs: Some(&[
            "filters",
            "kernel_size",
            "strides",
            "padding",
            "depth_multiplier",
            "data_format",
            "dilation_rate",
            "activation",
            "use_bias",
            "depthwise_initializer",
            "pointwise_initializer",
            "bias_initializer",
            "depthwise_regularizer",
            "pointwise_regularizer",
            "bias_regularizer",
            "depthwise_constraint",
            "pointwise_constraint",
            "bias_constraint",
        ]),
        ..Card::of(class_name)
    }
}

fn is_keras1(layer: &Subject<'_>) -> bool {
    layer.log.detected.dialect == Dialect::Keras1
}

/// `nb_row` and `nb_col` of Keras 1 are `kernel_size`, and so are the three `kernel_dim`.
fn kernel_size(layer: &mut Subject<'_>) -> Result<()> {
    let keys: &[&str] = match layer.config.contains_key("kernel_dim1") {
        true => &["kernel_dim1", "kernel_dim2", "kernel_dim3"],
        false => &["nb_row", "nb_col"],
    };
    if !is_keras1(layer) || !keys.iter().all(|key| layer.config.contains_key(*key)) {
        return Ok(());
    }
    let lengths: Vec<Value> = keys.iter().filter_map(|key| layer.config.remove(*key)).collect();
    layer.config.insert("kernel_size".into(), lengths.into());
    let [first, others @ ..] = keys else { return Ok(()) };
    let others_named: Vec<String> = others.iter().map(|key| format!("`{key}`")).collect();
    let text = format!("`kernel_size`, together with {}", others_named.join(" and "));
    layer.renamed(first, "kernel_size", text);
    for (i, key) in others.iter().enumerate() {
        layer.log.moved(layer.path, key, &format!("kernel_size[{}]", i + 1));
    }
    Ok(())
}

/// Keras 3 no longer has the class, and TensorFlow.js never had it.
fn of_keras2(piece: &Piece, words: Words) -> Result<()> {
    match words {
        Words::Keras2 | Words::Keras2And3 => Ok(()),
        _ => Err(piece.error("", "only Keras 2 has this layer; write an .h5 file")),
    }
}

/// Keras 1 had to be told the shape of the output, which Keras 2 calculates. Of those that have the same input
/// it calculates one; for another it is told how many places there are more, which is `output_padding`.
fn output_shape(layer: &mut Subject<'_>) -> Result<()> {
    if !is_keras1(layer) {
        return Ok(());
    }
    let numbers = |key: &str| -> Option<Vec<usize>> {
        serde_json::from_value(layer.config.get(key)?.clone()).ok()
    };
    let shape: Option<Vec<Option<usize>>> =
        layer.config.get("output_shape").and_then(|s| serde_json::from_value(s.clone()).ok());
    let same = layer.config.get("padding").is_some_and(|padding| padding == "same");
    let first = layer.config.get("data_format").is_some_and(|order| order == "channels_first");
    if let (Some(shape), Some(kernel)) = (shape, numbers("kernel_size")) {
        let places = shape.into_iter().skip(if first { 2 } else { 1 });
        let strides = numbers("strides").unwrap_or_else(|| vec![1; kernel.len()]);
        // out = (in - 1) · stride + kernel - 2 · pad + more
        let more = |out: usize, kernel: usize, stride: usize| {
            let pad = if same { kernel / 2 } else { 0 };
            (out + 2 * pad + kernel * stride - kernel) % stride.max(1)
        };
        let axes: Vec<(usize, usize)> = kernel.into_iter().zip(strides).collect();
        let usual = axes.iter().map(|&(kernel, stride)| {
            more(if same { stride } else { kernel.max(stride) }, kernel, stride)
        });
        let usual: Vec<usize> = usual.collect();
        let told =
            places.zip(&axes).map(|(out, &(kernel, stride))| Some(more(out?, kernel, stride)));
        let told: Option<Vec<usize>> = told.take(axes.len()).collect();
        if let Some(told) = told.filter(|told| *told != usual && told.len() == axes.len()) {
            layer.config.remove("output_shape");
            layer.renamed("output_shape", "output_padding", format!("`output_padding` = {told:?}"));
            layer.config.insert("output_padding".into(), told.into());
            return Ok(());
        }
    }
    layer.ignore("output_shape", "it follows from the kernel and the strides, as in Keras 2");
    Ok(())
}

/// Keras 2 writes `groups` for classes that have none.
fn one_group(layer: &mut Subject<'_>) -> Result<()> {
    if layer.config.get("groups").is_some_and(|groups| *groups == 1) {
        layer.config.remove("groups");
    }
    Ok(())
}

/// Keras 2 writes what would govern a kernel that the layer does not have; Keras 1 has one initializer
/// for both kernels.
fn own_kernels(layer: &mut Subject<'_>) -> Result<()> {
    let initializer = layer.config.remove("kernel_initializer");
    if let Some(initializer) = initializer.filter(|_| is_keras1(layer)) {
        for key in ["depthwise_initializer", "pointwise_initializer"] {
            layer.config.entry(key).or_insert_with(|| initializer.clone());
        }
        layer.renamed("init", "depthwise_initializer", "the initializer of both kernels");
    }
    for key in ["kernel_regularizer", "kernel_constraint"] {
        layer.ignore(key, "the layer has no such kernel");
    }
    Ok(())
}

/// The config as Keras 2 has it for a class without groups.
fn of_one_group(mut config: Config) -> Config {
    config.insert("groups".into(), 1.into());
    config
}

/// The same for a class that has other kernels.
fn with_unused_kernel(mut config: Config) -> Config {
    let initializer = json!({
        "module": "keras.initializers", "class_name": "GlorotUniform", "config": { "seed": null },
        "registered_name": null,
    });
    config.insert("kernel_initializer".into(), initializer);
    config.insert("kernel_regularizer".into(), Value::Null);
    config.insert("kernel_constraint".into(), Value::Null);
    config
}

/// The config without a dilation rate of 1, where others cannot be said.
fn not_dilated(mut config: Config) -> Config {
    if !is_dilated(&config) {
        config.shift_remove("dilation_rate");
    }
    config
}

fn is_dilated(config: &Config) -> bool {
    let rate = config.get("dilation_rate").and_then(Value::as_array);
    rate.is_some_and(|rate| rate.iter().any(|rate| *rate != 1))
}

fn is_causal(piece: &Piece) -> bool {
    piece.config.get("padding").is_some_and(|padding| padding == "causal")
}

/// TensorFlow.js knows the word, and refuses to run it.
fn no_causal_padding(piece: &Piece, words: Words) -> Result<()> {
    if words.are_bare() && is_causal(piece) {
        return Err(piece.error("padding", "TensorFlow.js has no causal padding"));
    }
    Ok(())
}

fn no_causal_separable(piece: &Piece, words: Words) -> Result<()> {
    if words != Words::Keras2 && is_causal(piece) {
        let reason = "Keras 3 has no causal padding of this layer; write the file for Keras 2";
        return Err(piece.error("padding", reason));
    }
    Ok(())
}

/// Keras 2 takes a dilation rate here, and pays no heed to it.
fn no_dilation_in_keras2(piece: &Piece, words: Words) -> Result<()> {
    if matches!(words, Words::Keras2 | Words::Keras2And3) && is_dilated(&piece.config) {
        return Err(piece.error("dilation_rate", "Keras 2 does not dilate this layer"));
    }
    Ok(())
}

/// TensorFlow.js takes fewer than no pads where a volume's strides are longer than the kernel, and its
/// outputs are others then.
fn no_negative_pads(piece: &Piece, words: Words) -> Result<()> {
    let lengths = |key: &str| -> Vec<u64> {
        let lengths = piece.config.get(key).and_then(Value::as_array);
        lengths.into_iter().flatten().filter_map(Value::as_u64).collect()
    };
    let mut axes = lengths("strides").into_iter().zip(lengths("kernel_size"));
    let is_same = piece.config.get("padding").is_some_and(|padding| padding == "same");
    if words.are_bare() && is_same && axes.any(|(stride, kernel)| stride > kernel) {
        let reason = "TensorFlow.js computes others where strides are longer than the kernel and the \
                      padding is \"same\"";
        return Err(piece.error("strides", reason));
    }
    Ok(())
}
