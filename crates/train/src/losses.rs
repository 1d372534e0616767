//! How far a prediction is from its label, one file a loss.
//!
//! For a label t and a prediction p (y_true and y_pred in Keras), over the last axis of a row; `fit`
//! reports the mean over the rows. Each has a name besides (`mean_squared_error`, and `mse`), by which
//! `compile` finds it.
//!
//! | loss | of a row | defaults |
//! |---|---|---|
//! | [`MeanSquaredError`] | mean (t - p)² | |
//! | [`MeanAbsoluteError`] | mean \|t - p\| | |
//! | [`MeanAbsolutePercentageError`] | 100 mean \|t - p\| / \|t\| | |
//! | [`MeanSquaredLogarithmicError`] | mean (ln(1 + t) - ln(1 + p))² | |
//! | [`Huber`] | (t - p)² / 2 where it is small, else linear (Huber 1964) | delta 1 |
//! | [`LogCosh`] | mean ln cosh(p - t) | |
//! | [`Poisson`] | mean (p - t ln p) | |
//! | [`CosineSimilarity`] | -t · p / (‖t‖ ‖p‖) | axis -1 |
//! | [`BinaryCrossentropy`] | -mean (t ln p + (1 - t) ln(1 - p)) | from_logits false, label_smoothing 0 |
//! | [`BinaryFocalCrossentropy`] | the same, less where p is right already (Lin et al. 2017) | gamma 2, alpha 0.25 |
//! | [`CategoricalCrossentropy`] | -Σ t ln p, labels are rows with a 1 | from_logits false, label_smoothing 0 |
//! | [`SparseCategoricalCrossentropy`] | -ln p of class t, labels are indices | from_logits false |
//! | [`CategoricalFocalCrossentropy`] | -Σ alpha (1 - p)^gamma t ln p (Lin et al. 2017) | gamma 2, alpha 0.25 |
//! | [`CategoricalGeneralizedCrossEntropy`] | (1 - p^q) / q of the class (Zhang and Sabuncu 2018) | q 0.5 |
//! | [`KLDivergence`] | Σ t ln(t / p) (Kullback and Leibler 1951) | |
//! | [`Hinge`], [`SquaredHinge`] | mean max(1 - t p, 0), and its square; labels are -1 and 1 | |
//! | [`CategoricalHinge`] | max(largest wrong p - right p + 1, 0) | |
//! | [`Dice`] | 1 - 2 Σ t p / (Σ t + Σ p), of the whole batch (Dice 1945) | |
//! | [`Tversky`] | 1 - Σ t p / (Σ t p + alpha missed + beta found wrongly) (Salehi et al. 2017) | alpha, beta 0.5 |
//! | [`Circle`] | likenesses within classes against those between (Sun et al. 2020) | gamma 80, margin 0.4 |
//! | [`Custom`] | your own, with its gradient or without | |
//!
//! Behind a closing softmax or sigmoid the crossentropies are computed from the logits by themselves.
//!
//! Source: Keras, `keras.losses`.

mod axes;
mod binary_crossentropy;
mod binary_focal_crossentropy;
mod categorical_crossentropy;
mod categorical_focal_crossentropy;
mod categorical_generalized_cross_entropy;
mod categorical_hinge;
mod circle;
mod cosine_similarity;
mod custom;
mod dice;
mod elementwise;
mod hinge;
mod huber;
mod kl_divergence;
mod labels;
mod log_cosh;
mod loss;
mod losses_of;
mod mean;
mod mean_absolute_error;
mod mean_absolute_percentage_error;
mod mean_squared_error;
mod mean_squared_logarithmic_error;
mod names;
mod poisson;
mod reduction;
mod rows;
mod signed;
mod softmax;
mod sparse_categorical_crossentropy;
mod squared_hinge;
mod targets;
mod tversky;
mod with;

use std::sync::Arc;

use ceratops_core::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

pub use axes::Axes;
pub use binary_crossentropy::BinaryCrossentropy;
pub use binary_focal_crossentropy::BinaryFocalCrossentropy;
pub use categorical_crossentropy::CategoricalCrossentropy;
pub use categorical_focal_crossentropy::{Alpha, CategoricalFocalCrossentropy};
pub use categorical_generalized_cross_entropy::CategoricalGeneralizedCrossEntropy;
pub use categorical_hinge::CategoricalHinge;
pub use circle::Circle;
pub use cosine_similarity::CosineSimilarity;
pub(crate) use cosine_similarity::cosine;
pub use custom::Custom;
pub use dice::Dice;
pub use hinge::Hinge;
pub use huber::Huber;
pub use kl_divergence::KLDivergence;
pub use log_cosh::LogCosh;
pub use loss::{AnyLoss, IntoLoss, Loss, WholeLoss, mean};
pub use losses_of::{IntoLosses, Losses, MaybeLoss};
pub use mean_absolute_error::MeanAbsoluteError;
pub use mean_absolute_percentage_error::MeanAbsolutePercentageError;
pub use mean_squared_error::MeanSquaredError;
pub use mean_squared_logarithmic_error::MeanSquaredLogarithmicError;
pub(crate) use names::{canonical, known_to_keras, names};
/// A number with its derivative, and the operations on it: for [`Custom::each`].
pub use num_dual::{Dual64, DualNum};
pub use poisson::Poisson;
pub use reduction::Reduction;
pub(crate) use rows::Rows;
pub use sparse_categorical_crossentropy::SparseCategoricalCrossentropy;
pub use squared_hinge::SquaredHinge;
pub(crate) use targets::{Targets, couples_samples, depends_on_batches};
pub use targets::{value, value_and_gradient};
pub use tversky::Tversky;
pub use with::With;

use crate::config;

/// The smallest probability whose logarithm is taken: Keras' epsilon.
const EPSILON: f32 = 1e-7;

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
    let (class, mut config) = config::class_of("loss", entry)?;
    let read = names::reader(&class).ok_or_else(|| unknown(&class))?;
    let (name, reduction) = (config.remove("name"), config.remove("reduction"));
    let loss = read(&config)?;
    let reduction = reduction.map_or(Ok(loss.reduction()), |r| Reduction::from_json(&r))?;
    let name = name.as_ref().and_then(Value::as_str).filter(|name| *name != loss.name());
    if name.is_none() && reduction == loss.reduction() {
        return Ok(loss);
    }
    Ok(Box::new(With::new(Arc::from(loss), name.map(str::to_owned), reduction)))
}

/// What Keras writes for a loss: its name, how it is reduced, and its settings.
fn entry(class_name: &str, name: &str, settings: &impl Serialize) -> Result<Value> {
    let settings = serde_json::to_value(settings).map_err(|e| Error::config(class_name, e))?;
    let mut entry = json!({"name": name, "reduction": Reduction::default().name()});
    if let (Value::Object(entry), Value::Object(settings)) = (&mut entry, settings) {
        entry.extend(settings);
    }
    config::entry("keras.losses", class_name, &entry)
}

fn unknown(name: &str) -> Error {
    let all: Vec<&str> = names().collect();
    Error::unknown("loss", name, all.iter().copied())
        .with_help(format!("there are {}", all.join(", ")))
}

fn read<L: Loss + Serialize + DeserializeOwned + Default>(
    config: &Map<String, Value>,
) -> Result<Box<dyn Loss>> {
    // Keras 2 writes these always; other values of theirs would give other losses.
    let harmless = |key: &str, value: &Value| match key {
        "dtype" | "fn" => true,
        "axis" => *value == -1,
        _ => false,
    };
    let loss: L = config::read(config, harmless)?;
    loss.validate()?;
    Ok(Box::new(loss))
}
