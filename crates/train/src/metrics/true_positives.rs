//! TruePositives: how many predictions above the threshold whose label is not 0.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    KerasMetric,
    confusion::{Counts, Rule, Thresholds, check_thresholds},
};

/// The number, or summed weight, of predictions above the threshold whose label is not 0: one value for each threshold.
///
/// Source: Keras, `keras.metrics.TruePositives`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct TruePositives {
    /// The name under which it is reported.
    pub name: String,
    /// The thresholds; 0.5 if there are none.
    pub thresholds: Option<Thresholds>,
    #[serde(skip)]
    counts: Counts,
}

impl Default for TruePositives {
    fn default() -> Self {
        Self { name: "true_positives".into(), thresholds: None, counts: Counts::default() }
    }
}

impl TruePositives {
    /// Those at a threshold of 0.5.
    pub fn new() -> Self {
        Self::default()
    }

    /// Those at other thresholds.
    #[must_use]
    pub fn thresholds(self, thresholds: impl Into<Thresholds>) -> Self {
        Self { thresholds: Some(thresholds.into()), ..self }
    }

    fn rule(&self) -> Rule {
        Rule::new(self.thresholds.as_ref(), None)
    }
}

impl KerasMetric for TruePositives {
    type State = Counts;

    const CLASS_NAME: &'static str = "TruePositives";

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
        self.counts.at_each(self.rule().len()).iter().map(|confusion| confusion.tp).collect()
    }

    fn gathered(&self) -> &Self::State {
        &self.counts
    }

    fn gathered_mut(&mut self) -> &mut Self::State {
        &mut self.counts
    }

    fn check(&self) -> Result<()> {
        check_thresholds(self.thresholds.as_ref())
    }
}
