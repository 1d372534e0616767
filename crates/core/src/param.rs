//! A weight of a layer, and what governs it.

use std::{fmt, sync::Arc};

use crate::Tensor;

/// A penalty on a weight's size, added to the loss once per batch.
pub trait Regularize: fmt::Debug + Send + Sync {
    /// The penalty of `w`, summed in f64.
    fn loss(&self, w: &Tensor) -> f64;
    /// Adds the penalty's derivative at `w` to `dw`.
    fn add_gradient(&self, w: &Tensor, dw: &mut Tensor);
}

/// A condition that a weight meets after every update.
pub trait Constrain: fmt::Debug + Send + Sync {
    /// `w`, moved to where the condition holds.
    fn apply(&self, w: Tensor) -> Tensor;
}

/// A weight: its value, and what the trainer does with it.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name within the layer, as Keras has it: `kernel`, `bias`, `alpha`.
    pub name: String,
    /// The numbers.
    pub value: Tensor,
    /// Whether it can be learned at all; moving statistics cannot.
    pub trainable: bool,
    /// Whether its layer is frozen (`trainable = false` in Keras); containers set it.
    pub frozen: bool,
    /// The penalty on it.
    pub regularizer: Option<Arc<dyn Regularize>>,
    /// The condition on it.
    pub constraint: Option<Arc<dyn Constrain>>,
}

impl Param {
    /// A trainable weight with neither penalty nor condition.
    pub fn new(name: impl Into<String>, value: Tensor) -> Self {
        Self {
            name: name.into(),
            value,
            trainable: true,
            frozen: false,
            regularizer: None,
            constraint: None,
        }
    }

    /// The same weight, updated by its layer and not by the optimizer.
    #[must_use]
    pub fn non_trainable(mut self) -> Self {
        self.trainable = false;
        self
    }

    /// The same weight with a penalty, if one is given.
    #[must_use]
    pub fn regularized<R: Regularize + 'static>(mut self, regularizer: Option<R>) -> Self {
        self.regularizer = regularizer.map(|r| Arc::new(r) as Arc<dyn Regularize>);
        self
    }

    /// The same weight with a condition, if one is given.
    #[must_use]
    pub fn constrained<C: Constrain + 'static>(mut self, constraint: Option<C>) -> Self {
        self.constraint = constraint.map(|c| Arc::new(c) as Arc<dyn Constrain>);
        self
    }

    /// Whether the optimizer updates it: trainable, and its layer not frozen.
    pub fn learns(&self) -> bool {
        self.trainable && !self.frozen
    }
}
