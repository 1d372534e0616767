//! The `Metric` trait, and what `compile` takes for metrics.

use std::fmt::Debug;

use ceratops_core::{Closing, Error, Result, Shape, Tensor};
use dyn_clone::DynClone;
use serde_json::Value;

use super::{Direction, Kind, get, is_accuracy};

/// A number that is gathered over batches.
///
/// Most metrics are means over rows: a [`MeanMetric`](super::MeanMetric) of a function. This trait
/// is for the others.
///
/// ```
/// use ceratops_core::{Closing, Result, Tensor};
/// use ceratops_train::Metric;
///
/// /// The largest error so far.
/// #[derive(Debug, Clone, Default)]
/// struct MaxError(f32);
///
/// impl Metric for MaxError {
///     fn name(&self) -> &str {
///         "max_error"
///     }
///     fn update(&mut self, y_true: &Tensor, y_pred: &Tensor) -> Result<()> {
///         for (t, p) in y_true.as_slice().iter().zip(y_pred.as_slice()) {
///             self.0 = self.0.max((t - p).abs());
///         }
///         Ok(())
///     }
///     fn result(&self) -> f64 {
///         self.0.into()
///     }
///     fn reset(&mut self) {
///         self.0 = 0.0;
///     }
/// }
/// ```
pub trait Metric: Debug + DynClone + Send + Sync + 'static {
    /// The name under which it is reported.
    fn name(&self) -> &str;

    /// Takes a batch into account.
    fn update(&mut self, y_true: &Tensor, y_pred: &Tensor) -> Result<()>;

    /// Takes a batch into account whose samples have weights: what `weighted_metrics` are told. A
    /// metric of your own that is one of them must say what weights do.
    fn update_weighted(
        &mut self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: &Tensor,
    ) -> Result<()> {
        let _ = (y_true, y_pred, sample_weight);
        let expected = "a metric with `update_weighted`";
        Err(Error::argument("weighted_metrics", expected, self.name()))
    }

    /// The value over all batches since `reset`; 0 before the first. It is the mean of several.
    fn result(&self) -> f64;

    /// The values, where there are several: one for each class or threshold. They are reported as
    /// `name[0]`, `name[1]` and so on.
    fn results(&self) -> Vec<f64> {
        vec![self.result()]
    }

    /// Forgets all batches.
    fn reset(&mut self);

    /// What it gathered, as JSON, for a training that is interrupted within an epoch and goes on in
    /// another process. A metric of your own that has none begins anew there.
    fn state(&self) -> Value {
        Value::Null
    }

    /// Gathers on from what [`Metric::state`] gave.
    fn set_state(&mut self, state: &Value) -> Result<()> {
        let _ = state;
        Ok(())
    }

    /// Whether it would rather see the input of the model's `closing` activation (if the loss is
    /// computed from that) than the model's output. Asked before the first batch.
    fn on_logits(&mut self, closing: Option<Closing>) -> bool {
        let _ = closing;
        false
    }

    /// Whether steps that the output's mask leaves out weigh nothing in it: then
    /// [`Metric::update_weighted`] is told so. Keras' means over steps do; its other metrics, such as
    /// `AUC`, do not know the mask.
    fn follows_mask(&self) -> bool {
        false
    }

    /// Whether more or less of it is better, where that can be said: what callbacks that look for
    /// the best value go by.
    fn direction(&self) -> Option<Direction> {
        None
    }

    /// What Keras writes for it: the name, or an entry with class and config.
    fn to_json(&self) -> Result<Value> {
        Ok(self.name().into())
    }
}

dyn_clone::clone_trait_object!(Metric);

/// A metric, or the word for one that the shapes of labels and predictions decide.
#[derive(Debug, Clone)]
pub enum AnyMetric {
    /// A metric.
    Metric(Box<dyn Metric>),
    /// An identifier, not looked up yet.
    Named(String),
}

impl AnyMetric {
    /// Looks the name up, unless the data's shapes must decide: `accuracy` and `acc`.
    pub(crate) fn look_up(self) -> Result<Self> {
        match self {
            Self::Named(name) if !is_accuracy(&name) => get(&name).map(Self::Metric),
            other => Ok(other),
        }
    }

    /// The same metric; a name that is not known is refused.
    pub(super) fn checked(self) -> Result<Self> {
        self.clone().look_up().map(|_| self)
    }

    /// The metric for labels and outputs of these shapes.
    pub(crate) fn resolve(self, y: &[usize], output: &Shape) -> Result<Box<dyn Metric>> {
        match self {
            Self::Metric(metric) => Ok(metric),
            Self::Named(name) if is_accuracy(&name) => {
                Ok(Box::new(Kind::of(y, output).accuracy(&name)))
            }
            Self::Named(name) => get(&name),
        }
    }

    /// What Keras writes for it: the identifier as it was typed, or the entry of the metric.
    pub fn to_json(&self) -> Result<Value> {
        match self {
            Self::Metric(metric) => metric.to_json(),
            Self::Named(name) => Ok(super::known_to_keras(name).into()),
        }
    }
}

impl<M: Metric> From<M> for AnyMetric {
    fn from(metric: M) -> Self {
        Self::Metric(Box::new(metric))
    }
}

impl From<Box<dyn Metric>> for AnyMetric {
    fn from(metric: Box<dyn Metric>) -> Self {
        Self::Metric(metric)
    }
}

impl From<&str> for AnyMetric {
    fn from(name: &str) -> Self {
        Self::Named(name.into())
    }
}

impl From<&String> for AnyMetric {
    fn from(name: &String) -> Self {
        Self::Named(name.clone())
    }
}

impl From<String> for AnyMetric {
    fn from(name: String) -> Self {
        Self::Named(name)
    }
}
