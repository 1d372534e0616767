//! The folders of TensorFlow.js: `model.json`, and shards of weights beside it.
//!
//! The layout is that of `tfjs-core`'s `io/types.ts` and of `tensorflowjs_converter`.

mod manifest;
mod values;
mod write;

use ceratops_core::{Result, Tensor};
use serde_json::Value;

use self::manifest::Weight;
pub(crate) use self::write::write;
use crate::{
    contents::{Contents, Weights},
    open::Fetch,
    training::{OptimizerWeights, Training},
};

/// What `model.json`, whose text is `document`, and its shards hold.
pub(crate) fn contents(document: Value, fetch: Fetch<'_>) -> Result<Contents> {
    let weights = manifest::weights(&document["weightsManifest"], fetch)?;
    let (optimizer, model): (Vec<Weight>, Vec<Weight>) =
        weights.into_iter().partition(|weight| weight.of_optimizer);
    let training = training(&document, named(optimizer));
    let weights = Weights::Named(named(model));
    Ok(Contents { document, keras_version: None, weights, training, notes: Vec::new() })
}

fn named(weights: Vec<Weight>) -> Vec<(String, Tensor)> {
    weights.into_iter().map(|weight| (weight.name, weight.value)).collect()
}

/// How the model was compiled: TF.js says it beside the topology, a converted file of Keras in it.
fn training(document: &Value, mut optimizer: Vec<(String, Tensor)>) -> Option<Training> {
    let places = [document.get("trainingConfig"), document["modelTopology"].get("training_config")];
    let config = places.into_iter().flatten().find(|config| !config.is_null()).cloned();
    let mut iterations = 0;
    optimizer.retain(|(name, value)| {
        let counts = name == ITERATIONS;
        if counts {
            iterations = value.as_slice().first().map_or(0, |&count| count as u64);
        }
        !counts
    });
    let optimizer = (iterations > 0 || !optimizer.is_empty()).then_some(OptimizerWeights {
        iterations,
        learning_rate: None,
        slots: optimizer,
    });
    let known = config.is_some() || optimizer.is_some();
    known.then(|| Training { config: config.unwrap_or(Value::Null), optimizer })
}

/// TF.js' name for the number of updates.
const ITERATIONS: &str = "iter";
