//! What a file names, and only its author knows.

use std::sync::Arc;

use ceratops_core::Result;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    Loss, Metric, Optimizer, config,
    losses::{AnyLoss, IntoLoss},
    metrics::{self, AnyMetric},
    optimizers,
};

/// Losses, metrics and optimizers of your own, by the names under which files mention them: for going on
/// with a training that was saved. (Layers and activations of your own are in a
/// [`Registry`](ceratops_layers::Registry).)
///
/// ```
/// use ceratops_layers::{Dense, Input, sequential};
/// use ceratops_train::{Compile, CustomObjects, losses::{Custom, DualNum}};
///
/// let quartic = Custom::each("quartic", |t, p| (p - t).powi(4));
/// let model = || sequential![Input::new([1]), Dense::new(1)];
/// let config = model()?.compile("adam", quartic.clone(), ())?.compile_config()?;
///
/// let known = CustomObjects::new().with_loss(quartic);
/// assert_eq!(model()?.compile_from_config_with(&config, &known)?.compile_config()?, config);
/// let error = model()?.compile_from_config(&config).unwrap_err().to_string();
/// assert!(error.contains("unknown loss `quartic`"));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `custom_objects` of `keras.saving.load_model`.
#[derive(Debug, Clone, Default)]
pub struct CustomObjects {
    losses: Vec<(String, AnyLoss)>,
    metrics: Vec<Box<dyn Metric>>,
    optimizers: Vec<(String, Read)>,
}

/// Reads an optimizer's config.
type Read = fn(&Map<String, Value>) -> Result<Box<dyn Optimizer>>;

impl CustomObjects {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// A loss, which a file mentions by its [name](Loss::name).
    #[must_use]
    pub fn with_loss(mut self, loss: impl Loss) -> Self {
        self.losses.push((loss.name().to_owned(), AnyLoss::Loss(Arc::new(loss))));
        self
    }

    /// A metric, which a file mentions by its [name](Metric::name).
    #[must_use]
    pub fn with_metric(mut self, metric: impl Metric) -> Self {
        self.metrics.push(Box::new(metric));
        self
    }

    /// A class of optimizers, which a file mentions by its [class name](Optimizer::class_name); the settings
    /// come from the file.
    #[must_use]
    pub fn with_optimizer<O: Optimizer + Serialize + DeserializeOwned + Default>(mut self) -> Self {
        self.optimizers.push((O::default().class_name().to_owned(), optimizers::read::<O>));
        self
    }

    /// The loss of an entry, one of these or one that is known to all.
    pub(crate) fn loss(&self, entry: &Value) -> Result<AnyLoss> {
        let name = config::class_of("loss", entry).map(|(name, _)| name);
        let own = self.losses.iter().find(|(own, _)| name.as_ref().is_ok_and(|name| name == own));
        own.map_or_else(|| entry.into_loss(), |(_, loss)| Ok(loss.clone()))
    }

    /// The metric of an entry, one of these or one that is known to all.
    pub(crate) fn metric(&self, entry: &Value) -> Result<AnyMetric> {
        let name = config::class_of("metric", entry).map(|(name, _)| name);
        let own = self.metrics.iter().find(|own| name.as_ref().is_ok_and(|n| n == own.name()));
        own.map_or_else(|| metrics::from_json(entry), |metric| Ok(metric.clone().into()))
    }

    /// The optimizer of an entry, one of these or one that is known to all.
    pub(crate) fn optimizer(&self, entry: &Value) -> Result<Box<dyn Optimizer>> {
        let class = config::class_of("optimizer", entry);
        let own = class.ok().and_then(|(name, config)| {
            let (_, read) = self.optimizers.iter().find(|(class, _)| *class == name)?;
            Some(read(&config))
        });
        own.unwrap_or_else(|| optimizers::from_json(entry))
    }
}
