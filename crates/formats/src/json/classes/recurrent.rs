//! Recurrent layers: how they run, which is no part of what they compute.

pub(in crate::json) mod held;

use ceratops_core::Result;
use serde_json::Value;

use super::{Card, Config};
use crate::json::{
    Dialect, Words,
    subject::Subject,
    write::{
        Out,
        activations::{Spelling, function_name, no_name, spelled},
        piece::{Piece, ordered},
    },
};

/// The arguments that TensorFlow.js knows of a cell: its own, and those of every cell.
macro_rules! of_cell {
    ($($own:literal)*) => { &[
        $($own,)*
        "units",
        "activation",
        "use_bias",
        "kernel_initializer",
        "recurrent_initializer",
        "bias_initializer",
        "kernel_regularizer",
        "recurrent_regularizer",
        "bias_regularizer",
        "kernel_constraint",
        "recurrent_constraint",
        "bias_constraint",
        "dropout",
        "recurrent_dropout",
    ] };
}

/// The same of a layer.
macro_rules! of_layer {
    ($($own:literal)*) => {
        of_cell!($($own)* "return_sequences" "return_state" "go_backwards" "stateful" "unroll")
    };
}

/// The same of an LSTM of convolutions.
macro_rules! of_convolution {
    () => {
        of_layer!(
            "filters" "kernel_size" "strides" "padding" "data_format" "dilation_rate"
            "recurrent_activation" "unit_forget_bias"
        )
    };
}

/// The cards of layers, of cells, and of what holds them.
pub(super) const CARDS: &[Card] = &[
    Card {
        aliases: &["CuDNNLSTM", "UnifiedLSTM", "LSTMV1", "LSTMV2"],
        keras1: KERAS1_GATED,
        read: &[forget_bias, settings],
        tfjs: Some(of_layer!("recurrent_activation" "unit_forget_bias")),
        ..layer("LSTM")
    },
    Card {
        aliases: &["CuDNNGRU", "UnifiedGRU", "GRUV1", "GRUV2"],
        keras1: KERAS1_GATED,
        read: &[reset_after, settings],
        check: reset_before,
        tfjs: Some(of_layer!("recurrent_activation" "reset_after")),
        ..layer("GRU")
    },
    Card {
        keras1: KERAS1,
        read: &[settings],
        keras2: |config, _| time_major(old(config)),
        tfjs: Some(of_layer!()),
        ..layer("SimpleRNN")
    },
    convolutional("ConvLSTM1D"),
    Card { tfjs: Some(of_convolution!()), ..convolutional("ConvLSTM2D") },
    convolutional("ConvLSTM3D"),
    Card {
        aliases: &["LSTMCellV1", "LSTMCellV2"],
        tfjs: Some(of_cell!("recurrent_activation" "unit_forget_bias")),
        ..cell("LSTMCell")
    },
    Card {
        aliases: &["GRUCellV1", "GRUCellV2"],
        read: &[reset_after, settings],
        check: reset_before,
        tfjs: Some(of_cell!("recurrent_activation" "reset_after")),
        ..cell("GRUCell")
    },
    Card { keras2: |config, _| old(config), tfjs: Some(of_cell!()), ..cell("SimpleRNNCell") },
    Card { tfjs: Some(&["cells"]), ..Card::of("StackedRNNCells") },
    Card {
        read: &[settings],
        complete: without_penalty,
        keras2: |config, _| time_major(without_penalty(old(config))),
        tfjs: Some(&[
            "return_sequences",
            "return_state",
            "go_backwards",
            "stateful",
            "unroll",
            "cell",
        ]),
        bare: |config, _| without_penalty(bare(config)),
        functions_within: Some(held::name_functions),
        ..layer("RNN")
    },
    Card {
        keras2: |config, _| held::keras2(config),
        check: held::one_kind,
        tfjs: Some(&["merge_mode", "layer"]),
        bare: |config, _| held::keras2(config),
        functions_within: Some(held::name_functions),
        ..Card::of("Bidirectional")
    },
];

/// The order in which Keras 3 writes the arguments of a layer and of its cell.
const ORDER: &[&str] = &[
    "name",
    "trainable",
    "dtype",
    "return_sequences",
    "return_state",
    "go_backwards",
    "stateful",
    "unroll",
    "zero_output_for_mask",
    "units",
    "activation",
    "recurrent_activation",
    "use_bias",
    "kernel_initializer",
    "recurrent_initializer",
    "bias_initializer",
    "unit_forget_bias",
    "kernel_regularizer",
    "recurrent_regularizer",
    "bias_regularizer",
    "activity_regularizer",
];

/// What layers have in common.
const fn layer(class_name: &'static str) -> Card {
    Card {
        takes_input_dim: true,
        complete: |config| ordered(config, ORDER),
        keras2: |config, _| implementation(time_major(old(config))),
        bare: |config, _| bare(config),
        functions_within: Some(name_functions),
        ..Card::of(class_name)
    }
}

/// What an LSTM of convolutions has in common with the others.
const fn convolutional(class_name: &'static str) -> Card {
    Card {
        takes_input_dim: false,
        read: &[settings],
        keras2: |config, _| time_major(old(config)),
        ..layer(class_name)
    }
}

/// What cells have in common.
const fn cell(class_name: &'static str) -> Card {
    Card {
        read: &[settings],
        keras2: |config, _| implementation(old(config)),
        bare: |config, _| bare(config),
        functions_within: Some(name_functions),
        ..Card::of(class_name)
    }
}

const KERAS1: &[(&str, &str)] = &[
    ("output_dim", "units"),
    ("inner_init", "recurrent_initializer"),
    ("U_regularizer", "recurrent_regularizer"),
    ("dropout_W", "dropout"),
    ("dropout_U", "recurrent_dropout"),
];

const KERAS1_GATED: &[(&str, &str)] = &[
    ("output_dim", "units"),
    ("inner_init", "recurrent_initializer"),
    ("inner_activation", "recurrent_activation"),
    ("U_regularizer", "recurrent_regularizer"),
    ("dropout_W", "dropout"),
    ("dropout_U", "recurrent_dropout"),
];

/// Settings that change what a layer takes where they are true; what their being false means, and what
/// to do otherwise.
const SWITCHES: [(&str, &str, &str); 1] = [(
    "time_major",
    "the input is (batch, time, features) here too",
    "an input of (time, batch, features) cannot be taken; save the model with time_major=False and give it \
     inputs of (batch, time, features): the weights are the same",
)];

/// Of the ways in which Keras can compute the same, these choose one.
const WAYS: [&str; 2] = ["implementation", "consume_less"];

/// Where nothing is said of it, r is applied before the recurrent product, as all did at first; only
/// the layer for CuDNN, which says nothing of its gates' function either, has it behind.
fn reset_after(layer: &mut Subject<'_>) -> Result<()> {
    let said = layer.config.get("reset_after").is_some_and(|after| !after.is_null());
    if !said && layer.log.detected.dialect != Dialect::Keras3 {
        let after = !layer.config.contains_key("recurrent_activation");
        layer.config.insert("reset_after".into(), after.into());
    }
    Ok(())
}

/// TensorFlow.js refuses a GRU whose r is applied behind the recurrent product.
fn reset_before(piece: &Piece, words: Words) -> Result<()> {
    let tfjs = matches!(words, Words::TensorFlowJs | Words::Portable);
    if tfjs && piece.config.get("reset_after") != Some(&Value::Bool(false)) {
        let reason = "TensorFlow.js knows only reset_after = false; make the layer so, or write the \
                      file for Keras";
        return Err(piece.error("reset_after", reason));
    }
    Ok(())
}

/// The bias of an LSTM's forget gate had an initializer of its own, of which one is left.
fn forget_bias(layer: &mut Subject<'_>) -> Result<()> {
    if layer.log.detected.dialect != Dialect::Keras1 {
        return Ok(());
    }
    let Some(init) = layer.config.remove("forget_bias_init") else { return Ok(()) };
    let ones = init == "one" || init == "ones";
    let text = match ones {
        true => "`unit_forget_bias`",
        false => "`unit_forget_bias` = false; it matters only where weights are drawn",
    };
    layer.renamed("forget_bias_init", "unit_forget_bias", text);
    layer.config.insert("unit_forget_bias".into(), ones.into());
    Ok(())
}

/// Passes over the settings that change nothing, and refuses those that would.
fn settings(layer: &mut Subject<'_>) -> Result<()> {
    for (key, when_false, when_true) in SWITCHES {
        match layer.config.get(key) {
            Some(Value::Bool(false)) => layer.ignore(key, when_false),
            Some(Value::Bool(true)) => return Err(layer.error(key, when_true)),
            _ => {}
        }
    }
    // TensorFlow.js, which writes null where nothing was said, then takes it for false.
    if layer.config.get("unit_forget_bias").is_some_and(Value::is_null) {
        layer.config.insert("unit_forget_bias".into(), false.into());
    }
    for key in WAYS {
        layer.ignore(key, "it chooses how Keras computes the same numbers");
    }
    Ok(())
}

/// The config without what TensorFlow.js does not know; what comes out at masked times is noted by
/// `masks`.
fn bare(mut config: Config) -> Config {
    config.shift_remove("seed");
    config.shift_remove("zero_output_for_mask");
    config
}

/// The config as Keras 2 has it, where `seed` is unknown, which tells what is dropped in training, and
/// `zero_output_for_mask` is said only where it is true.
fn old(config: Config) -> Config {
    let zero = config.get("zero_output_for_mask").filter(|zero| **zero == true).cloned();
    let mut config = bare(config);
    config.extend(zero.map(|zero| ("zero_output_for_mask".to_owned(), zero)));
    config
}

fn without_penalty(mut config: Config) -> Config {
    if config.get("activity_regularizer").is_some_and(Value::is_null) {
        config.shift_remove("activity_regularizer");
    }
    config
}

/// Keras 2 says that the batch comes first.
fn time_major(mut config: Config) -> Config {
    config.insert("time_major".into(), false.into());
    config
}

/// Keras 2 says how it computes.
fn implementation(mut config: Config) -> Config {
    config.insert("implementation".into(), 2.into());
    config
}

/// Names both functions as TensorFlow.js knows them. They work within the layer, so that none can be
/// a layer behind it.
fn name_functions(piece: &mut Piece, out: &mut Out) -> Result<()> {
    for key in ["activation", "recurrent_activation"] {
        let Some(value) = piece.config.get(key) else { continue };
        let name = function_name(value).map(str::to_owned);
        let spelling = name.as_deref().map(|name| spelled(name, piece, key, out)).transpose()?;
        let known = match (spelling, name) {
            (Some(Spelling::Same(known)), _) => known,
            (_, Some(name)) if name.ends_with("hard_sigmoid") => {
                return Err(piece.error(key, no_name(&name)));
            }
            _ => {
                let reason = "TensorFlow.js takes only functions within this layer, and has no \
                              such one; choose another, or write the file for Keras 3";
                return Err(piece.error(key, reason));
            }
        };
        piece.config.insert(key.into(), known);
    }
    Ok(())
}
