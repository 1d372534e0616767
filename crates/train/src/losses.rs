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
use serde_json::{Map, Value};

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
    let loss: L = config::read(config, harmless)?;
    loss.validate()?;
    Ok(Box::new(loss))
}
