//! Reading what Keras 1 to 3 and TensorFlow.js write for a compiled model.

use ceratops_core::{Error, Result, Structure};
use serde_json::Value;

use super::CompileConfig;
use crate::{CustomObjects, Optimizer, losses::Losses, metrics::Metrics};

/// Settings that change how fast a program is, not what it computes.
const HARMLESS: [&str; 4] =
    ["run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss"];

impl CompileConfig {
    /// The config as Keras 3 and 2 write it to a `.keras` file (`optimizer`), Keras 1 to 3 to a
    /// legacy `.h5` file and TensorFlow.js to `model.json` (`optimizer_config`).
    ///
    /// Optimizer and loss may be identifiers or entries with class and config; for several outputs
    /// there may be lists, or objects by their names, and metrics may be nested as Keras 2 nests them.
    ///
    /// # Errors
    /// Where optimizer or loss are not supported, or would train differently here; the error has
    /// the path within the config. Metrics and keys that are not understood are no errors: they are
    /// in [`CompileConfig::not_understood`].
    pub fn from_json(config: &Value) -> Result<Self> {
        Self::from_json_with(config, &CustomObjects::new())
    }

    /// [`CompileConfig::from_json`] with losses, metrics and optimizers of your own.
    ///
    /// # Errors
    /// As there.
    pub fn from_json_with(config: &Value, custom: &CustomObjects) -> Result<Self> {
        let Some(keys) = config.as_object() else {
            return Err(Error::config(
                "compile_config",
                format!("expected an object, got {config}"),
            ));
        };
        let optimizer = optimizer(config, custom)?;
        let loss = Losses::from_json_with(&config["loss"], custom).map_err(|e| e.at("loss"))?;
        let loss_weights = loss_weights(&config["loss_weights"])?;
        let mut not_understood = Vec::new();
        let mut metrics =
            |key| Metrics::from_json_with(key, &config[key], &mut not_understood, custom);
        let (metrics, weighted_metrics) = (metrics("metrics"), metrics("weighted_metrics"));
        for (key, value) in keys {
            let known = match key.as_str() {
                "optimizer" | "optimizer_config" | "loss" | "loss_weights" | "metrics"
                | "weighted_metrics" => true,
                key => HARMLESS.contains(&key) || is_nothing(value),
            };
            if !known {
                let message = format!("{value} is not supported here, and was left out");
                not_understood.push(Error::config(key, message));
            }
        }
        Ok(Self { optimizer, loss, loss_weights, metrics, weighted_metrics, not_understood })
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_nothing),
        Value::Object(items) => items.values().all(is_nothing),
        _ => false,
    }
}

fn optimizer(config: &Value, custom: &CustomObjects) -> Result<Box<dyn Optimizer>> {
    for key in ["optimizer", "optimizer_config"] {
        if let Some(entry) = config.get(key).filter(|entry| !entry.is_null()) {
            return custom.optimizer(entry).map_err(|e| e.at(key));
        }
    }
    let message = "expected an optimizer, as `optimizer` or `optimizer_config`, got none";
    Err(Error::config("optimizer", message))
}

/// What the losses are multiplied by: a number, or a list or an object with one for each output.
fn loss_weights(weights: &Value) -> Result<Option<Structure<f64>>> {
    let number = |weight: &Value| {
        let expected = || format!("expected a number for each output, or null, got {weights}");
        weight.as_f64().ok_or_else(|| Error::config("loss_weights", expected()))
    };
    Ok(Some(match weights {
        Value::Null => return Ok(None),
        Value::Array(list) if list.iter().all(Value::is_null) && !list.is_empty() => {
            return Ok(None);
        }
        Value::Array(list) => Structure::List(list.iter().map(number).collect::<Result<_>>()?),
        Value::Object(named) => {
            let named = named.iter().map(|(name, weight)| Ok((name.clone(), number(weight)?)));
            Structure::Named(named.collect::<Result<_>>()?)
        }
        weight => Structure::One(number(weight)?),
    }))
}
