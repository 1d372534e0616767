//! Precision: how many of the positive predictions are right.

use ceratops_core::{Error, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    Direction, KerasMetric,
    confusion::{Confusion, Counts, Rule, Thresholds, check_thresholds},
};

/// true positives / (true positives + false positives), one value for each threshold; 0 where there are
/// none.
///
/// Source: Keras, `keras.metrics.Precision`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Precision {
    /// The name under which it is reported.
    pub name: String,
    /// A prediction above is positive; 0.5 if there are none, and any with `top_k`.
    pub thresholds: Option<Thresholds>,
    /// Only so many of the largest predictions of a row can be positive.
    pub top_k: Option<usize>,
    /// Only this class counts.
    pub class_id: Option<usize>,
    #[serde(skip)]
    counts: Counts,
}

impl Default for Precision {
    fn default() -> Self {
        let counts = Counts::default();
        Self { name: "precision".into(), thresholds: None, top_k: None, class_id: None, counts }
    }
}

impl Precision {
    /// That at a threshold of 0.5.
    pub fn new() -> Self {
        Self::default()
    }

    /// That at other thresholds.
    #[must_use]
    pub fn thresholds(self, thresholds: impl Into<Thresholds>) -> Self {
        Self { thresholds: Some(thresholds.into()), ..self }
    }

    /// Lets only so many of the largest predictions of a row be positive.
    #[must_use]
    pub fn top_k(self, k: usize) -> Self {
        Self { top_k: Some(k), ..self }
    }

    /// Counts one class only.
    #[must_use]
    pub fn class_id(self, class: usize) -> Self {
        Self { class_id: Some(class), ..self }
    }

    fn rule(&self) -> Rule {
        Rule::new(self.thresholds.as_ref(), self.top_k).of_class(self.class_id)
    }
}

impl KerasMetric for Precision {
    type State = Counts;

    const CLASS_NAME: &'static str = "Precision";
    const DIRECTION: Option<Direction> = Some(Direction::Up);

    fn name_mut(&mut self) -> &mut String {
        &mut self.name
    }

    fn own_name(&self) -> &str {
        &self.name
    }

    fn add(&mut self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) -> Result<()> {
        let (rule, counts) = (self.rule(), std::slice::from_mut(&mut self.counts));
        rule.add(&self.name, counts, None, (y_true, y_pred), weights)
    }

    fn values(&self) -> Vec<f64> {
        self.counts.at_each(self.rule().len()).iter().map(Confusion::precision).collect()
    }

    fn gathered(&self) -> &Self::State {
        &self.counts
    }

    fn gathered_mut(&mut self) -> &mut Self::State {
        &mut self.counts
    }

    fn check(&self) -> Result<()> {
        check_thresholds(self.thresholds.as_ref())?;
        match self.top_k {
            Some(0) => Err(Error::argument("top_k", "at least 1", 0)),
            _ => Ok(()),
        }
    }
}
