//! Writing what a compiled model was compiled with, as Keras does.

use ceratops_core::{Result, Structure};
use serde_json::{Map, Value, json};

use crate::{CompiledModel, losses};

/// The version of Keras for which a legacy `.h5` file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KerasVersion {
    /// Keras 2 with the optimizers of TensorFlow 2.11 to 2.15 and of `tf_keras`. Their variables
    /// are those of [`CompiledModel::optimizer_variables`] without the learning rate.
    V2,
    /// Keras 3.
    V3,
}

/// Settings of optimizers that Keras 2 refuses, even where they say nothing.
const SINCE_KERAS_3: [&str; 2] = ["loss_scale_factor", "gradient_accumulation_steps"];

impl CompiledModel {
    /// What the model was compiled with, as Keras 3 keeps it in a `.keras` file. Identifiers stay
    /// as they were typed, but for TensorFlow.js' spelling; objects become entries with class and
    /// config. A loss or metric of your own is its name, which Keras must be told of
    /// (`custom_objects`).
    ///
    /// ```
    /// use ceratops_layers::{Dense, Input, sequential};
    /// use ceratops_train::Compile;
    ///
    /// let model = sequential![Input::new([4]), Dense::new(1)]?.compile("sgd", "mse", "mae")?;
    /// let config = model.compile_config()?;
    /// assert_eq!(config["optimizer"]["config"]["learning_rate"], 0.01);
    /// assert_eq!((&config["loss"], &config["metrics"][0]), (&"mse".into(), &"mae".into()));
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// Source: Keras, `Trainer.get_compile_config`.
    pub fn compile_config(&self) -> Result<Value> {
        let mut config = json!({"optimizer": self.optimizer_entry()?});
        extend(&mut config, self.common()?);
        Ok(config)
    }

    /// The same in the words of a legacy `.h5` file, whose attribute `training_config` it is.
    ///
    /// Entries have a class and a config only. The loss has its long name, as Keras 3 finds no
    /// `"mse"` in such a file, although it writes it. Metrics stay identifiers for Keras 2 too: it
    /// writes them wrapped, which Keras 3 loads and cannot compute.
    ///
    /// Source: Keras 3, `legacy/saving/saving_utils.py`, `model_metadata`; files of `tf_keras`.
    pub fn training_config(&self, version: KerasVersion) -> Result<Value> {
        let mut config = self.common()?;
        each_leaf(&mut config["loss"], &|loss| match bare(loss) {
            Value::String(name) => losses::canonical(&name).unwrap_or(&name).into(),
            entry => entry,
        });
        for key in ["metrics", "weighted_metrics"] {
            each_leaf(&mut config[key], &bare);
        }
        let mut optimizer = bare(&self.optimizer_entry()?);
        if let (KerasVersion::V2, Some(entry)) = (version, optimizer.as_object_mut()) {
            let class = self.optimizer.class_name();
            // The bare class is that of the optimizers before, whose variables are others.
            entry.insert("class_name".to_owned(), format!("Custom>{class}").into());
            if let Some(Value::Object(config)) = entry.get_mut("config") {
                config.insert("name".to_owned(), class.into());
                config.retain(|key, _| !SINCE_KERAS_3.contains(&key.as_str()));
            }
        }
        config["optimizer_config"] = optimizer;
        Ok(config)
    }

    /// All but the optimizer.
    fn common(&self) -> Result<Value> {
        Ok(json!({
            "loss": self.losses.to_json()?,
            "loss_weights": self.loss_weights.as_ref().map(loss_weights),
            "metrics": self.metrics.to_json()?,
            "weighted_metrics": self.weighted_metrics.to_json()?,
            "run_eagerly": false,
            "steps_per_execution": 1,
            "jit_compile": false,
        }))
    }

    /// The optimizer's entry, its name first.
    fn optimizer_entry(&self) -> Result<Value> {
        let mut entry = self.optimizer.to_json()?;
        if let Some(settings) = entry.get_mut("config") {
            let mut config = json!({"name": self.optimizer.name()});
            extend(&mut config, settings.take());
            *settings = config;
        }
        Ok(entry)
    }
}

/// Changes every loss or metric of a list, or of an object by the names of outputs.
fn each_leaf(value: &mut Value, change: &dyn Fn(&Value) -> Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| each_leaf(item, change)),
        Value::Object(items) if !items.contains_key("class_name") => {
            items.values_mut().for_each(|item| each_leaf(item, change));
        }
        leaf => *leaf = change(leaf),
    }
}

fn loss_weights(weights: &Structure<f64>) -> Value {
    match weights {
        Structure::One(weight) => json!(weight),
        Structure::List(weights) => json!(weights),
        Structure::Named(weights) => {
            weights.iter().map(|(name, weight)| (name.clone(), json!(weight))).collect()
        }
    }
}

/// Adds the keys of `more`.
fn extend(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

/// The class and the config of an entry; an identifier as it is.
fn bare(entry: &Value) -> Value {
    let Some(entry) = entry.as_object() else { return entry.clone() };
    let keys = ["class_name", "config"];
    let kept = keys.into_iter().filter_map(|key| Some((key.to_owned(), entry.get(key)?.clone())));
    Value::Object(kept.collect::<Map<_, _>>())
}
