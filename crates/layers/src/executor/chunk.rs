//! A chunk of the batch on its way through the layers and back.

use std::{ops::Range, sync::Arc};

use ceratops_core::{Context, Error, Gradients, Result, Saved, Shape, Tensor};

use super::{Chain, LossFn};

/// What all chunks added up for a layer that couples samples.
pub(super) type Sums = Option<Arc<[f64]>>;

/// One chunk of the batch.
pub(super) struct Chunk {
    pub(super) range: Range<usize>,
    /// The activation on the way up, the gradient on the way down as long as one is wanted.
    pub(super) value: Option<Tensor>,
    pub(super) output: Option<Tensor>,
    /// What it adds to the sums for the next node that couples samples.
    pub(super) sums: Option<Vec<f64>>,
    pub(super) cx: Context,
    saved: Vec<Option<Saved>>,
}

impl Chunk {
    pub(super) fn new(range: Range<usize>, x: Tensor, cx: Context) -> Self {
        Self { range, value: Some(x), output: None, sums: None, cx, saved: Vec::new() }
    }

    fn take(&mut self) -> Result<Tensor> {
        self.value.take().ok_or_else(|| Error::Model("a chunk of the batch was lost".into()))
    }

    /// Runs the nodes of `body`, and before them the coupling node that waited for `sums`.
    pub(super) fn forward(
        &mut self,
        chain: &Chain<'_>,
        body: &Range<usize>,
        sums: &Sums,
        logits: bool,
    ) -> Result<()> {
        let x = self.take()?;
        let start = body.start - usize::from(sums.is_some());
        self.cx.set_sums(sums.clone());
        let y = chain.forward(start..body.end, x, &mut self.cx, logits, &mut self.saved)?;
        self.sums = chain.forward_sums(body.end, &y)?;
        self.value = Some(y);
        Ok(())
    }

    /// Puts the gradient of the loss in the place of the output, and returns the loss.
    pub(super) fn loss(&mut self, loss: &LossFn<'_>) -> Result<f64> {
        let y = self.take()?;
        let (sum, dy) = loss(self.range.clone(), &y)?;
        if dy.shape() != y.shape() {
            let (what, expected) = ("gradient of the loss", Shape::of(y.shape()));
            let help = "it must have the shape of the output";
            return Err(Error::shape(what, expected, dy.shape(), help));
        }
        self.output = Some(y);
        self.value = Some(dy);
        Ok(sum)
    }

    /// Runs the nodes of `body` back, and before them the coupling node that waited for `sums`.
    /// `adds` says whether the coupling node below them needs sums in its turn.
    pub(super) fn backward(
        &mut self,
        chain: &Chain<'_>,
        body: &Range<usize>,
        sums: &Sums,
        adds: bool,
        slots: &mut [Option<Tensor>],
    ) -> Result<()> {
        let Some(dy) = self.value.take() else { return Ok(()) };
        let end = body.end + usize::from(sums.is_some());
        let mut dw = Gradients::new(slots, false).with_sums(sums.as_deref());
        self.value = chain.backward(body.start..end, &mut self.saved, dy, &mut dw)?;
        if let (Some(dy), true, Some(below)) = (&self.value, adds, body.start.checked_sub(1)) {
            let saved = self.saved.last().and_then(Option::as_ref);
            self.sums = chain.backward_sums(below, saved, dy, &mut dw)?;
        }
        Ok(())
    }
}
