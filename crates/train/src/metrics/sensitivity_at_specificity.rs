//! SensitivityAtSpecificity: the best sensitivity where the specificity is high enough.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    Direction, KerasMetric,
    confusion::{Confusion, Counts, Rule},
    constrained,
};

/// The best sensitivity where the specificity is high enough, among evenly spread thresholds; 0 where it
/// is at none.
///
/// Source: Keras, `keras.metrics.SensitivityAtSpecificity`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct SensitivityAtSpecificity {
    /// The name under which it is reported.
    pub name: String,
    /// How many thresholds there are.
    pub num_thresholds: usize,
    /// What the specificity must be at least.
    pub specificity: f64,
    /// Only this class counts.
    pub class_id: Option<usize>,
    #[serde(skip)]
    counts: Counts,
}

impl Default for SensitivityAtSpecificity {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl SensitivityAtSpecificity {
    /// That where the specificity is at least so high, among 200 thresholds.
    pub fn new(specificity: f64) -> Self {
        let (name, counts) = ("sensitivity_at_specificity".into(), Counts::default());
        Self { name, num_thresholds: 200, specificity, class_id: None, counts }
    }

    /// Tries so many thresholds.
    #[must_use]
    pub fn num_thresholds(self, num_thresholds: usize) -> Self {
        Self { num_thresholds, ..self }
    }

    /// Counts one class only.
    #[must_use]
    pub fn class_id(self, class: usize) -> Self {
        Self { class_id: Some(class), ..self }
    }
}

impl KerasMetric for SensitivityAtSpecificity {
    type State = Counts;

    const CLASS_NAME: &'static str = "SensitivityAtSpecificity";
    const DIRECTION: Option<Direction> = Some(Direction::Up);
    const REQUIRED: &'static [&'static str] = &["specificity"];

    fn name_mut(&mut self) -> &mut String {
        &mut self.name
    }

    fn own_name(&self) -> &str {
        &self.name
    }

    fn add(&mut self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) -> Result<()> {
        let rule = Rule::spread(self.num_thresholds).of_class(self.class_id);
        let counts = std::slice::from_mut(&mut self.counts);
        rule.add(&self.name, counts, None, (y_true, y_pred), weights)
    }

    fn values(&self) -> Vec<f64> {
        let all = self.counts.at_each(self.num_thresholds);
        vec![constrained::best(&all, Confusion::recall, Confusion::specificity, self.specificity)]
    }

    fn gathered(&self) -> &Self::State {
        &self.counts
    }

    fn gathered_mut(&mut self) -> &mut Self::State {
        &mut self.counts
    }

    fn check(&self) -> Result<()> {
        constrained::check("specificity", self.specificity, self.num_thresholds)
    }
}
