//! Slot: one tensor that an optimizer remembers of a weight.

use ceratops_core::Tensor;

use super::Optimizer;

/// A weight, as an optimizer is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight<'a> {
    /// Where it is: the names of model, layers and weight, joined by slashes, as in Keras.
    pub path: &'a str,
    /// Its shape.
    pub shape: &'a [usize],
}

/// One tensor that an optimizer remembers of a weight: of its shape and zero at first, unless
/// something else is said.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    pub(super) name: &'static str,
    pub(super) shape: Option<Vec<usize>>,
    pub(super) initial: f32,
}

impl Slot {
    /// A tensor of that name, of the weight's shape, zero at first.
    pub fn new(name: &'static str) -> Self {
        Self { name, shape: None, initial: 0.0 }
    }

    /// Begins with that number everywhere.
    #[must_use]
    pub fn filled(self, initial: f32) -> Self {
        Self { initial, ..self }
    }

    /// Has a shape of its own. As in Keras' Adafactor its variable is called as the weight is.
    #[must_use]
    pub fn shaped(self, shape: Vec<usize>) -> Self {
        Self { shape: Some(shape), ..self }
    }

    /// The name, as in Keras.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn shape<'a>(&'a self, weight: &Weight<'a>) -> &'a [usize] {
        self.shape.as_deref().unwrap_or(weight.shape)
    }

    /// The tensor before the first update.
    pub(super) fn tensor(&self, weight: &Weight<'_>) -> Tensor {
        Tensor::full(self.shape(weight), self.initial)
    }
}

/// Slots of that name each.
pub(super) fn named<const N: usize>(names: [&'static str; N]) -> Vec<Slot> {
    names.map(Slot::new).into()
}

/// All that is remembered of a weight: what the base's settings ask for, then the optimizer's own.
pub(super) fn all_slots(optimizer: &dyn Optimizer, weight: &Weight<'_>) -> Vec<Slot> {
    let base = optimizer.base();
    let mut slots = Vec::new();
    slots.extend(base.use_ema.then_some(Slot::new("average")));
    slots.extend((base.batches() > 1).then_some(Slot::new("gradient_accumulator")));
    slots.append(&mut optimizer.slots(weight));
    slots
}

/// How many of the slots are the base's, and not the optimizer's own.
pub(super) fn of_base(optimizer: &dyn Optimizer) -> usize {
    let base = optimizer.base();
    usize::from(base.use_ema) + usize::from(base.batches() > 1)
}
