//! MeanIoU: how much regions overlap, over all classes.

use ceratops_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    Direction, KerasMetric,
    iou_matrix::{self, Layout, Matrix},
};

/// The mean over all classes of |label ∩ prediction| / |label ∪ prediction|, of those that occur.
///
/// Classes that are none of those there are do not count. Keras counts in whole numbers unless it is
/// told `dtype="float32"`, so that a weight of 0.5 is 0; here the field `dtype` does the same.
///
/// Source: Keras, `keras.metrics.MeanIoU`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct MeanIoU {
    /// The name under which it is reported.
    pub name: String,
    /// The type in which Keras counts: `"int64"`, or `"float32"` for weights that are not whole.
    pub dtype: String,
    /// How many classes there are.
    pub num_classes: usize,
    /// Labels of this class do not count.
    pub ignore_class: Option<i64>,
    /// Whether labels are indices of classes, and not one-hot.
    pub sparse_y_true: bool,
    /// Whether predictions are indices of classes, and not a number for each.
    pub sparse_y_pred: bool,
    /// The axis of the classes; only -1 is supported.
    pub axis: i64,
    #[serde(skip)]
    matrix: Matrix,
}

impl Default for MeanIoU {
    fn default() -> Self {
        Self::new(1)
    }
}

impl MeanIoU {
    /// That of so many classes, counted in whole numbers.
    pub fn new(num_classes: usize) -> Self {
        let (name, dtype) = ("mean_io_u".into(), "int64".into());
        Self {
            name,
            dtype,
            num_classes,
            ignore_class: None,
            sparse_y_true: true,
            sparse_y_pred: true,
            axis: -1,
            matrix: Matrix::default(),
        }
    }

    /// Does not count labels of this class.
    #[must_use]
    pub fn ignore_class(self, class: i64) -> Self {
        Self { ignore_class: Some(class), ..self }
    }

    /// Takes labels for indices of classes, or for one-hot ones.
    #[must_use]
    pub fn sparse_y_true(self, sparse_y_true: bool) -> Self {
        Self { sparse_y_true, ..self }
    }

    /// Takes predictions for indices of classes, or for a number for each class.
    #[must_use]
    pub fn sparse_y_pred(self, sparse_y_pred: bool) -> Self {
        Self { sparse_y_pred, ..self }
    }

    /// Counts in that type.
    #[must_use]
    pub fn dtype(self, dtype: impl Into<String>) -> Self {
        Self { dtype: dtype.into(), ..self }
    }

    fn layout(&self) -> Layout {
        Layout {
            classes: self.num_classes,
            ignore: self.ignore_class,
            sparse_y_true: self.sparse_y_true,
            sparse_y_pred: self.sparse_y_pred,
            whole_weights: !self.dtype.contains("float"),
        }
    }
}

impl KerasMetric for MeanIoU {
    type State = Matrix;

    const CLASS_NAME: &'static str = "MeanIoU";
    const DIRECTION: Option<Direction> = Some(Direction::Up);
    const REQUIRED: &'static [&'static str] = &["num_classes"];

    fn name_mut(&mut self) -> &mut String {
        &mut self.name
    }

    fn own_name(&self) -> &str {
        &self.name
    }

    fn add(&mut self, y_true: &Tensor, y_pred: &Tensor, weights: Option<&Tensor>) -> Result<()> {
        let layout = self.layout();
        self.matrix.add(&self.name, &layout, (y_true, y_pred), weights)
    }

    fn values(&self) -> Vec<f64> {
        vec![self.matrix.iou(self.num_classes, 0..self.num_classes)]
    }

    fn gathered(&self) -> &Self::State {
        &self.matrix
    }

    fn gathered_mut(&mut self) -> &mut Self::State {
        &mut self.matrix
    }

    fn check(&self) -> Result<()> {
        iou_matrix::check(self.num_classes, &[0])?;
        iou_matrix::check_axis(self.axis)
    }
}
