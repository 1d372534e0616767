//! How Dense and the convolutions end: the activation, then the penalty on what comes out of it.

use ceratops_core::{Closing, Context, Error, Gradients, Regularize, Result, Tensor};
use ceratops_weights::Regularizer;

use crate::{AnyActivation, any_activation::SavedActivation};

/// The arguments `activation` and `activity_regularizer` of a layer.
pub(super) struct Tail<'a> {
    pub(super) activation: &'a AnyActivation,
    pub(super) regularizer: Option<&'a Regularizer>,
    /// How many weights the layer has besides those of its activation.
    pub(super) own: usize,
}

/// What the gradient needs: what the activation saved, and the output if there is a penalty on it.
#[derive(Debug)]
pub(super) struct SavedTail {
    activation: Option<SavedActivation>,
    penalized: Option<Penalized>,
}

/// An output, and how many samples share the penalty on it.
#[derive(Debug)]
struct Penalized {
    y: Tensor,
    samples: usize,
}

impl SavedTail {
    /// Zeros for the gradient of an output that nothing reads, if there is a penalty on it.
    pub(super) fn no_gradient(&self) -> Option<Tensor> {
        self.penalized.as_ref().map(|penalized| Tensor::zeros(penalized.y.shape()))
    }
}

impl<'a> Tail<'a> {
    /// Refuses an unknown activation, and a penalty that is not a sum over the samples.
    pub(super) fn validate(&self) -> Result<()> {
        self.activation.validate()?;
        match self.regularizer {
            Some(Regularizer::OrthogonalRegularizer(_)) => Err(Error::argument(
                "activity_regularizer",
                "L1, L2 or L1L2",
                "OrthogonalRegularizer",
            )),
            Some(regularizer) => regularizer.validate(),
            None => Ok(()),
        }
    }

    /// y = activation(z); adds penalty(y) / batch to the loss.
    pub(super) fn forward(
        &self,
        z: Tensor,
        cx: &mut Context,
    ) -> Result<(Tensor, Option<SavedTail>)> {
        let (y, activation) = self.activation.forward(z, cx, self.own)?;
        let samples = cx.batch();
        let penalized = self.regularizer.filter(|_| cx.penalizes()).and_then(|regularizer| {
            cx.add_loss(regularizer.loss(&y) / samples as f64);
            cx.save(|| Penalized { y: y.clone(), samples })
        });
        Ok((y, cx.save(|| SavedTail { activation, penalized })))
    }

    /// dz, from dy + penalty'(y) / batch; adds the gradients of the activation's weights to those
    /// of the layer.
    pub(super) fn backward(
        &self,
        saved: SavedTail,
        mut dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Tensor> {
        if let (Some(regularizer), Some(Penalized { y, samples })) =
            (self.regularizer, saved.penalized)
        {
            let mut slope = Tensor::zeros(y.shape());
            regularizer.add_gradient(&y, &mut slope)?;
            dy.add_scaled(1.0 / samples as f32, &slope)?;
        }
        let Some(activation) = saved.activation else { return Ok(dy) };
        let inner = self.activation.params().len();
        self.activation.backward(activation, dy, &mut dw.part(self.own, inner, true))
    }

    /// The activation, if it can be left out: a penalty on the output needs the output itself.
    pub(super) fn closing(&self) -> Option<Closing> {
        self.activation.closing().filter(|_| self.regularizer.is_none())
    }
}
