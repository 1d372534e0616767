//! What recurrent layers say of how they run, which is no part of what they compute.

use ceratops_core::Result;
use serde_json::Value;

use super::subject::Subject;

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

/// Passes over the settings of an LSTM that change nothing, and refuses those that would.
pub(super) fn lstm(layer: &mut Subject<'_>) -> Result<()> {
    if layer.class_name != "LSTM" {
        return Ok(());
    }
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
