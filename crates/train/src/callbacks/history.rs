//! History: the loss and the metrics of every epoch.

use std::ops::Index;

use ceratops_core::Result;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Callback, TrainParams, Training};
use crate::{Logs, Named, exact};

/// The loss and the metrics of every epoch: what `fit` returns.
///
/// `history["val_loss"]` is the list of that name's values, one for each epoch. The names are in
/// Keras 3's order: alphabetical, those of validation last.
///
/// Source: Keras, `keras.callbacks.History`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// The epochs that ran.
    pub epoch: Vec<usize>,
    /// The values of each name, one for each epoch.
    pub history: Named<Vec<f64>>,
    /// How long the training was meant to be.
    pub params: TrainParams,
}

impl History {
    /// The history of a training that has not begun.
    pub fn new(params: TrainParams) -> Self {
        Self { params, ..Self::default() }
    }

    /// The values of `name`, one for each epoch; `None` if nothing has that name.
    pub fn get(&self, name: &str) -> Option<&[f64]> {
        self.history.get(name).map(Vec::as_slice)
    }

    /// The names: `loss`, those of the metrics, and with validation `val_loss` and so on.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.history.names()
    }
}

impl Callback for History {
    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _: &mut Training<'_>) -> Result<()> {
        self.epoch.push(epoch);
        for (name, &value) in logs.iter() {
            match self.history.get_mut(name) {
                Some(values) => values.push(value),
                None => self.history.insert(name, vec![value]),
            }
        }
        Ok(())
    }

    fn state(&self) -> Value {
        let values = self.history.iter();
        let values =
            values.map(|(name, values)| Curve { name: name.into(), values: values.clone() });
        exact::to_json(&Epochs { epoch: self.epoch.clone(), history: values.collect() })
    }

    fn set_state(&mut self, state: &Value) -> Result<()> {
        let Epochs { epoch, history } = exact::from_json("the history", state)?;
        self.epoch = epoch;
        self.history = Named::default();
        history.into_iter().for_each(|curve| self.history.insert(curve.name, curve.values));
        Ok(())
    }
}

/// The history as it is kept against interruption.
#[derive(Serialize, Deserialize)]
struct Epochs {
    epoch: Vec<usize>,
    history: Vec<Curve>,
}

#[derive(Serialize, Deserialize)]
struct Curve {
    name: String,
    #[serde(with = "exact::numbers")]
    values: Vec<f64>,
}

/// Panics where there is no such name, as Rust's maps do; [`History::get`] does not.
impl Index<&str> for History {
    type Output = [f64];

    fn index(&self, name: &str) -> &[f64] {
        &self.history[name]
    }
}
