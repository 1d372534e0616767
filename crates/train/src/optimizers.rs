//! How weights follow their gradients, one file an optimizer.

mod adam;
mod base;
mod elementwise;
mod legacy;
mod optimizer;
mod rmsprop;
mod sgd;
mod slots;
mod state;
mod variables;

use ceratops_core::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

pub use adam::Adam;
pub use base::Base;
pub(crate) use base::within;
pub(crate) use elementwise::spreads;
pub use optimizer::{IntoOptimizer, Optimizer, Step};
pub use rmsprop::RMSprop;
pub use sgd::SGD;
pub use state::OptimizerState;
pub use variables::OptimizerVariables;

use crate::config;

/// Makes an optimizer from its config.
type Read = fn(&Map<String, Value>) -> Result<Box<dyn Optimizer>>;

/// The classes, and how each is read from its config.
const BUILTIN: &[(&str, Read)] =
    &[("SGD", read::<SGD>), ("RMSprop", read::<RMSprop>), ("Adam", read::<Adam>)];

/// The optimizer of that name with Keras' defaults. As in Keras, case does not count.
///
/// ```
/// let adam = ceratops_train::optimizers::get("adam")?;
/// assert_eq!(adam.base().learning_rate, 0.001);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn get(identifier: &str) -> Result<Box<dyn Optimizer>> {
    from_json(&Value::from(identifier))
}

/// The optimizer that a config of Keras describes: a name, or
/// `{"class_name": "Adam", "config": {...}}`.
///
/// Missing keys keep Keras' defaults. Refused are settings that would train differently and are
/// not supported: learning rate schedules, `use_ema`, `gradient_accumulation_steps`, a `decay`. The
/// words of Keras 1 and 2 (`lr`) and of TensorFlow.js (`learningRate`, `beta1`) are understood.
pub fn from_json(entry: &Value) -> Result<Box<dyn Optimizer>> {
    let (name, config) = config::class_of("optimizer", entry)?;
    let known = |(class, _): &&(&str, Read)| class.eq_ignore_ascii_case(&name);
    let (_, read) = BUILTIN.iter().find(known).ok_or_else(|| unknown(&name))?;
    read(&config)
}

fn unknown(name: &str) -> Error {
    let classes: Vec<&str> = BUILTIN.iter().map(|(class, _)| *class).collect();
    Error::unknown("optimizer", name, classes.iter().copied())
        .with_help(format!("there are {}", classes.join(", ")))
}

fn read<O: Optimizer + Serialize + DeserializeOwned + Default>(
    config: &Map<String, Value>,
) -> Result<Box<dyn Optimizer>> {
    let config = &legacy::upgraded(config)?;
    if let Some(schedule @ Value::Object(_)) = config.get("learning_rate") {
        let class = schedule.get("class_name").and_then(Value::as_str).unwrap_or("a schedule");
        let message = format!("expected a number, got {class}; schedules are not supported");
        return Err(Error::config("config.learning_rate", message));
    }
    // Keras writes these always; they matter only together with keys that are refused.
    let harmless = |key: &str, _: &Value| {
        matches!(
            key,
            "name"
                | "ema_momentum"
                | "ema_overwrite_frequency"
                | "jit_compile"
                | "is_legacy_optimizer"
        )
    };
    let optimizer: O = config::read(config, harmless)?;
    optimizer.validate()?;
    Ok(Box::new(optimizer))
}
