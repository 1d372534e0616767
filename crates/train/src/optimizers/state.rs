//! What an optimizer remembers, and how one update of a whole model goes.

use ceratops_core::{Error, Param, Result, Shape, Tensor};

use super::{Optimizer, Step};

/// What an optimizer remembers between updates.
#[derive(Debug, Clone, Default)]
pub struct OptimizerState {
    built: bool,
    iterations: u64,
    /// For each weight of the model the tensors that [`Optimizer::slots`] names.
    slots: Vec<Vec<Tensor>>,
}

impl OptimizerState {
    /// What was remembered after so many updates: for each weight of the model its slots.
    pub(super) fn restored(iterations: u64, slots: Vec<Vec<Tensor>>) -> Self {
        Self { built: true, iterations, slots }
    }

    /// How many updates there have been.
    pub fn iterations(&self) -> u64 {
        self.iterations
    }

    /// Whether it remembers anything yet.
    pub fn is_built(&self) -> bool {
        self.built
    }

    /// How many numbers it remembers of all weights together.
    pub fn len(&self) -> usize {
        self.slots.iter().flatten().map(Tensor::len).sum()
    }

    /// Whether it remembers no numbers.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes room, all zeros, for what `optimizer` remembers of the weights that learn: what the
    /// first update does otherwise.
    pub fn build<'a>(
        &mut self,
        optimizer: &dyn Optimizer,
        params: impl ExactSizeIterator<Item = &'a Param>,
    ) {
        self.built = true;
        self.slots.resize_with(params.len(), Vec::new);
        let count = optimizer.slots().len();
        for (slots, param) in self.slots.iter_mut().zip(params).filter(|(_, p)| p.learns()) {
            fit_slots(slots, count, param.value().shape());
        }
    }

    /// The tensors remembered for weight `index` of the model, in the order of
    /// [`Optimizer::slots`]; none before the first update, and none for a frozen weight.
    pub fn slots(&self, index: usize) -> &[Tensor] {
        self.slots.get(index).map_or(&[], Vec::as_slice)
    }

    /// One update of all weights that learn, in Keras' order: the gradients are clipped, the
    /// weights decay, follow their gradients, and are brought back under their constraints.
    ///
    /// Weights change where they are, and gradients are clipped where they are: nothing is copied,
    /// but for a weight that somebody else holds too, or that has a constraint.
    ///
    /// # Errors
    /// Where there is not one gradient of its shape for each weight; nothing is changed then. Where
    /// a constraint makes a tensor of another shape; its weight stays without it.
    pub fn apply(
        &mut self,
        optimizer: &dyn Optimizer,
        params: &mut [&mut Param],
        gradients: &mut [Option<Tensor>],
    ) -> Result<()> {
        check(params, gradients)?;
        let base = optimizer.base();
        base.clip(gradients);
        self.iterations = self.iterations.saturating_add(1);
        self.build(optimizer, params.iter().map(|param| &**param));
        let learning_rate = base.learning_rate as f32;
        let step = Step { learning_rate, iteration: self.iterations };
        for ((param, dw), slots) in params.iter_mut().zip(gradients).zip(&mut self.slots) {
            let Some(dw) = dw.as_ref().filter(|_| param.learns()) else { continue };
            base.decay(param.value_mut());
            optimizer.update(step, param.value_mut(), dw.as_slice(), slots);
            if let Some(constraint) = param.constraint() {
                let w = constraint.apply(param.value().clone());
                let help = "a constraint must keep the shape";
                param.set_value(w).map_err(|e| e.with_help(help))?;
            }
        }
        Ok(())
    }
}

/// Refuses gradients that are not those of the weights.
fn check(params: &[&mut Param], gradients: &[Option<Tensor>]) -> Result<()> {
    if params.len() != gradients.len() {
        let expected = format!("{} gradients, one for each weight", params.len());
        return Err(Error::argument("gradients", expected, gradients.len()));
    }
    for (param, dw) in params.iter().zip(gradients) {
        let shape = param.value().shape();
        if let Some(dw) = dw.as_ref().filter(|dw| dw.shape() != shape) {
            let what = format!("gradient of weight \"{}\"", param.name());
            return Err(Error::shape(what, Shape::of(shape), dw.shape(), ""));
        }
    }
    Ok(())
}

/// Sees to it that there are `count` slots of the weight's shape; those that are not begin as
/// zeros.
fn fit_slots(slots: &mut Vec<Tensor>, count: usize, shape: &[usize]) {
    slots.resize_with(count, || Tensor::zeros(shape));
    for slot in slots.iter_mut().filter(|slot| slot.shape() != shape) {
        *slot = Tensor::zeros(shape);
    }
}
