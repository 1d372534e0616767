//! R2Score: how much of the labels' variance the predictions explain.

use ceratops_core::{Error, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    Direction, KerasMetric,
    keras_metric::{check_sizes, weight},
};
use crate::exact::number;

/// How the scores of the outputs become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassAggregation {
    /// Their mean.
    UniformAverage,
    /// Their mean, weighted by the variance of the labels.
    VarianceWeightedAverage,
}

/// What is gathered: the sums for each output, and how many numbers there were.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Gathered {
    sums: Vec<Sums>,
    samples: usize,
}

/// The sums over the samples for one output, of labels less the first one: the squares of labels far
/// from 0 would drown their spread.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Sums {
    /// The first label; 0 in what was kept before it was told.
    #[serde(with = "number", default)]
    first: f64,
    #[serde(with = "number")]
    y: f64,
    #[serde(with = "number")]
    squares: f64,
    #[serde(with = "number")]
    residual: f64,
    #[serde(with = "number")]
    count: f64,
}

impl Sums {
    fn add(&mut self, t: f64, p: f64, w: f64) {
        if self.count == 0.0 && t.is_finite() {
            self.first = t;
        }
        let y = t - self.first;
        self.y += w * y;
        self.squares += w * y * y;
        self.residual += w * (t - p) * (t - p);
        self.count += w;
    }

    /// Σ(y - mean y)²
    fn total(&self) -> f64 {
        self.squares - self.y * (self.y / self.count)
    }

    /// The score; 0 where all labels are the same.
    fn score(&self) -> f64 {
        let score = 1.0 - self.residual / self.total();
        if score.is_infinite() { 0.0 } else { score }
    }
}

/// 1 - Σ(y_true - y_pred)² / Σ(y_true - mean y_true)² of each output, and their average.
///
/// Labels and predictions have shape (batch, outputs). With `num_regressors` the score is adjusted for
/// so many inputs; as in Keras, every number of the labels is counted as a sample there.
///
/// Source: Keras, `keras.metrics.R2Score`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct R2Score {
    /// The name under which it is reported.
    pub name: String,
    /// How the outputs' scores become one; `None` reports each.
    pub class_aggregation: Option<ClassAggregation>,
    /// The number of inputs for which the score is adjusted; 0 for none.
    pub num_regressors: usize,
    #[serde(skip)]
    gathered: Gathered,
}

impl Default for R2Score {
    fn default() -> Self {
        let class_aggregation = Some(ClassAggregation::UniformAverage);
        let (name, num_regressors) = ("r2_score".into(), 0);
        Self { name, class_aggregation, num_regressors, gathered: Gathered::default() }
    }
}

impl R2Score {
    /// The mean over the outputs, not adjusted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes one score of the outputs' in another way, or none.
    #[must_use]
    pub fn class_aggregation(self, aggregation: Option<ClassAggregation>) -> Self {
        Self { class_aggregation: aggregation, ..self }
    }

    /// Adjusts the score for so many inputs.
    #[must_use]
    pub fn num_regressors(self, num_regressors: usize) -> Self {
        Self { num_regressors, ..self }
    }

    fn adjusted(&self, score: f64) -> f64 {
        let (n, p) = (self.gathered.samples as f64, self.num_regressors as f64);
        if self.num_regressors == 0 || p >= n - 1.0 {
            return score;
        }
        1.0 - (1.0 - score) * (n - 1.0) / (n - p - 1.0)
    }
}

impl KerasMetric for R2Score {
    type State = Gathered;

    const CLASS_NAME: &'static str = "R2Score";
    const DIRECTION: Option<Direction> = Some(Direction::Up);

    fn name_mut(&mut self) -> &mut String {
        &mut self.name
    }

    fn own_name(&self) -> &str {
        &self.name
    }

    fn add(&mut self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) -> Result<()> {
        let [_, outputs] = *y_pred.shape() else {
            let what = format!("y_pred of metric \"{}\"", self.name);
            let expected = Shape::from(vec![None, None]);
            return Err(Error::shape(what, expected, y_pred.shape(), "one row for each sample"));
        };
        check_sizes(&self.name, y_true, y_pred, weights)?;
        if !self.gathered.sums.is_empty() && self.gathered.sums.len() != outputs {
            let expected =
                format!("{} outputs, as in the batches before", self.gathered.sums.len());
            return Err(Error::argument("y_pred", expected, outputs));
        }
        self.gathered.sums.resize_with(outputs, Sums::default);
        for (i, (&t, &p)) in y_true.as_slice().iter().zip(y_pred.as_slice()).enumerate() {
            let (t, p, w) = (f64::from(t), f64::from(p), weight(weights, i, y_pred.len()));
            self.gathered.sums[i % outputs].add(t, p, w);
        }
        self.gathered.samples += y_true.len();
        Ok(())
    }

    fn values(&self) -> Vec<f64> {
        if self.gathered.sums.is_empty() {
            return vec![0.0];
        }
        let scores = self.gathered.sums.iter().map(Sums::score);
        let values = match self.class_aggregation {
            None => scores.collect(),
            Some(ClassAggregation::UniformAverage) => {
                vec![scores.sum::<f64>() / self.gathered.sums.len() as f64]
            }
            Some(ClassAggregation::VarianceWeightedAverage) => {
                let all: f64 = self.gathered.sums.iter().map(Sums::total).sum();
                vec![
                    self.gathered.sums.iter().map(|sums| sums.total() * sums.score()).sum::<f64>()
                        / all,
                ]
            }
        };
        values.into_iter().map(|score: f64| self.adjusted(score)).collect()
    }

    fn gathered(&self) -> &Self::State {
        &self.gathered
    }

    fn gathered_mut(&mut self) -> &mut Self::State {
        &mut self.gathered
    }
}
