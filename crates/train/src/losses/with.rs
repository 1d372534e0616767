//! With: a loss under another name, or reduced in another way.

use std::{fmt::Debug, sync::Arc};

use ceratops_core::{Closing, Result, Tensor};
use serde_json::Value;

use super::{Axes, Loss, Reduction, WholeLoss};

/// A loss under another name, or reduced in another way: what [`Loss::with_reduction`] and
/// [`Loss::with_name`] make.
#[derive(Debug, Clone)]
pub struct With {
    loss: Arc<dyn Loss>,
    name: Option<String>,
    reduction: Reduction,
}

impl With {
    pub(super) fn new(loss: Arc<dyn Loss>, name: Option<String>, reduction: Reduction) -> Self {
        Self { loss, name, reduction }
    }

    /// The same with another loss within.
    fn around(&self, loss: Box<dyn Loss>) -> Box<dyn Loss> {
        Box::new(Self { loss: loss.into(), ..self.clone() })
    }
}

impl Loss for With {
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.loss.name())
    }

    fn value(&self, y_true: &[f32], y_pred: &[f32]) -> f64 {
        self.loss.value(y_true, y_pred)
    }

    fn gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) {
        self.loss.gradient(y_true, y_pred, dy);
    }

    fn value_and_gradient(&self, y_true: &[f32], y_pred: &[f32], dy: &mut [f32]) -> f64 {
        self.loss.value_and_gradient(y_true, y_pred, dy)
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    fn axes(&self) -> Axes {
        self.loss.axes()
    }

    fn is_sparse(&self) -> bool {
        self.loss.is_sparse()
    }

    fn counts(&self, y_true: &[f32]) -> bool {
        self.loss.counts(y_true)
    }

    fn ignores(&self) -> bool {
        self.loss.ignores()
    }

    fn for_labels(&self, y_true: &[f32]) -> Option<Box<dyn Loss>> {
        self.loss.for_labels(y_true).map(|loss| self.around(loss))
    }

    fn whole(&self) -> Option<&dyn WholeLoss> {
        self.loss.whole()
    }

    fn check_labels(&self, y_true: &Tensor, outputs: usize) -> Result<()> {
        self.loss.check_labels(y_true, outputs)
    }

    fn with_logits(&self, closing: Closing) -> Option<Box<dyn Loss>> {
        self.loss.with_logits(closing).map(|loss| self.around(loss))
    }

    fn validate(&self) -> Result<()> {
        self.loss.validate()
    }

    fn to_json(&self) -> Result<Value> {
        let mut entry = self.loss.to_json()?;
        if let Some(Value::Object(config)) = entry.get_mut("config") {
            config.insert("name".to_owned(), self.name().into());
            config.insert("reduction".to_owned(), self.reduction.name().into());
        }
        Ok(entry)
    }
}
