//! What the programs say of an LSTM beyond what it computes.

use ceratops_core::Result;
use serde_json::{Map, Value, json};

use super::{
    Out,
    activations::{Spelling, function_name, no_name, spelled},
    piece::{Piece, ordered},
};

const FIRST: [&str; 3] = ["name", "trainable", "dtype"];

/// Its config with all that Keras 3 says.
pub(super) fn keras3(config: Map<String, Value>) -> Map<String, Value> {
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

/// Its config as Keras 2 has it, where `seed` is unknown, which tells what is dropped in training,
/// and `zero_output_for_mask` is said only where it is true.
pub(super) fn keras2(config: Map<String, Value>) -> Map<String, Value> {
    const ORDER: [&str; 6] =
        ["return_sequences", "return_state", "go_backwards", "stateful", "unroll", "time_major"];
    let zero = config.get("zero_output_for_mask").filter(|zero| **zero == true).cloned();
    let mut config = in_order(bare(config), &ORDER);
    config.extend(zero.map(|zero| ("zero_output_for_mask".to_owned(), zero)));
    config.insert("implementation".into(), 2.into());
    config
}

/// Its config without what TensorFlow.js does not know; what comes out at masked times is noted by
/// `masks`.
pub(super) fn bare(mut config: Map<String, Value>) -> Map<String, Value> {
    config.shift_remove("seed");
    config.shift_remove("zero_output_for_mask");
    config
}

/// The config with these keys first, false where they are missing.
fn in_order(mut config: Map<String, Value>, order: &[&str]) -> Map<String, Value> {
    for key in order {
        config.entry(*key).or_insert(json!(false));
    }
    let first: Vec<&str> = FIRST.iter().chain(order).copied().collect();
    ordered(config, &first)
}

/// Names both functions as TensorFlow.js knows them. They work within the layer, so that none can be
/// a layer behind it.
pub(super) fn name_functions(piece: &mut Piece, out: &mut Out) -> Result<()> {
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
