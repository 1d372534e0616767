//! Configs of optimizers in the words of Keras 1 and 2 and of TensorFlow.js.

use ceratops_core::{Error, Result};
use serde_json::{Map, Value, json};

/// The same config of a `class` in the words of Keras 3: `lr` and `learningRate` become
/// `learning_rate`, `beta1` becomes `beta_1`.
///
/// An `epsilon` of null stood for Keras' own. A `clipnorm` of Keras up to 2.3 is the norm of all
/// gradients together. A `decay` lowers the learning rate with each update as `InverseTimeDecay`
/// does; but RMSprop's is `rho` in TensorFlow.js.
pub(super) fn upgraded(class: &str, config: &Map<String, Value>) -> Result<Map<String, Value>> {
    let tfjs = config.contains_key("learningRate");
    // Optimizers had no names before TensorFlow's own, and all of them had `decay`.
    let nameless = config.contains_key("decay") && !config.contains_key("name") && !tfjs;
    let mut upgraded = Map::new();
    for (key, value) in config {
        let key = match key.as_str() {
            "lr" | "learningRate" => "learning_rate",
            "beta1" => "beta_1",
            "beta2" => "beta_2",
            "initialAccumulatorValue" => "initial_accumulator_value",
            "decay" if tfjs && class == "RMSprop" => "rho",
            "decay" => continue,
            "epsilon" if value.is_null() => continue,
            "clipnorm" if nameless => "global_clipnorm",
            key => key,
        };
        upgraded.insert(key.to_owned(), value.clone());
    }
    let decay = config.get("decay").filter(|decay| !decay.is_null() && decay.as_f64() != Some(0.0));
    if let Some(decay) = decay.filter(|_| !(tfjs && class == "RMSprop")) {
        let rate = upgraded.get("learning_rate").unwrap_or(&Value::Null);
        let rate = decaying(class, rate, decay)?;
        upgraded.insert("learning_rate".to_owned(), rate);
    }
    Ok(upgraded)
}

/// The schedule for a learning rate that decays: rate / (1 + decay * iterations).
fn decaying(class: &str, rate: &Value, decay: &Value) -> Result<Value> {
    let refused = |expected: &str| {
        Err(Error::config("config.decay", format!("expected {expected}, got {decay}")))
    };
    if class == "Nadam" {
        return refused("0, since this momentum schedule is that of older Nadams");
    }
    if !decay.is_number() || !rate.is_number() {
        return refused("a number that goes with a learning rate");
    }
    let config = json!({"initial_learning_rate": rate, "decay_steps": 1, "decay_rate": decay});
    Ok(json!({"class_name": "InverseTimeDecay", "config": config}))
}
