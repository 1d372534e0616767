//! Recurrent layers: how they run, which is no part of what they compute.

use ceratops_core::Result;
use serde_json::{Value, json};

use super::{Card, Config};
use crate::json::{
    Dialect,
    subject::Subject,
    write::{
        Out,
        activations::{Spelling, function_name, no_name, spelled},
        piece::{Piece, ordered},
    },
};

pub(super) const CARDS: &[Card] = &[Card {
    aliases: &["CuDNNLSTM", "UnifiedLSTM", "LSTMV1", "LSTMV2"],
    keras1: &[
        ("output_dim", "units"),
        ("inner_init", "recurrent_initializer"),
        ("inner_activation", "recurrent_activation"),
        ("U_regularizer", "recurrent_regularizer"),
        ("dropout_W", "dropout"),
        ("dropout_U", "recurrent_dropout"),
    ],
    takes_input_dim: true,
    read: &[forget_bias, settings],
    keras3,
    keras2: |config, _| keras2(config),
    tfjs: Some(&[
        "return_sequences",
        "go_backwards",
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
        "kernel_constraint",
        "recurrent_constraint",
        "bias_constraint",
        "dropout",
        "recurrent_dropout",
    ]),
    bare: |config, _| bare(config),
    functions_within: Some(name_functions),
    ..Card::of("LSTM")
}];

/// Settings that change what a layer takes, gives or remembers where they are true; what their
/// being false means, and what to do otherwise.
const SWITCHES: [(&str, &str, &str); 3] = [
    (
        "time_major",
        "the input is (batch, time, features) here too",
        "an input of (time, batch, features) cannot be taken; save the model with \
         time_major=False and give it inputs of (batch, time, features): the weights are the same",
    ),
    (
        "return_state",
        "the layer has one output here too",
        "a layer of a Sequential model has one output; save the model with return_state=False",
    ),
    (
        "stateful",
        "each sample begins with a state of zeros here too",
        "the state that one batch leaves cannot be kept for the next; save the model with \
         stateful=False and give it whole sequences: the weights are the same",
    ),
];

/// Of the ways in which Keras can compute the same, `implementation` and `unroll` choose one.
const WAYS: [&str; 2] = ["implementation", "unroll"];

/// The bias of an LSTM's forget gate had an initializer of its own, of which one is left.
fn forget_bias(layer: &mut Subject<'_>) -> Result<()> {
    if layer.log.detected.dialect != Dialect::Keras1 {
        return Ok(());
    }
    layer.ignore("consume_less", "it chooses how Keras computes the same numbers");
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

const FIRST: [&str; 3] = ["name", "trainable", "dtype"];

/// The config with all that Keras 3 says.
fn keras3(config: Config) -> Config {
    const ORDER: [&str; 6] = [
        "return_sequences",
        "return_state",
        "go_backwards",
        "stateful",
        "unroll",
        "zero_output_for_mask",
    ];
    in_order(config, &ORDER)
}

/// The config as Keras 2 has it, where `seed` is unknown, which tells what is dropped in training,
/// and `zero_output_for_mask` is said only where it is true.
fn keras2(config: Config) -> Config {
    const ORDER: [&str; 6] =
        ["return_sequences", "return_state", "go_backwards", "stateful", "unroll", "time_major"];
    let zero = config.get("zero_output_for_mask").filter(|zero| **zero == true).cloned();
    let mut config = in_order(bare(config), &ORDER);
    config.extend(zero.map(|zero| ("zero_output_for_mask".to_owned(), zero)));
    config.insert("implementation".into(), 2.into());
    config
}

/// The config without what TensorFlow.js does not know; what comes out at masked times is noted by
/// `masks`.
fn bare(mut config: Config) -> Config {
    config.shift_remove("seed");
    config.shift_remove("zero_output_for_mask");
    config
}

/// The config with these keys first, false where they are missing.
fn in_order(mut config: Config, order: &[&str]) -> Config {
    for key in order {
        config.entry(*key).or_insert(json!(false));
    }
    let first: Vec<&str> = FIRST.iter().chain(order).copied().collect();
    ordered(config, &first)
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
