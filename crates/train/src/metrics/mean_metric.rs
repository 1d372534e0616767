//! MeanMetric: the mean over rows of a function of label and prediction.

use std::{fmt, sync::Arc};

use ceratops_core::{Closing, Error, Result, Tensor};
use serde_json::{Map, Value, json};

use super::{
    Direction, Mean, Metric,
    keras_metric::{check_weights, weight},
};
use crate::{
    config, exact,
    losses::{self, Axes, Loss, Rows},
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
    pub(super) gathered: Mean,
}

/// What the mean is taken of.
#[derive(Clone)]
enum Of {
    Function { sparse: bool, axes: Axes, value: RowFn },
    Loss { loss: Arc<dyn Loss>, joined: Option<Arc<dyn Loss>> },
}

impl MeanMetric {
    /// The mean of a function of a row of labels and the row of predictions, of the same length.
    pub fn new(
        name: impl Into<String>,
        value: impl Fn(&[f32], &[f32]) -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self::of(name, Of::Function { sparse: false, axes: Axes::LAST, value: Arc::new(value) })
    }

    /// The mean of a function of one label, the index of a class, and a row of predictions.
    pub fn sparse(
        name: impl Into<String>,
        value: impl Fn(f32, &[f32]) -> f64 + Send + Sync + 'static,
    ) -> Self {
        let value = move |y_true: &[f32], y_pred: &[f32]| {
            y_true.first().map_or(0.0, |&label| value(label, y_pred))
        };
        Self::of(name, Of::Function { sparse: true, axes: Axes::LAST, value: Arc::new(value) })
    }

    /// The mean of a loss, under the loss' name.
    pub fn of_loss(loss: impl Loss) -> Self {
        Self::boxed(loss.name().to_owned(), Box::new(loss))
    }

    pub(super) fn boxed(name: impl Into<String>, loss: Box<dyn Loss>) -> Self {
        Self::of(name, Of::Loss { loss: loss.into(), joined: None })
    }

    fn of(name: impl Into<String>, of: Of) -> Self {
        Self { name: name.into(), of, class: None, gathered: Mean::default() }
    }

    /// The same metric, known to Keras by that class and these settings.
    pub(super) fn of_class<const N: usize>(
        self,
        class_name: &'static str,
        settings: [(&str, Value); N],
    ) -> Self {
        let settings = settings.map(|(key, value)| (key.to_owned(), value));
        Self { class: Some((class_name, settings.into_iter().collect())), ..self }
    }

    /// The same metric, reported under another name.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// The same metric of rows along other axes, if it is one of a function.
    pub(super) fn along(mut self, along: Axes) -> Self {
        if let Of::Function { axes, .. } = &mut self.of {
            *axes = along;
        }
        self
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
        // A metric has a name of its own, and is always a mean.
        settings.retain(|key, value| {
            let usual = key == "axis" && *value == -1 && class != "CategoricalCrossentropy";
            !usual && !matches!(key.as_str(), "name" | "reduction")
        });
        if is_class_of_keras(&class) {
            return Ok(Some((class, settings)));
        }
        if class == "LogCosh" {
            return Ok(Some(("LogCoshError".to_owned(), settings)));
        }
        // The function, wrapped as Keras wraps it.
        let function = losses::canonical(&class).unwrap_or(&class);
        settings.insert("fn".to_owned(), config::function(function));
        Ok(Some(("MeanMetricWrapper".to_owned(), settings)))
    }

    fn is_sparse(&self) -> bool {
        match &self.of {
            Of::Function { sparse, .. } => *sparse,
            Of::Loss { loss, .. } => loss.is_sparse(),
        }
    }

    fn axes(&self) -> Axes {
        match &self.of {
            Of::Function { axes, .. } => axes.clone(),
            Of::Loss { loss, .. } => loss.axes(),
        }
    }

    fn add(&mut self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) -> Result<()> {
        let of_labels = match &self.of {
            Of::Loss { loss, joined } => {
                let loss = joined.as_ref().unwrap_or(loss);
                if loss.whole().is_some() {
                    return self.add_whole(y_true, y_pred, weights);
                }
                loss.for_labels(y_true.as_slice())
            }
            Of::Function { .. } => None,
        };
        let Ok(rows) = Rows::along(&self.axes(), self.is_sparse(), y_true.as_slice(), y_pred)
        else {
            return Err(self.wrong_labels(y_true));
        };
        check_weights(&self.name, y_pred.len(), weights)?;
        let weights = weights.map(Tensor::as_slice);
        let loss = match &self.of {
            Of::Loss { loss, joined } => Some(&**joined.as_ref().unwrap_or(loss)),
            Of::Function { .. } => None,
        };
        let loss = of_labels.as_deref().or(loss);
        for (i, (t, p)) in rows.iter().enumerate() {
            // As in Keras a row that does not count is a 0, unless there are weights.
            let counts = weights.is_none() || loss.is_none_or(|loss| loss.counts(t));
            let weight = if counts { rows.weight(i, weights) } else { 0.0 };
            let value = match (&self.of, loss) {
                (Of::Function { value, .. }, _) => value(t, p),
                (_, Some(loss)) => loss.value(t, p),
                _ => 0.0,
            };
            self.gathered.push(value, weight);
        }
        Ok(())
    }

    /// Takes a batch into account whose samples the loss compares with each other.
    fn add_whole(
        &mut self,
        y_true: &Tensor,
        y_pred: &Tensor,
        weights: Option<&Tensor>,
    ) -> Result<()> {
        let Of::Loss { loss, .. } = &self.of else { return Ok(()) };
        let Some(whole) = loss.whole() else { return Ok(()) };
        let losses = whole.losses(y_true, y_pred)?;
        check_weights(&self.name, losses.len(), weights)?;
        let len = losses.len();
        for (i, loss) in losses.into_iter().enumerate() {
            let counts = weights.is_none() || loss.is_some();
            let weight = if counts { weight(weights, i, len) } else { 0.0 };
            self.gathered.push(loss.unwrap_or(0.0), weight);
        }
        Ok(())
    }

    fn wrong_labels(&self, y_true: &Tensor) -> Error {
        let labels = if self.is_sparse() {
            "labels that are the index of a class, one for each row of the output"
        } else {
            "labels of the output's shape"
        };
        let what = format!("y of metric \"{}\"", self.name);
        let help = "use the metric that goes with these labels; \"accuracy\" finds it by itself";
        Error::shape(what, labels, y_true.shape(), help)
    }
}

/// Whether Keras has a metric of the loss' class; other losses are wrapped.
fn is_class_of_keras(class: &str) -> bool {
    [
        "MeanSquaredError",
        "MeanAbsoluteError",
        "MeanAbsolutePercentageError",
        "MeanSquaredLogarithmicError",
        "Hinge",
        "SquaredHinge",
        "CategoricalHinge",
        "KLDivergence",
        "Poisson",
        "BinaryCrossentropy",
        "CategoricalCrossentropy",
        "SparseCategoricalCrossentropy",
    ]
    .contains(&class)
}

impl Metric for MeanMetric {
    fn name(&self) -> &str {
        &self.name
    }

    fn update(&mut self, y_true: &Tensor, y_pred: &Tensor) -> Result<()> {
        self.add(y_true, y_pred, None)
    }

    fn update_weighted(
        &mut self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: &Tensor,
    ) -> Result<()> {
        self.add(y_true, y_pred, Some(sample_weight))
    }

    fn follows_mask(&self) -> bool {
        true
    }

    fn result(&self) -> f64 {
        self.gathered.result()
    }

    fn reset(&mut self) {
        self.gathered.reset();
    }

    fn state(&self) -> Value {
        exact::to_json(&self.gathered)
    }

    fn set_state(&mut self, state: &Value) -> Result<()> {
        self.gathered = exact::from_json(&self.name, state)?;
        Ok(())
    }

    fn on_logits(&mut self, closing: Option<Closing>) -> bool {
        let Of::Loss { loss, joined } = &mut self.of else { return false };
        *joined = closing.and_then(|closing| loss.with_logits(closing)).map(Into::into);
        joined.is_some()
    }

    fn direction(&self) -> Option<Direction> {
        match &self.of {
            Of::Loss { .. } => Some(Direction::Down),
            // Those of Keras are accuracies, similarities and correlations.
            Of::Function { .. } => self.class.as_ref().map(|_| Direction::Up),
        }
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
