//! ActivityRegularization: a penalty on what passes.

use ceratops_core::{Context, Gradients, Layer, Result, Shape, Tensor};
use ceratops_weights::{Regularizer, regularizers::L1L2};
use serde::{Deserialize, Serialize};

use super::tail::{SavedTail, Tail};
use crate::AnyActivation;

/// y = x, and (l1 · Σ |x| + l2 · Σ x²) / batch is added to the loss.
///
/// ```
/// use ceratops_core::{Context, Layer, Tensor};
/// use ceratops_layers::ActivityRegularization;
///
/// let mut cx = Context::inference().of_batch(2);
/// let layer = ActivityRegularization::new().l1(0.5).l2(0.1);
/// layer.forward(Tensor::from([[1.0], [-2.0]]), &mut cx)?;
/// assert!((cx.take_loss() - (0.5 * 3.0 + 0.1 * 5.0) / 2.0).abs() < 1e-6);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.ActivityRegularization`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActivityRegularization {
    /// The factor of the absolute values; 0 by default.
    pub l1: f64,
    /// The factor of the squares; 0 by default.
    pub l2: f64,
}

impl ActivityRegularization {
    /// The layer without a penalty, which `l1` and `l2` set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Penalises the absolute values so much.
    #[must_use]
    pub fn l1(self, l1: f64) -> Self {
        Self { l1, ..self }
    }

    /// Penalises the squares so much.
    #[must_use]
    pub fn l2(self, l2: f64) -> Self {
        Self { l2, ..self }
    }

    fn regularizer(&self) -> Regularizer {
        L1L2::new(self.l1, self.l2).into()
    }
}

fn tail<'a>(activation: &'a AnyActivation, regularizer: &'a Regularizer) -> Tail<'a> {
    Tail { activation, regularizer: Some(regularizer), own: 0 }
}

impl Layer for ActivityRegularization {
    const CLASS_NAME: &'static str = "ActivityRegularization";
    const KEEPS_MASK: bool = true;
    type Saved = SavedActivityRegularization;

    fn validate(&self) -> Result<()> {
        self.regularizer().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Self::Saved>)> {
        let (activation, regularizer) = (AnyActivation::default(), self.regularizer());
        let (y, saved) = tail(&activation, &regularizer).forward(x, cx)?;
        Ok((y, saved.map(SavedActivityRegularization)))
    }

    fn backward(
        &self,
        SavedActivityRegularization(saved): Self::Saved,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let (activation, regularizer) = (AnyActivation::default(), self.regularizer());
        tail(&activation, &regularizer).backward(saved, dy, dw).map(Some)
    }
}

/// What the gradient needs: what passed.
#[derive(Debug)]
pub struct SavedActivityRegularization(SavedTail);
