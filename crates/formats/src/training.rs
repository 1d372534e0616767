//! What a file holds of training, as plain data.

use ceratops_core::{Error, Result, Tensor};
use serde_json::{Value, json};

use crate::{Change, Note, hdf5::Member};

/// How a model was compiled, and what its optimizer remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Training {
    /// Keras' `compile_config` (`.keras`), `training_config` (legacy `.h5`) or `trainingConfig`
    /// (TensorFlow.js), as it came.
    pub config: Value,
    /// What the optimizer remembers, if the file holds it.
    pub optimizer: Option<OptimizerWeights>,
}

/// What an optimizer remembers, in the order of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OptimizerWeights {
    /// How many updates there have been.
    pub iterations: u64,
    /// The learning rate, where the optimizer keeps it as a variable (Keras 3).
    pub learning_rate: Option<f32>,
    /// The tensors it remembers of the weights, each under the name it has in the file.
    pub slots: Vec<(String, Tensor)>,
}

/// What notes call the two parts of training.
pub(crate) const CONFIG: &str = "the training's config";
pub(crate) const OPTIMIZER: &str = "what the optimizer remembers";

/// What could be read; where that is nothing, a note says why. Training is no part of what a model
/// computes, so that none of it may keep the model from being opened.
pub(crate) fn readable<T>(part: &str, read: Result<Option<T>>, notes: &mut Vec<Note>) -> Option<T> {
    read.unwrap_or_else(|error| {
        let (path, text) = (part.to_owned(), error.to_string());
        notes.push(Note { path, change: Change::Ignored, text });
        None
    })
}

/// Whether the note says why something of training could not be read.
pub(crate) fn is_of_training(note: &Note) -> bool {
    note.change == Change::Ignored && [CONFIG, OPTIMIZER].contains(&note.path.as_str())
}

impl Training {
    /// The same with plain SGD, which remembers nothing: for what does not learn.
    #[must_use]
    pub fn without_optimizer(mut self) -> Self {
        if let Some(config) = self.config.as_object_mut() {
            let key = if config.contains_key("optimizer_config") {
                "optimizer_config"
            } else {
                "optimizer"
            };
            config.insert(key.into(), json!({ "class_name": "SGD", "config": {} }));
        }
        Self { optimizer: None, ..self }
    }
}

/// What an optimizer remembers, from its variables in the order of the file.
///
/// The one that counts updates comes first, or is named for it; a single number behind it is the
/// learning rate, which Keras 3 keeps as a variable and Keras 2 does not. Nothing comes of variables
/// of which none counts, such as those that Keras 1 wrote.
pub(crate) fn optimizer_weights<'a>(
    variables: impl Iterator<Item = (String, &'a Member)>,
) -> Result<Option<OptimizerWeights>> {
    let mut found = OptimizerWeights::default();
    let mut variables = variables.peekable();
    match variables.next() {
        Some((_, Member::Integers { shape, values })) if shape.is_empty() => {
            let count = values.first().copied().unwrap_or_default();
            found.iterations = u64::try_from(count)
                .map_err(|_| Error::Data(format!("an optimizer made {count} updates")))?;
        }
        Some((name, Member::Tensor(tensor))) if is_named(&name, "iter") && tensor.len() == 1 => {
            found.iterations = tensor.as_slice()[0] as u64;
        }
        _ => return Ok(None),
    }
    if let Some((name, Member::Tensor(rate))) = variables.peek()
        && let (&[rate], 0) = (rate.as_slice(), rate.ndim())
        && may_be_rate(name)
    {
        found.learning_rate = Some(rate);
        variables.next();
    }
    let slots = variables.map(|(name, member)| {
        let tensor = member.to_tensor();
        let no_tensor = || Error::Data(format!("the optimizer's \"{name}\" is no tensor"));
        Ok((name.clone(), tensor.ok_or_else(no_tensor)?))
    });
    found.slots = slots.collect::<Result<_>>()?;
    Ok(Some(found))
}

/// Whether a variable of that name may be the learning rate, and not the slot of a weight that is a single
/// number: a number for a name says nothing.
fn may_be_rate(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_digit()) || is_named(name, "learning_rate")
}

/// Whether the last part of a variable's name begins like this.
fn is_named(name: &str, start: &str) -> bool {
    name.rsplit('/').next().is_some_and(|last| last.starts_with(start))
}

/// The name of the optimizer, and its learning rate if that is a number, as the config says.
pub(crate) fn optimizer_name_and_rate(training: Option<&Training>) -> (String, Option<f32>) {
    let config = training.and_then(|training| optimizer_entry(&training.config));
    let config = config.and_then(|entry| entry.get("config"));
    let name = config.and_then(|config| config.get("name")).and_then(Value::as_str);
    let rate = config.and_then(|config| config.get("learning_rate")).and_then(Value::as_f64);
    (name.unwrap_or("optimizer").to_owned(), rate.map(|rate| rate as f32))
}

/// The optimizer's entry: `.keras` and legacy `.h5` have different keys for it.
pub(crate) fn optimizer_entry(config: &Value) -> Option<&Value> {
    config.get("optimizer_config").or_else(|| config.get("optimizer"))
}
