//! How far a prediction is from its label, one file a loss.

mod binary_crossentropy;
mod categorical_crossentropy;
mod labels;
mod loss;
mod mean;
mod mean_absolute_error;
mod mean_squared_error;
mod rows;
mod softmax;
mod sparse_categorical_crossentropy;

use ceratops_core::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

pub use binary_crossentropy::BinaryCrossentropy;
pub use categorical_crossentropy::CategoricalCrossentropy;
pub use loss::{AnyLoss, IntoLoss, Loss, mean};
pub use mean_absolute_error::MeanAbsoluteError;
pub use mean_squared_error::MeanSquaredError;
pub(crate) use rows::Rows;
pub use sparse_categorical_crossentropy::SparseCategoricalCrossentropy;

use crate::config;

/// The smallest probability whose logarithm is taken: Keras' epsilon.
const EPSILON: f32 = 1e-7;

/// Makes a loss from its config.
type Read = fn(&Map<String, Value>) -> Result<Box<dyn Loss>>;

/// The identifiers of each loss (Keras' function and class, its short forms, TensorFlow.js), and
/// how it is read from its config.
const BUILTIN: &[(&[&str], Read)] = &[
    (
        &["mean_squared_error", "MeanSquaredError", "meanSquaredError", "mse", "MSE"],
        read::<MeanSquaredError>,
    ),
    (
        &["mean_absolute_error", "MeanAbsoluteError", "meanAbsoluteError", "mae", "MAE"],
        read::<MeanAbsoluteError>,
    ),
    (
        &["binary_crossentropy", "BinaryCrossentropy", "binaryCrossentropy", "bce", "BCE"],
        read::<BinaryCrossentropy>,
    ),
    (
        &["categorical_crossentropy", "CategoricalCrossentropy", "categoricalCrossentropy"],
        read::<CategoricalCrossentropy>,
    ),
    (
        &[
            "sparse_categorical_crossentropy",
            "SparseCategoricalCrossentropy",
            "sparseCategoricalCrossentropy",
        ],
        read::<SparseCategoricalCrossentropy>,
    ),
];

/// The loss of that name with Keras' defaults.
///
/// ```
/// let mse = ceratops_train::losses::get("mse")?;
/// assert_eq!(mse.name(), "mean_squared_error");
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn get(identifier: &str) -> Result<Box<dyn Loss>> {
    from_json(&Value::from(identifier))
}

/// The loss that a config of Keras describes: an identifier, or
/// `{"class_name": "BinaryCrossentropy", "config": {"from_logits": true}}`.
pub fn from_json(entry: &Value) -> Result<Box<dyn Loss>> {
    let (name, config) = config::class_of("loss", entry)?;
    let known = |(names, _): &&(&[&str], Read)| names.contains(&name.as_str());
    let (_, read) = BUILTIN.iter().find(known).ok_or_else(|| unknown(&name))?;
    read(&config)
}

/// What Keras writes for a loss: its name, how it is reduced, and its settings.
fn entry<L: Loss + Serialize>(class_name: &str, loss: &L, more: &[(&str, Value)]) -> Result<Value> {
    let settings = serde_json::to_value(loss).map_err(|e| Error::config(class_name, e))?;
    let mut entry = json!({"name": loss.name(), "reduction": "sum_over_batch_size"});
    if let (Value::Object(entry), Value::Object(settings)) = (&mut entry, settings) {
        entry.extend(settings);
        entry.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    }
    config::entry("keras.losses", class_name, &entry)
}

/// The first of the identifiers of the loss that has this one.
pub(crate) fn canonical(identifier: &str) -> Option<&'static str> {
    let known = BUILTIN.iter().find(|(names, _)| names.contains(&identifier));
    known.and_then(|(names, _)| names.first().copied())
}

/// The first identifier of each loss.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    BUILTIN.iter().flat_map(|(names, _)| names.first().copied())
}

fn unknown(name: &str) -> Error {
    let all: Vec<&str> = names().collect();
    Error::unknown("loss", name, all.iter().copied())
        .with_help(format!("there are {}", all.join(", ")))
}

fn read<L: Loss + Serialize + DeserializeOwned + Default>(
    config: &Map<String, Value>,
) -> Result<Box<dyn Loss>> {
    // Keras writes these always; other values of theirs would give other losses.
    let harmless = |key: &str, value: &Value| match key {
        "name" | "dtype" | "fn" => true,
        "reduction" => matches!(value.as_str(), Some("sum_over_batch_size" | "mean" | "auto")),
        "axis" => *value == -1,
        _ => false,
    };
    // Null is a reduction of its own, to none, and 0 is the index of a class.
    for (key, nothing) in
        [("reduction", json!("sum_over_batch_size")), ("ignore_class", json!(null))]
    {
        let meant = config.get(key).filter(|value| value.is_null() || value.is_number());
        if let Some(value) = meant.filter(|value| **value != nothing) {
            let message = format!("expected {nothing}, got {value}; no other is supported");
            return Err(Error::config(format!("config.{key}"), message));
        }
    }
    let loss: L = config::read(config, harmless)?;
    loss.validate()?;
    Ok(Box::new(loss))
}
