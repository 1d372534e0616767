//! AUC: the area under the curve that predictions draw as the threshold moves.

use ceratops_core::{Error, Result, Shape, Tensor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{
    Direction, KerasMetric,
    auc_area::area,
    confusion::{Counts, Rule, ratio},
    constrained::check_number,
};

/// Which curve.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Curve {
    /// True positive rate over false positive rate.
    #[default]
    #[serde(alias = "roc")]
    ROC,
    /// Precision over recall.
    #[serde(alias = "pr")]
    PR,
    /// Precision gain over recall gain.
    #[serde(alias = "prgain")]
    PRGAIN,
}

/// How high the curve is between two thresholds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Summation {
    /// As high as half way; for [`Curve::PR`] by the interpolation of true positives.
    #[default]
    #[serde(alias = "Interpolation")]
    Interpolation,
    /// As high as at the lower end.
    #[serde(alias = "Minoring")]
    Minoring,
    /// As high as at the higher end.
    #[serde(alias = "Majoring")]
    Majoring,
}

/// The area under a curve of predictions from 0 to 1, drawn with 200 thresholds.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_train::{Metric, metrics::AUC};
///
/// let mut auc = AUC::new();
/// auc.update(&Tensor::from([0.0, 0.0, 1.0, 1.0]), &Tensor::from([0.0, 0.5, 0.3, 0.9]))?;
/// assert_eq!(auc.result(), 0.75);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.metrics.AUC`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct AUC {
    /// The name under which it is reported.
    pub name: String,
    /// How many thresholds there are, with one below 0 and one above 1.
    pub num_thresholds: usize,
    /// Which curve.
    pub curve: Curve,
    /// How high it is between two thresholds.
    pub summation_method: Summation,
    /// Whether every number of a row is a label of its own, with an area of its own; what is reported
    /// is their mean.
    pub multi_label: bool,
    /// How many labels there are then.
    pub num_labels: Option<usize>,
    /// Weights of the numbers of a row, or of their areas.
    #[serde(deserialize_with = "numbers")]
    pub label_weights: Option<Vec<f64>>,
    /// Whether predictions are logits, of which the sigmoid is taken.
    pub from_logits: bool,
    /// Other thresholds than evenly spread ones.
    pub thresholds: Option<Vec<f64>>,
    #[serde(skip)]
    counts: Vec<Counts>,
}

impl Default for AUC {
    fn default() -> Self {
        Self {
            name: "auc".into(),
            num_thresholds: 200,
            curve: Curve::ROC,
            summation_method: Summation::Interpolation,
            multi_label: false,
            num_labels: None,
            label_weights: None,
            from_logits: false,
            thresholds: None,
            counts: Vec::new(),
        }
    }
}

impl AUC {
    /// The area under the ROC curve.
    pub fn new() -> Self {
        Self::default()
    }

    /// Draws another curve.
    #[must_use]
    pub fn curve(self, curve: Curve) -> Self {
        Self { curve, ..self }
    }

    /// Sums in another way.
    #[must_use]
    pub fn summation_method(self, summation_method: Summation) -> Self {
        Self { summation_method, ..self }
    }

    /// Draws the curve with so many thresholds.
    #[must_use]
    pub fn num_thresholds(self, num_thresholds: usize) -> Self {
        Self { num_thresholds, ..self }
    }

    /// Draws the curve with these thresholds.
    #[must_use]
    pub fn thresholds(self, thresholds: impl Into<Vec<f64>>) -> Self {
        Self { thresholds: Some(thresholds.into()), ..self }
    }

    /// Gives every number of a row an area of its own.
    #[must_use]
    pub fn multi_label(self, multi_label: bool) -> Self {
        Self { multi_label, ..self }
    }

    /// Weighs the numbers of a row, or their areas.
    #[must_use]
    pub fn label_weights(self, weights: impl Into<Vec<f64>>) -> Self {
        Self { label_weights: Some(weights.into()), ..self }
    }

    /// Takes the sigmoid of predictions first.
    #[must_use]
    pub fn from_logits(self, from_logits: bool) -> Self {
        Self { from_logits, ..self }
    }

    fn rule(&self) -> Rule {
        let n = self.num_thresholds;
        let even = || (1..n.saturating_sub(1)).map(|i| i as f64 / (n - 1) as f64).collect();
        let mut thresholds = self.thresholds.clone().unwrap_or_else(even);
        thresholds.sort_by(f64::total_cmp);
        Rule::within(&thresholds)
    }

    /// How many areas there are, for predictions of this shape.
    fn areas(&self, y_pred: &Tensor) -> Result<usize> {
        if !self.multi_label {
            return Ok(1);
        }
        match (y_pred.shape(), self.num_labels) {
            ([_, labels], None) => Ok(*labels),
            ([_, labels], Some(expected)) if *labels == expected => Ok(expected),
            (shape, labels) => {
                let expected = Shape::from(vec![None, labels]);
                let what = format!("y_pred of metric \"{}\"", self.name);
                Err(Error::shape(
                    what,
                    expected,
                    shape,
                    "multi_label takes one row for each sample",
                ))
            }
        }
    }
}

/// A list of numbers, or Keras 3's `{"class_name": "__tensor__", "config": {"value": [...]}}`.
fn numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<f64>>, D::Error> {
    let mut value = Value::deserialize(deserializer)?;
    if let Some(tensor) = value.pointer_mut("/config/value") {
        value = tensor.take();
    }
    serde_json::from_value(value).map_err(serde::de::Error::custom)
}

impl KerasMetric for AUC {
    type State = Vec<Counts>;

    const CLASS_NAME: &'static str = "AUC";
    const DIRECTION: Option<Direction> = Some(Direction::Up);
    const SPARING: &'static [&'static str] = &["thresholds"];

    fn name_mut(&mut self) -> &mut String {
        &mut self.name
    }

    fn own_name(&self) -> &str {
        &self.name
    }

    fn add(&mut self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) -> Result<()> {
        let areas = self.areas(y_pred)?;
        let row = y_pred.shape().get(1..).and_then(<[usize]>::last).copied().unwrap_or(1);
        if let Some(given) = self.label_weights.as_ref().filter(|given| given.len() != row) {
            let expected = format!("{row}, one for each number of a row");
            return Err(Error::argument("label_weights", expected, given.len()));
        }
        if !self.counts.is_empty() && self.counts.len() != areas {
            let expected = format!("{} labels, as in the batches before", self.counts.len());
            return Err(Error::argument("y_pred", expected, areas));
        }
        self.counts.resize_with(areas, Counts::default);
        let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
        let closed = self.from_logits.then(|| y_pred.clone().map(sigmoid));
        let y_pred = closed.as_ref().unwrap_or(y_pred);
        let label_weights = self.label_weights.as_deref().filter(|_| !self.multi_label);
        self.rule().add(&self.name, &mut self.counts, label_weights, (y_true, y_pred), weights)
    }

    fn values(&self) -> Vec<f64> {
        let n = self.rule().len();
        let areas = self
            .counts
            .iter()
            .map(|counts| area(&counts.at_each(n), self.curve, self.summation_method));
        let weights = self.label_weights.as_deref().filter(|_| self.multi_label);
        let weight = |i: usize| weights.map_or(1.0, |w| w.get(i).copied().unwrap_or(0.0));
        let (mut sum, mut all) = (0.0, 0.0);
        for (i, area) in areas.enumerate() {
            sum += weight(i) * area;
            all += weight(i);
        }
        vec![ratio(sum, all)]
    }

    fn gathered(&self) -> &Self::State {
        &self.counts
    }

    fn gathered_mut(&mut self) -> &mut Self::State {
        &mut self.counts
    }

    fn check(&self) -> Result<()> {
        if self.num_labels.is_some_and(|n| n > 0) && !self.multi_label {
            return Err(Error::argument("num_labels", "none without multi_label", "a number"));
        }
        match &self.thresholds {
            Some(all) if all.iter().any(|t| !(0.0..=1.0).contains(t)) => {
                Err(Error::argument("thresholds", "numbers from 0 to 1", format!("{all:?}")))
            }
            Some(all) => check_number(all.len() + 2, 2),
            None => check_number(self.num_thresholds, 2),
        }
    }
}
