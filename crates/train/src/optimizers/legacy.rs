//! Configs of optimizers in the words of Keras 1 and 2 and of TensorFlow.js.

use ceratops_core::{Error, Result};
use serde_json::{Map, Value};

/// The same config in the words of Keras 3: `lr` and `learningRate` become `learning_rate`, `beta1`
/// becomes `beta_1`.
///
/// An `epsilon` of null stood for Keras' own. A `clipnorm` of Keras up to 2.3 is the norm of all
/// gradients together. RMSprop's `decay` is `rho` in TensorFlow.js; in Keras `decay` lowers the
/// learning rate with each update, and is refused unless it is zero.
pub(super) fn upgraded(config: &Map<String, Value>) -> Result<Map<String, Value>> {
    let tfjs = config.contains_key("learningRate");
    // Optimizers had no names before TensorFlow's own, and all of them had `decay`.
    let nameless = config.contains_key("decay") && !config.contains_key("name") && !tfjs;
    let mut upgraded = Map::new();
    for (key, value) in config {
        let key = match key.as_str() {
            "lr" | "learningRate" => "learning_rate",
            "beta1" => "beta_1",
            "beta2" => "beta_2",
            "decay" if tfjs => "rho",
            "decay" if value.as_f64() != Some(0.0) => {
                let message = format!(
                    "expected 0, got {value}; a learning rate that decays is not supported"
                );
                return Err(Error::config("config.decay", message));
            }
            "decay" => continue,
            "epsilon" if value.is_null() => continue,
            "clipnorm" if nameless => "global_clipnorm",
            key => key,
        };
        upgraded.insert(key.to_owned(), value.clone());
    }
    Ok(upgraded)
}
