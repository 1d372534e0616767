//! FBetaScore and F1Score: precision and recall in one number, for each class.

use ceratops_core::{Error, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    Direction, KerasMetric,
    keras_metric::{check_sizes, weight},
};
use crate::exact::number;

/// Keras' epsilon.
const EPSILON: f64 = 1e-7;

/// How the scores of the classes become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Average {
    /// All classes are counted together.
    Micro,
    /// The mean over the classes.
    Macro,
    /// The mean, weighted by how often the labels have the class.
    Weighted,
}

/// What was counted for one class.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Class {
    #[serde(with = "number")]
    tp: f64,
    #[serde(with = "number")]
    fp: f64,
    #[serde(with = "number")]
    fn_: f64,
    #[serde(with = "number")]
    labels: f64,
}

impl Class {
    fn score(&self, beta: f64) -> f64 {
        let precision = self.tp / (self.tp + self.fp + EPSILON);
        let recall = self.tp / (self.tp + self.fn_ + EPSILON);
        let sum = beta * beta * precision + recall;
        (1.0 + beta * beta) * precision * recall / (sum + EPSILON)
    }
}

/// What both scores count.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Classes(Vec<Class>);

impl Classes {
    fn add(
        &mut self,
        (name, average, threshold): (&str, Option<Average>, Option<f64>),
        y_true: &Tensor,
        y_pred: &Tensor,
        weights: Option<&Tensor>,
    ) -> Result<()> {
        let [_, classes] = *y_pred.shape() else {
            let what = format!("y_pred of metric \"{name}\"");
            let expected = Shape::from(vec![None, None]);
            return Err(Error::shape(what, expected, y_pred.shape(), "one row for each sample"));
        };
        check_sizes(name, y_true, y_pred, weights)?;
        let micro = average == Some(Average::Micro);
        let all = if micro { 1 } else { classes };
        if !self.0.is_empty() && self.0.len() != all {
            let expected = format!("{} classes, as in the batches before", self.0.len());
            return Err(Error::argument("y_pred", expected, classes));
        }
        self.0.resize_with(all, Class::default);
        let rows =
            y_true.as_slice().chunks(classes.max(1)).zip(y_pred.as_slice().chunks(classes.max(1)));
        for (r, (t, p)) in rows.enumerate() {
            let max = p.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for (c, (&t, &p)) in t.iter().zip(p).enumerate() {
                // Without a threshold the largest is positive, unless all are zero.
                let positive = match threshold {
                    Some(threshold) => p > threshold as f32,
                    None => p >= max && p.abs() > 1e-9,
                };
                let (t, p) = (f64::from(t), f64::from(u8::from(positive)));
                let weight = weight(weights, r * classes + c, y_pred.len());
                let class = &mut self.0[if micro { 0 } else { c }];
                class.tp += weight * p * t;
                class.fp += weight * p * (1.0 - t);
                class.fn_ += weight * (1.0 - p) * t;
                class.labels += weight * t;
            }
        }
        Ok(())
    }

    fn scores(&self, beta: f64, average: Option<Average>) -> Vec<f64> {
        let scores: Vec<f64> = self.0.iter().map(|class| class.score(beta)).collect();
        match average {
            None => scores,
            Some(Average::Weighted) => {
                let all: f64 = self.0.iter().map(|class| class.labels).sum();
                let parts = scores.iter().zip(&self.0);
                vec![parts.map(|(score, class)| score * class.labels / (all + EPSILON)).sum()]
            }
            Some(_) => vec![scores.iter().sum::<f64>() / scores.len().max(1) as f64],
        }
    }
}

/// Refuses a threshold that makes nothing or everything positive.
fn check_threshold(threshold: Option<f64>) -> Result<()> {
    match threshold {
        Some(threshold) if !(threshold > 0.0 && threshold <= 1.0) => {
            Err(Error::argument("threshold", "a number above 0, at most 1", threshold))
        }
        _ => Ok(()),
    }
}

/// (1 + β²) precision recall / (β² precision + recall) of each class, or their `average`.
///
/// Labels and predictions have shape (batch, classes). Without a threshold the largest prediction of a
/// row is positive.
///
/// Source: Keras, `keras.metrics.FBetaScore`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct FBetaScore {
    /// The name under which it is reported.
    pub name: String,
    /// How the classes' scores become one; `None` reports each.
    pub average: Option<Average>,
    /// β, how much more recall counts than precision.
    pub beta: f64,
    /// A prediction above is positive.
    pub threshold: Option<f64>,
    #[serde(skip)]
    classes: Classes,
}

impl Default for FBetaScore {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl FBetaScore {
    /// The score of each class with that β.
    pub fn new(beta: f64) -> Self {
        let (name, classes) = ("fbeta_score".into(), Classes::default());
        Self { name, average: None, beta, threshold: None, classes }
    }

    /// Makes one score of the classes'.
    #[must_use]
    pub fn average(self, average: Average) -> Self {
        Self { average: Some(average), ..self }
    }

    /// Takes predictions above for positive.
    #[must_use]
    pub fn threshold(self, threshold: f64) -> Self {
        Self { threshold: Some(threshold), ..self }
    }
}

impl KerasMetric for FBetaScore {
    type State = Classes;

    const CLASS_NAME: &'static str = "FBetaScore";
    const DIRECTION: Option<Direction> = Some(Direction::Up);

    fn name_mut(&mut self) -> &mut String {
        &mut self.name
    }

    fn own_name(&self) -> &str {
        &self.name
    }

    fn add(&mut self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) -> Result<()> {
        self.classes.add((&self.name, self.average, self.threshold), y_true, y_pred, weights)
    }

    fn values(&self) -> Vec<f64> {
        self.classes.scores(self.beta, self.average)
    }

    fn gathered(&self) -> &Self::State {
        &self.classes
    }

    fn gathered_mut(&mut self) -> &mut Self::State {
        &mut self.classes
    }

    fn check(&self) -> Result<()> {
        if !(self.beta > 0.0 && self.beta.is_finite()) {
            return Err(Error::argument("beta", "a positive number", self.beta));
        }
        check_threshold(self.threshold)
    }
}

/// 2 precision recall / (precision + recall) of each class, or their `average`.
///
/// [`FBetaScore`] with β = 1.
///
/// Source: Keras, `keras.metrics.F1Score`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct F1Score {
    /// The name under which it is reported.
    pub name: String,
    /// How the classes' scores become one; `None` reports each.
    pub average: Option<Average>,
    /// A prediction above is positive.
    pub threshold: Option<f64>,
    #[serde(skip)]
    classes: Classes,
}

impl Default for F1Score {
    fn default() -> Self {
        let (name, classes) = ("f1_score".into(), Classes::default());
        Self { name, average: None, threshold: None, classes }
    }
}

impl F1Score {
    /// The score of each class.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes one score of the classes'.
    #[must_use]
    pub fn average(self, average: Average) -> Self {
        Self { average: Some(average), ..self }
    }

    /// Takes predictions above for positive.
    #[must_use]
    pub fn threshold(self, threshold: f64) -> Self {
        Self { threshold: Some(threshold), ..self }
    }
}

impl KerasMetric for F1Score {
    type State = Classes;

    const CLASS_NAME: &'static str = "F1Score";
    const DIRECTION: Option<Direction> = Some(Direction::Up);

    fn name_mut(&mut self) -> &mut String {
        &mut self.name
    }

    fn own_name(&self) -> &str {
        &self.name
    }

    fn add(&mut self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) -> Result<()> {
        self.classes.add((&self.name, self.average, self.threshold), y_true, y_pred, weights)
    }

    fn values(&self) -> Vec<f64> {
        self.classes.scores(1.0, self.average)
    }

    fn gathered(&self) -> &Self::State {
        &self.classes
    }

    fn gathered_mut(&mut self) -> &mut Self::State {
        &mut self.classes
    }

    fn check(&self) -> Result<()> {
        check_threshold(self.threshold)
    }
}
