//! PrecisionAtRecall: the best precision where the recall is high enough.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    Direction, KerasMetric,
    confusion::{Confusion, Counts, Rule},
    constrained,
};

/// The best precision where the recall is high enough, among evenly spread thresholds; 0 where it
/// is at none.
///
/// Source: Keras, `keras.metrics.PrecisionAtRecall`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct PrecisionAtRecall {
    /// The name under which it is reported.
    pub name: String,
    /// How many thresholds there are.
    pub num_thresholds: usize,
    /// What the recall must be at least.
    pub recall: f64,
    /// Only this class counts.
    pub class_id: Option<usize>,
    #[serde(skip)]
    counts: Counts,
}

impl Default for PrecisionAtRecall {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl PrecisionAtRecall {
    /// That where the recall is at least so high, among 200 thresholds.
    pub fn new(recall: f64) -> Self {
        let (name, counts) = ("precision_at_recall".into(), Counts::default());
        Self { name, num_thresholds: 200, recall, class_id: None, counts }
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

impl KerasMetric for PrecisionAtRecall {
    type State = Counts;

    const CLASS_NAME: &'static str = "PrecisionAtRecall";
    const DIRECTION: Option<Direction> = Some(Direction::Up);
    const REQUIRED: &'static [&'static str] = &["recall"];

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
        vec![constrained::best(&all, Confusion::precision, Confusion::recall, self.recall)]
    }

    fn gathered(&self) -> &Self::State {
        &self.counts
    }

    fn gathered_mut(&mut self) -> &mut Self::State {
        &mut self.counts
    }

    fn check(&self) -> Result<()> {
        constrained::check("recall", self.recall, self.num_thresholds)
    }
}
