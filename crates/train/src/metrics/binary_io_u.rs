//! BinaryIoU: how much regions overlap, for labels of 0 and 1.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    Direction, KerasMetric,
    iou_matrix::{self, Layout, Matrix},
};

/// The mean over the target classes of |label ∩ prediction| / |label ∪ prediction|, of those that occur; a
/// prediction of at least the threshold is a 1.
///
/// Keras counts in whole numbers unless it is told `dtype="float32"`, so that a weight of 0.5 is 0; here
/// the field `dtype` does the same.
///
/// Source: Keras, `keras.metrics.BinaryIoU`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct BinaryIoU {
    /// The name under which it is reported.
    pub name: String,
    /// The type in which Keras counts: `"int64"`, or `"float32"` for weights that are not whole.
    pub dtype: String,
    /// The classes that count: 0, 1 or both.
    pub target_class_ids: Vec<usize>,
    /// What makes a prediction a 1.
    pub threshold: f64,
    #[serde(skip)]
    matrix: Matrix,
}

impl Default for BinaryIoU {
    fn default() -> Self {
        Self {
            name: "binary_io_u".into(),
            dtype: "int64".into(),
            target_class_ids: vec![0, 1],
            threshold: 0.5,
            matrix: Matrix::default(),
        }
    }
}

impl BinaryIoU {
    /// That of both classes at a threshold of 0.5.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts these classes only.
    #[must_use]
    pub fn target_class_ids(self, classes: impl Into<Vec<usize>>) -> Self {
        Self { target_class_ids: classes.into(), ..self }
    }

    /// Takes predictions of at least this for a 1.
    #[must_use]
    pub fn threshold(self, threshold: f64) -> Self {
        Self { threshold, ..self }
    }

    /// Counts in that type.
    #[must_use]
    pub fn dtype(self, dtype: impl Into<String>) -> Self {
        Self { dtype: dtype.into(), ..self }
    }
}

impl KerasMetric for BinaryIoU {
    type State = Matrix;

    const CLASS_NAME: &'static str = "BinaryIoU";
    const DIRECTION: Option<Direction> = Some(Direction::Up);

    fn name_mut(&mut self) -> &mut String {
        &mut self.name
    }

    fn own_name(&self) -> &str {
        &self.name
    }

    fn add(&mut self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) -> Result<()> {
        let threshold = self.threshold as f32;
        let y_pred = y_pred.clone().map(|p| f32::from(u8::from(p >= threshold)));
        let layout = Layout {
            classes: 2,
            ignore: None,
            sparse_y_true: true,
            sparse_y_pred: true,
            whole_weights: !self.dtype.contains("float"),
        };
        self.matrix.add(&self.name, &layout, (y_true, &y_pred), weights)
    }

    fn values(&self) -> Vec<f64> {
        vec![self.matrix.iou(2, self.target_class_ids.iter().copied())]
    }

    fn gathered(&self) -> &Self::State {
        &self.matrix
    }

    fn gathered_mut(&mut self) -> &mut Self::State {
        &mut self.matrix
    }

    fn check(&self) -> Result<()> {
        iou_matrix::check(2, &self.target_class_ids)
    }
}
