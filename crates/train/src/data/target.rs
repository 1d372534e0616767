//! Target: what one output of a model should be, sample by sample.

use std::{ops::Range, sync::Arc};

use ceratops_core::{Error, Result, Samples, Shape, Tensor};

use super::{
    class_weights::class_weights, dataset::ClassWeights, doors::called, examples::Labels,
    labels::align,
};
use crate::Loss;

/// What an output is measured by: its shape, and its loss if it has one.
#[derive(Debug, Clone)]
pub(crate) struct Measure {
    pub(crate) output: Shape,
    pub(crate) loss: Option<Arc<dyn Loss>>,
}

/// What one output should be, and maybe a weight for each sample.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Which output it is of, where the model has several.
    output: Option<String>,
    pub(crate) y: Samples,
    pub(crate) weights: Option<Tensor>,
    /// Weights that labels have by their classes, which are known once the labels are aligned.
    pub(crate) class_weight: Option<ClassWeights>,
    /// What labels are aligned with as they are read, where they are not in memory.
    later: Option<Measure>,
}

impl Target {
    pub(crate) fn new(output: Option<String>, y: Samples, weights: Option<Tensor>) -> Self {
        Self { output, y, weights, class_weight: None, later: None }
    }

    /// What errors call its data `what`: `y`, or `y of "digit"`.
    pub(super) fn called(&self, what: &str) -> String {
        called(what, self.output.as_deref())
    }

    /// The same with labels of a shape that goes with the output, fit for its loss; `len` is the number
    /// of samples.
    pub(crate) fn aligned(mut self, measure: &Measure, len: usize) -> Result<Self> {
        match self.y.in_memory() {
            Some(y) => {
                let (y, weights) = self.checked(y.clone(), measure)?;
                self.weights = weights.or(self.weights);
                (self.y, self.class_weight) = (y.into(), None);
            }
            None => {
                self.align(self.y.read(0..1)?, measure)?;
                self.later = Some(measure.clone());
            }
        }
        if let Some(weights) = &self.weights {
            let output = &measure.output;
            let rows = output.axes().get(..output.ndim().saturating_sub(1)).unwrap_or_default();
            let rows = Shape::from(rows.to_vec()).with_axis(0, Some(len));
            if weights.len() != len && !rows.admits(weights.shape()) {
                let (what, expected) = (self.called("sample_weight"), Shape::of(&[len]));
                let help = "give one weight for each sample";
                return Err(Error::shape(what, expected, weights.shape(), help));
            }
        }
        Ok(self)
    }

    fn align(&self, y: Tensor, measure: &Measure) -> Result<Tensor> {
        let Measure { output, loss } = measure;
        loss.as_ref().map_or(Ok(y.clone()), |loss| align(&self.called("y"), y, output, &**loss))
    }

    /// Labels that go with the model, and the weights of their classes.
    fn checked(&self, y: Tensor, measure: &Measure) -> Result<(Tensor, Option<Tensor>)> {
        let y = self.align(y, measure)?;
        let (outputs, mut weights) = (measure.output.last().unwrap_or(1), None);
        if let Some(loss) = &measure.loss {
            loss.check_labels(&y, outputs).map_err(|error| match &self.output {
                None => error,
                Some(_) => Error::Data(format!("{}: {error}", self.called("y"))),
            })?;
            if let Some(class_weight) = &self.class_weight {
                weights = Some(class_weights(&y, outputs, &**loss, class_weight)?);
            }
        }
        Ok((y, weights))
    }

    pub(super) fn slice(&self, range: Range<usize>) -> Result<Self> {
        let weights = self.weights.as_ref().map(|w| w.batch_slice(range.clone())).transpose()?;
        Ok(Self { y: self.y.slice(range)?, weights, ..self.clone() })
    }

    /// The labels of the samples of `range`.
    pub(super) fn read(&self, range: Range<usize>) -> Result<Labels> {
        let weights = match &self.weights {
            Some(weights) if range == (0..self.y.len()) => Some(weights.clone()),
            weights => weights.as_ref().map(|w| w.batch_slice(range.clone())).transpose()?,
        };
        self.ready(self.y.read(range)?, weights)
    }

    /// The labels of the samples at `indices`.
    pub(super) fn gather(&self, indices: &[usize]) -> Result<Labels> {
        let weights = self.weights.as_ref().map(|w| w.batch_gather(indices)).transpose()?;
        self.ready(self.y.gather(indices)?, weights)
    }

    /// What was read, with labels that go with the model and weights of their classes.
    fn ready(&self, y: Tensor, weights: Option<Tensor>) -> Result<Labels> {
        let Some(measure) = &self.later else { return Ok(Labels { y, weights }) };
        let (y, of_classes) = self.checked(y, measure)?;
        Ok(Labels { y, weights: of_classes.or(weights) })
    }
}
