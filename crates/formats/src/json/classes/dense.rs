//! Dense.

use ceratops_core::Result;
use serde_json::Value;

use super::{Card, Config};
use crate::json::{Words, subject::Subject, write::piece::ordered};

pub(super) const CARDS: &[Card] = &[DENSE, EINSUM, of_keras1("Highway"), of_keras1("MaxoutDense")];

const EINSUM: Card = Card { read: &[lora], complete: quantizable, ..Card::of("EinsumDense") };

/// A class that Keras 1 had. The first versions of Keras 2 had it too, with the words of Keras 1.
const fn of_keras1(class_name: &'static str) -> Card {
    Card {
        takes_input_dim: true,
        read: &[old_words],
        check: |piece, words| match words {
            Words::Keras3 | Words::Keras3Short => Ok(()),
            _ => {
                let reason = "no other program of today has this layer; a .keras file opens here";
                Err(piece.error("", reason))
            }
        },
        ..Card::of(class_name)
    }
}

fn old_words(layer: &mut Subject<'_>) -> Result<()> {
    for (old, new) in [
        ("output_dim", "units"),
        ("init", "kernel_initializer"),
        ("bias", "use_bias"),
        ("W_regularizer", "kernel_regularizer"),
        ("b_regularizer", "bias_regularizer"),
        ("W_constraint", "kernel_constraint"),
        ("b_constraint", "bias_constraint"),
    ] {
        layer.rename(old, new);
    }
    layer.ignore("transform_bias", "it is the first value of a bias, which training has changed");
    Ok(())
}

const DENSE: Card = Card {
    // A Dense takes any number of axes since Keras 1.1.
    aliases: &["TimeDistributedDense"],
    keras1: &[("output_dim", "units")],
    takes_input_dim: true,
    read: &[lora, length],
    complete: quantizable,
    tfjs: Some(&[
        "units",
        "activation",
        "use_bias",
        "kernel_initializer",
        "bias_initializer",
        "kernel_regularizer",
        "bias_regularizer",
        "kernel_constraint",
        "bias_constraint",
    ]),
    ..Card::of("Dense")
};

/// Keras writes a kernel with its LoRA merged, and the rank for which to make new ones; in legacy
/// files it stands beside the kernel, and is merged when these are read.
pub(super) fn lora(layer: &mut Subject<'_>) -> Result<()> {
    for key in ["lora_rank", "lora_alpha"] {
        layer.ignore(key, "the kernel has its LoRA merged, which computes the same");
    }
    Ok(())
}

/// A TimeDistributedDense says how many steps there are.
fn length(layer: &mut Subject<'_>) -> Result<()> {
    layer.ignore("input_length", "the shape of the input says it too");
    Ok(())
}

/// A class that can be quantized says of an activity regularizer only that there is one.
fn quantizable(mut config: Config) -> Config {
    if config.get("activity_regularizer").is_some_and(Value::is_null) {
        config.shift_remove("activity_regularizer");
    }
    config.insert("quantization_config".into(), Value::Null);
    ordered(config, &["name", "trainable", "dtype", "activity_regularizer"])
}
