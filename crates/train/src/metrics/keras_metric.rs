//! What Keras' metrics have in common that are no plain means.

use std::fmt::Debug;

use ceratops_core::{Error, Result, Tensor};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{Direction, Metric};
use crate::{config, exact};

/// A metric of Keras whose fields are its config, with a state that is not written. Each is a
/// [`Metric`].
///
/// ```
/// use ceratops_train::{Metric, metrics::{KerasMetric, Precision}};
///
/// assert_eq!(Precision::new().with_name("exactness").name(), "exactness");
/// ```
pub trait KerasMetric:
    Debug + Clone + Send + Sync + Serialize + DeserializeOwned + Default + 'static
{
    /// What is gathered over batches.
    type State: Default + Serialize + DeserializeOwned;

    /// Keras' class.
    const CLASS_NAME: &'static str;

    /// Settings that have no default.
    const REQUIRED: &'static [&'static str] = &[];

    /// Settings that are written only if they say something.
    const SPARING: &'static [&'static str] = &[];

    /// Keras' type for the state.
    const DTYPE: &'static str = "float32";

    /// Whether more or less of it is better, where Keras says so.
    const DIRECTION: Option<Direction> = None;

    /// The name, to be read or changed.
    fn name_mut(&mut self) -> &mut String;

    /// The name.
    fn own_name(&self) -> &str;

    /// Takes a batch into account, whose samples (or rows) may have weights.
    fn add(&mut self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) -> Result<()>;

    /// The values over all batches: mostly one.
    fn values(&self) -> Vec<f64>;

    /// What was gathered over batches.
    fn gathered(&self) -> &Self::State;

    /// What was gathered over batches, to be forgotten or replaced.
    fn gathered_mut(&mut self) -> &mut Self::State;

    /// Refuses settings that make no sense.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// The same metric, reported under another name.
    #[must_use]
    fn with_name(mut self, name: impl Into<String>) -> Self {
        *self.name_mut() = name.into();
        self
    }
}

impl<K: KerasMetric> Metric for K {
    fn name(&self) -> &str {
        self.own_name()
    }

    fn update(&mut self, y_true: &Tensor, y_pred: &Tensor) -> Result<()> {
        self.check()?;
        self.add(y_true, y_pred, None)
    }

    fn update_weighted(
        &mut self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: &Tensor,
    ) -> Result<()> {
        self.check()?;
        self.add(y_true, y_pred, Some(sample_weight))
    }

    fn result(&self) -> f64 {
        let values = self.values();
        if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
    }

    fn results(&self) -> Vec<f64> {
        self.values()
    }

    fn reset(&mut self) {
        *self.gathered_mut() = K::State::default();
    }

    fn state(&self) -> Value {
        exact::to_json(self.gathered())
    }

    fn set_state(&mut self, state: &Value) -> Result<()> {
        *self.gathered_mut() = exact::from_json(self.own_name(), state)?;
        Ok(())
    }

    fn direction(&self) -> Option<Direction> {
        K::DIRECTION
    }

    fn to_json(&self) -> Result<Value> {
        let json = |e: serde_json::Error| Error::config(K::CLASS_NAME, e);
        let mut config = Map::from_iter([
            ("name".to_owned(), self.own_name().into()),
            ("dtype".to_owned(), K::DTYPE.into()),
        ]);
        if let Value::Object(settings) = serde_json::to_value(self).map_err(json)? {
            config.extend(settings);
        }
        config.retain(|key, value| !(value.is_null() && K::SPARING.contains(&key.as_str())));
        config::entry("keras.metrics", K::CLASS_NAME, &config)
    }
}

/// The metric of a config, under `name` if there is one.
pub(super) fn read<K: KerasMetric>(
    name: Option<&str>,
    config: &Map<String, Value>,
) -> Result<Box<dyn Metric>> {
    for key in K::REQUIRED {
        if !config.contains_key(*key) {
            let message = format!("expected the {key} of {}, got none", K::CLASS_NAME);
            return Err(Error::config(format!("config.{key}"), message));
        }
    }
    let mut metric: K = config::read(config, |key, _| key == "dtype")?;
    if let Some(name) = name {
        name.clone_into(metric.name_mut());
    }
    metric.check()?;
    Ok(Box::new(metric))
}

/// The weight of number `i` of `len`, where there is one for each sample, row or number.
pub(super) fn weight(weights: Option<&Tensor>, i: usize, len: usize) -> f64 {
    let Some(weights) = weights else { return 1.0 };
    let each = (len / weights.len().max(1)).max(1);
    weights.as_slice().get(i / each).map_or(0.0, |&weight| f64::from(weight))
}

/// Refuses labels that are not as many as predictions, and weights that do not go with them.
pub(super) fn check_sizes(
    name: &str,
    y_true: &Tensor,
    y_pred: &Tensor,
    weights: Option<&Tensor>,
) -> Result<()> {
    if y_true.len() != y_pred.len() {
        let what = format!("y of metric \"{name}\"");
        let help = "use the metric that goes with these labels";
        let expected = ceratops_core::Shape::of(y_pred.shape());
        return Err(Error::shape(what, expected, y_true.shape(), help));
    }
    check_weights(name, y_pred.len(), weights)
}

/// Refuses weights that do not go with so many numbers.
pub(super) fn check_weights(name: &str, len: usize, weights: Option<&Tensor>) -> Result<()> {
    match weights {
        Some(weights) if weights.is_empty() || !len.is_multiple_of(weights.len()) => {
            let expected = format!("one weight for each sample of metric \"{name}\"");
            Err(Error::argument("sample_weight", expected, weights.len()))
        }
        _ => Ok(()),
    }
}
