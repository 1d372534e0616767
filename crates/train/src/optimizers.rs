//! How weights follow their gradients, one file an optimizer.
//!
//! For a weight w and its gradient dw; m and v are running means of dw and dw², a hat says that they
//! are corrected for beginning at zero. The page of each has the formula to the letter. Names and
//! defaults are Keras'; the learning rate is 0.001 unless something else is said.
//!
//! | optimizer | the update | further defaults | from |
//! |---|---|---|---|
//! | [`SGD`] | w -= learning_rate dw; with momentum a velocity | learning_rate 0.01, momentum 0 | Robbins and Monro 1951; Polyak 1964; Nesterov 1983 |
//! | [`RMSprop`] | w -= learning_rate dw / √(v + epsilon) | rho 0.9, momentum 0 | Hinton 2012 |
//! | [`Adam`] | w -= learning_rate m̂ / (√v̂ + epsilon) | beta_1 0.9, beta_2 0.999 | Kingma and Ba 2015 |
//! | [`AdamW`] | Adam, and w -= learning_rate weight_decay w | weight_decay 0.004 | Loshchilov and Hutter 2019 |
//! | [`Adamax`] | w -= learning_rate m̂ / max(beta_2 u, \|dw\|) | as Adam | Kingma and Ba 2015 |
//! | [`Nadam`] | Adam that looks ahead as Nesterov does | as Adam | Dozat 2016 |
//! | [`Adagrad`] | w -= learning_rate dw / √(Σ dw² + epsilon) | initial_accumulator_value 0.1 | Duchi et al. 2011 |
//! | [`Adadelta`] | w -= learning_rate dw √(mean step²) / √v | rho 0.95 | Zeiler 2012 |
//! | [`Ftrl`] | the weight that fits all gradients so far, drawn to zero | learning_rate_power -0.5 | McMahan et al. 2013 |
//! | [`Lion`] | w -= learning_rate sign(beta_1 m + (1 - beta_1) dw) | beta_1 0.9, beta_2 0.99 | Chen et al. 2023 |
//! | [`Adafactor`] | Adam's v from the means of rows and columns alone | beta_2_decay -0.8, clip_threshold 1 | Shazeer and Stern 2018 |
//! | [`Lamb`] | Adam's step, as long as the weight | as Adam | You et al. 2020 |
//! | [`Muon`] | the orthogonal matrix next to m; Adam for vectors | momentum 0.95 | Jordan et al. 2024 |
//!
//! All share the settings of [`Base`]: weight decay and what it leaves out, three ways to clip
//! gradients, running means of the weights, gradients accumulated over batches, a
//! [schedule](crate::schedules) in place of the learning rate.
//!
//! Source: Keras, `keras.optimizers`.

mod adadelta;
mod adafactor;
mod adagrad;
mod adam;
mod adamax;
mod adamw;
mod base;
mod elementwise;
mod ftrl;
mod lamb;
mod legacy;
mod lion;
mod muon;
mod nadam;
mod optimizer;
mod rmsprop;
mod sgd;
mod slot;
mod slots;
mod state;
mod variables;

use ceratops_core::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

pub use adadelta::Adadelta;
pub use adafactor::Adafactor;
pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamax::Adamax;
pub use adamw::AdamW;
pub use base::Base;
pub(crate) use base::within;
pub(crate) use elementwise::spreads;
pub use ftrl::Ftrl;
pub use lamb::Lamb;
pub use lion::Lion;
pub use muon::Muon;
pub use nadam::Nadam;
pub use optimizer::{IntoOptimizer, Optimizer, Step};
pub use rmsprop::RMSprop;
pub use sgd::SGD;
pub use slot::{Slot, Weight};
pub use state::OptimizerState;
pub use variables::{OptimizerVariables, paths};

use crate::{config, schedules};

/// Makes an optimizer from its config.
type Read = fn(&Map<String, Value>) -> Result<Box<dyn Optimizer>>;

/// The classes, and how each is read from its config.
const BUILTIN: &[(&str, Read)] = &[
    ("SGD", read::<SGD>),
    ("RMSprop", read::<RMSprop>),
    ("Adam", read::<Adam>),
    ("AdamW", read::<AdamW>),
    ("Adadelta", read::<Adadelta>),
    ("Adagrad", read::<Adagrad>),
    ("Adamax", read::<Adamax>),
    ("Adafactor", read::<Adafactor>),
    ("Nadam", read::<Nadam>),
    ("Ftrl", read::<Ftrl>),
    ("Lion", read::<Lion>),
    ("Lamb", read::<Lamb>),
    ("Muon", read::<Muon>),
];

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
/// Missing keys keep Keras' defaults; unknown ones are errors, unless they say nothing. The words
/// of Keras 1 and 2 (`lr`, `decay`) and of TensorFlow.js (`learningRate`, `beta1`) are understood.
pub fn from_json(entry: &Value) -> Result<Box<dyn Optimizer>> {
    let (name, config) = config::class_of("optimizer", entry)?;
    let known = |(class, _): &&(&str, Read)| class.eq_ignore_ascii_case(&name);
    let (class, read) = BUILTIN.iter().find(known).ok_or_else(|| unknown(&name))?;
    read(&legacy::upgraded(class, &config)?)
}

fn unknown(name: &str) -> Error {
    let classes: Vec<&str> = BUILTIN.iter().map(|(class, _)| *class).collect();
    Error::unknown("optimizer", name, classes.iter().copied())
        .with_help(format!("there are {}", classes.join(", ")))
}

pub(crate) fn read<O: Optimizer + Serialize + DeserializeOwned + Default>(
    config: &Map<String, Value>,
) -> Result<Box<dyn Optimizer>> {
    // Here for the path in its error.
    if let Some(schedule @ Value::Object(_)) = config.get("learning_rate") {
        schedules::from_json(schedule).map_err(|e| e.at("config.learning_rate"))?;
    }
    // These change nothing of what is computed.
    let harmless =
        |key: &str, _: &Value| matches!(key, "name" | "jit_compile" | "is_legacy_optimizer");
    let optimizer: O = config::read(config, harmless)?;
    optimizer.validate()?;
    Ok(Box::new(optimizer))
}
