//! MeanMetric: the mean over rows of a function of label and prediction.

use std::{fmt, sync::Arc};

use ceratops_core::{Closing, Error, Result, Tensor};
use serde_json::{Map, Value, json};

use super::Metric;
use crate::{
    config,
    losses::{Loss, Rows},
};

/// What is averaged: a function of the label and the prediction of one row.
type RowFn = Arc<dyn Fn(&[f32], &[f32]) -> f64 + Send + Sync>;

/// mean(f(y_true, y_pred)) over all rows, a row being a vector of the predictions' last axis.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_train::{Metric, metrics::MeanMetric};
///
/// let mut bias = MeanMetric::new("bias", |y_true, y_pred| {
///     y_true.iter().zip(y_pred).map(|(t, p)| f64::from(p - t)).sum()
/// });
/// bias.update(&Tensor::from([[1.0], [2.0]]), &Tensor::from([[2.0], [5.0]]))?;
/// assert_eq!(bias.result(), 2.0);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.metrics.MeanMetricWrapper`.
#[derive(Clone)]
pub struct MeanMetric {
    name: String,
    of: Of,
    /// Keras' class and its settings, if it is one of Keras' that is no loss.
    class: Option<(&'static str, Map<String, Value>)>,
    total: f64,
    count: usize,
}

/// What the mean is taken of.
#[derive(Clone)]
enum Of {
    Function { sparse: bool, value: RowFn },
    Loss { loss: Arc<dyn Loss>, joined: Option<Arc<dyn Loss>> },
}

impl MeanMetric {
    /// The mean of a function of a row of labels and the row of predictions, of the same length.
    pub fn new(
        name: impl Into<String>,
        value: impl Fn(&[f32], &[f32]) -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self::of(name, Of::Function { sparse: false, value: Arc::new(value) })
    }

    /// The mean of a function of one label, the index of a class, and a row of predictions.
    pub fn sparse(
        name: impl Into<String>,
        value: impl Fn(f32, &[f32]) -> f64 + Send + Sync + 'static,
    ) -> Self {
        let value = move |y_true: &[f32], y_pred: &[f32]| {
            y_true.first().map_or(0.0, |&label| value(label, y_pred))
        };
        Self::of(name, Of::Function { sparse: true, value: Arc::new(value) })
    }

    /// The mean of a loss, under the loss' name.
    pub fn of_loss(loss: impl Loss) -> Self {
        Self::boxed(loss.name().to_owned(), Box::new(loss))
    }

    pub(super) fn boxed(name: impl Into<String>, loss: Box<dyn Loss>) -> Self {
        Self::of(name, Of::Loss { loss: loss.into(), joined: None })
    }

    fn of(name: impl Into<String>, of: Of) -> Self {
        Self { name: name.into(), of, class: None, total: 0.0, count: 0 }
    }

    /// The same metric, known to Keras by that class and these settings.
    pub(super) fn of_class(self, class_name: &'static str, settings: Map<String, Value>) -> Self {
        Self { class: Some((class_name, settings)), ..self }
    }

    /// Keras' class and settings for it, if it has one.
    fn class(&self) -> Result<Option<(String, Map<String, Value>)>> {
        let Of::Loss { loss, .. } = &self.of else {
            return Ok(self.class.clone().map(|(class, settings)| (class.to_owned(), settings)));
        };
        let entry = loss.to_json()?;
        if !entry.is_object() {
            return Ok(None);
        }
        let (class, mut settings) = config::class_of("loss", &entry)?;
        // A metric has a name of its own, and is always a mean over the last axis.
        settings.retain(|key, _| !matches!(key.as_str(), "name" | "reduction" | "axis"));
        Ok(Some((class, settings)))
    }

    fn is_sparse(&self) -> bool {
        match &self.of {
            Of::Function { sparse, .. } => *sparse,
            Of::Loss { loss, .. } => loss.is_sparse(),
        }
    }

    fn add(&mut self, rows: &Rows<'_>) {
        self.count += rows.len();
        self.total += match &self.of {
            Of::Function { value, .. } => rows.iter().map(|(t, p)| value(t, p)).sum(),
            Of::Loss { loss, joined } => rows.sum(&**joined.as_ref().unwrap_or(loss), None),
        };
    }
}

impl Metric for MeanMetric {
    fn name(&self) -> &str {
        &self.name
    }

    fn update(&mut self, y_true: &Tensor, y_pred: &Tensor) -> Result<()> {
        let Ok(rows) = Rows::new(self.is_sparse(), y_true.as_slice(), y_pred) else {
            let labels = if self.is_sparse() {
                "labels that are the index of a class, one for each row of the output"
            } else {
                "labels of the output's shape"
            };
            let what = format!("y of metric \"{}\"", self.name);
            let help =
                "use the metric that goes with these labels; \"accuracy\" finds it by itself";
            return Err(Error::shape(what, labels, y_true.shape(), help));
        };
        self.add(&rows);
        Ok(())
    }

    fn result(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.total / self.count as f64 }
    }

    fn reset(&mut self) {
        (self.total, self.count) = (0.0, 0);
    }

    fn on_logits(&mut self, closing: Option<Closing>) -> bool {
        let Of::Loss { loss, joined } = &mut self.of else { return false };
        *joined = closing.and_then(|closing| loss.with_logits(closing)).map(Into::into);
        joined.is_some()
    }

    fn to_json(&self) -> Result<Value> {
        let Some((class, settings)) = self.class()? else { return Ok(self.name().into()) };
        let mut config = json!({"name": self.name, "dtype": "float32"});
        if let Some(config) = config.as_object_mut() {
            config.extend(settings);
        }
        config::entry("keras.metrics", &class, &config)
    }
}

impl fmt::Debug for MeanMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeanMetric").field("name", &self.name).finish_non_exhaustive()
    }
}
