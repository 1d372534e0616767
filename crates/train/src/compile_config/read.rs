//! Reading what Keras 1 to 3 and TensorFlow.js write for a compiled model.

use ceratops_core::{Error, Result};
use serde_json::Value;

use super::CompileConfig;
use crate::{
    IntoLoss, Optimizer,
    losses::AnyLoss,
    metrics::{self, AnyMetric},
    optimizers,
};

/// Settings that change how fast a program is, not what it computes.
const HARMLESS: [&str; 4] =
    ["run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss"];

impl CompileConfig {
    /// The config as Keras 3 and 2 write it to a `.keras` file (`optimizer`), Keras 1 to 3 to a
    /// legacy `.h5` file and TensorFlow.js to `model.json` (`optimizer_config`).
    ///
    /// Optimizer and loss may be identifiers or entries with class and config; the loss may be a
    /// list or an object of one, and metrics may be nested as Keras 2 nests them.
    ///
    /// # Errors
    /// Where optimizer or loss are not supported, or would train differently here; the error has
    /// the path within the config. Metrics and keys that are not understood are no errors: they are
    /// in [`CompileConfig::not_understood`].
    pub fn from_json(config: &Value) -> Result<Self> {
        let Some(keys) = config.as_object() else {
            return Err(Error::config(
                "compile_config",
                format!("expected an object, got {config}"),
            ));
        };
        let optimizer = optimizer(config)?;
        let loss = loss(&config["loss"]).map_err(|e| e.at("loss"))?;
        let loss_weights = loss_weights(&config["loss_weights"])?;
        let (mut metrics, mut not_understood) = (Vec::new(), Vec::new());
        let mut weighted_metrics = Vec::new();
        for (key, metrics) in
            [("metrics", &mut metrics), ("weighted_metrics", &mut weighted_metrics)]
        {
            add_metrics(key, &config[key], metrics, &mut not_understood);
        }
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

fn optimizer(config: &Value) -> Result<Box<dyn Optimizer>> {
    for key in ["optimizer", "optimizer_config"] {
        if let Some(entry) = config.get(key).filter(|entry| !entry.is_null()) {
            return optimizers::from_json(entry).map_err(|e| e.at(key));
        }
    }
    let message = "expected an optimizer, as `optimizer` or `optimizer_config`, got none";
    Err(Error::config("optimizer", message))
}

fn loss(entry: &Value) -> Result<AnyLoss> {
    match entry {
        Value::Null => Err(Error::config("", "expected a loss, got null")),
        Value::Array(losses) => match losses.as_slice() {
            [one] => loss(one).map_err(|e| e.at("[0]")),
            _ => Err(one_output(losses.len())),
        },
        Value::Object(losses) if !losses.contains_key("class_name") => {
            let mut each = losses.iter();
            match (each.next(), each.next()) {
                (Some((output, one)), None) => loss(one).map_err(|e| e.at(output)),
                (None, _) => {
                    let message = "expected a loss, got {}: TensorFlow.js saves no functions; compile \
                                   with a name, such as \"meanSquaredError\"";
                    Err(Error::config("", message))
                }
                _ => Err(one_output(losses.len())),
            }
        }
        entry => entry.into_loss(),
    }
}

fn one_output(found: usize) -> Error {
    Error::config("", format!("expected one loss, for the model's one output, got {found}"))
}

/// What the loss of the one output is multiplied by: a number, or a list or an object of one.
fn loss_weights(weights: &Value) -> Result<Option<f64>> {
    let weight = match weights {
        Value::Array(weights) if weights.len() == 1 => weights.first(),
        Value::Object(weights) if weights.len() == 1 => weights.values().next(),
        weights => Some(weights),
    };
    match weight {
        Some(Value::Null) | None => Ok(None),
        Some(Value::Number(weight)) => Ok(weight.as_f64()),
        Some(_) => {
            let message = format!("expected a number for the one output, or null, got {weights}");
            Err(Error::config("loss_weights", message))
        }
    }
}

/// Adds the metrics of a list, of a list of lists, or of an object with one for each output.
fn add_metrics(
    path: &str,
    entry: &Value,
    metrics: &mut Vec<AnyMetric>,
    not_understood: &mut Vec<Error>,
) {
    match entry {
        Value::Null => {}
        Value::Array(entries) => {
            for (i, entry) in entries.iter().enumerate() {
                add_metrics(&format!("{path}[{i}]"), entry, metrics, not_understood);
            }
        }
        Value::Object(entries) if !entries.contains_key("class_name") => {
            for (output, entry) in entries {
                add_metrics(&format!("{path}.{output}"), entry, metrics, not_understood);
            }
        }
        entry => match metrics::from_json(entry) {
            Ok(metric) => metrics.push(metric),
            Err(error) => not_understood.push(error.at(path)),
        },
    }
}
