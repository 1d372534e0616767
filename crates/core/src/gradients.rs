//! Where `backward` puts the gradients of a layer's weights.

use crate::{Param, Tensor};

/// The gradients of one layer's weights, in the order of [`Layer::params`](crate::Layer::params).
///
/// `backward` *adds* to them, so that a batch may be cut into chunks and a layer may stand in a
/// model twice. Frozen weights have none, and need not be computed.
#[derive(Debug)]
pub struct Gradients<'a> {
    slots: &'a mut [Option<Tensor>],
    wants_dx: bool,
    sums: Option<&'a [f64]>,
}

impl<'a> Gradients<'a> {
    /// Gradients kept in `slots`; `wants_dx` tells whether the input's gradient is needed too.
    pub fn new(slots: &'a mut [Option<Tensor>], wants_dx: bool) -> Self {
        Self { slots, wants_dx, sums: None }
    }

    /// The same gradients for a layer whose `backward` needs these sums over the batch.
    #[must_use]
    pub fn with_sums(self, sums: Option<&'a [f64]>) -> Self {
        Self { sums, ..self }
    }

    /// A zeroed slot for each weight that learns.
    pub fn slots<'p>(params: impl IntoIterator<Item = &'p Param>) -> Vec<Option<Tensor>> {
        params.into_iter().map(|p| p.learns().then(|| Tensor::zeros(p.value().shape()))).collect()
    }

    /// The gradient of weight `index`, to be added to; `None` if that weight does not learn.
    pub fn get(&mut self, index: usize) -> Option<&mut Tensor> {
        self.slots.get_mut(index).and_then(Option::as_mut)
    }

    /// Whether anything will read the gradient of the layer's input; the first layer's is not.
    pub fn wants_dx(&self) -> bool {
        self.wants_dx
    }

    /// The sums of [`Layer::backward_sums`](crate::Layer::backward_sums) over all chunks of the
    /// batch; `None` if the layer sees the whole batch at once.
    pub fn sums(&self) -> Option<&'a [f64]> {
        self.sums
    }

    /// The gradients of `len` weights from `start` on: those of a layer within a layer.
    pub fn part(&mut self, start: usize, len: usize, wants_dx: bool) -> Gradients<'_> {
        let end = start.saturating_add(len).min(self.slots.len());
        Gradients { slots: &mut self.slots[start.min(end)..end], wants_dx, sums: None }
    }
}
