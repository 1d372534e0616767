//! A weight of a layer, and what governs it.

use std::{
    any::Any,
    fmt,
    sync::{Arc, OnceLock},
};

use crate::{Error, Result, Shape, Tensor};

/// A penalty on a weight's size, added to the loss once per batch.
pub trait Regularize: fmt::Debug + Send + Sync {
    /// Refuses to be trained with, where the penalty is not known.
    fn check_known(&self) -> Result<()> {
        Ok(())
    }
    /// The penalty of `w`, summed in f64.
    fn loss(&self, w: &Tensor) -> f64;
    /// Adds the penalty's derivative at `w` to `dw`, which has the shape of `w`.
    fn add_gradient(&self, w: &Tensor, dw: &mut Tensor) -> Result<()>;
}

/// A condition that a weight meets after every update.
pub trait Constrain: fmt::Debug + Send + Sync {
    /// Refuses to be trained with, where the condition is not known.
    fn check_known(&self) -> Result<()> {
        Ok(())
    }
    /// `w`, moved to where the condition holds; of the same shape.
    fn apply(&self, w: Tensor) -> Tensor;
}

/// A weight: its value, and what the trainer does with it.
///
/// Its numbers may change, its shape may not:
///
/// ```
/// use ceratops_core::{Param, Tensor};
///
/// let mut bias = Param::new("bias", Tensor::zeros(&[2]));
/// bias.value_mut()[0] = 0.5;
/// bias.set_value(bias.value().clone().map(|b| 2.0 * b))?;
/// assert_eq!(*bias.value(), Tensor::from([1.0, 0.0]));
///
/// let error = bias.set_value(Tensor::zeros(&[3])).unwrap_err();
/// assert_eq!(error.to_string(), "weight \"bias\": expected shape (2,), got (3,)");
/// # Ok::<(), ceratops_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Param {
    name: String,
    value: Tensor,
    trainable: bool,
    integer: bool,
    frozen: bool,
    regularizer: Option<Arc<dyn Regularize>>,
    constraint: Option<Arc<dyn Constrain>>,
    derived: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Param {
    /// A trainable weight with neither penalty nor condition.
    pub fn new(name: impl Into<String>, value: Tensor) -> Self {
        Self {
            name: name.into(),
            value,
            trainable: true,
            integer: false,
            frozen: false,
            regularizer: None,
            constraint: None,
            derived: OnceLock::new(),
        }
    }

    /// The same weight, updated by its layer and not by the optimizer.
    #[must_use]
    pub fn non_trainable(mut self) -> Self {
        self.trainable = false;
        self
    }

    /// The same weight, which Keras keeps as a 64-bit integer: its files do, and its size counts so.
    #[must_use]
    pub fn integer(mut self) -> Self {
        self.integer = true;
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

    /// Its name within the layer, as Keras has it: `kernel`, `bias`, `alpha`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The numbers.
    pub fn value(&self) -> &Tensor {
        &self.value
    }

    /// The numbers, row by row, to be changed.
    pub fn value_mut(&mut self) -> &mut [f32] {
        self.derived.take();
        self.value.as_mut_slice()
    }

    /// Replaces the numbers by those of a tensor of the same shape; of another, nothing changes.
    pub fn set_value(&mut self, value: Tensor) -> Result<()> {
        if value.shape() != self.value.shape() {
            let what = format!("weight \"{}\"", self.name);
            return Err(Error::shape(what, Shape::of(self.value.shape()), value.shape(), ""));
        }
        self.derived.take();
        self.value = value;
        Ok(())
    }

    /// What `make` makes of the numbers, such as a copy arranged for a kernel: made once, and kept
    /// until the numbers change, at the price of its memory. A weight keeps one such thing; of
    /// another type it is made anew at each call.
    pub fn derived<T: Send + Sync + 'static>(&self, make: impl Fn(&Tensor) -> T) -> Arc<T> {
        let kept = self.derived.get_or_init(|| Arc::new(make(&self.value)));
        Arc::clone(kept).downcast().unwrap_or_else(|_| Arc::new(make(&self.value)))
    }

    /// Whether it can be learned at all; moving statistics cannot.
    pub fn is_trainable(&self) -> bool {
        self.trainable
    }

    /// Whether Keras keeps it as a 64-bit integer.
    pub fn is_integer(&self) -> bool {
        self.integer
    }

    /// Whether its layer is frozen: `trainable = false` in Keras.
    pub fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// Freezes it, or lets it learn again: a container's way to freeze the layer.
    pub fn set_frozen(&mut self, frozen: bool) {
        self.frozen = frozen;
    }

    /// Whether the optimizer updates it: trainable, and its layer not frozen.
    pub fn learns(&self) -> bool {
        self.trainable && !self.frozen
    }

    /// The penalty on it.
    pub fn regularizer(&self) -> Option<&dyn Regularize> {
        self.regularizer.as_deref()
    }

    /// The condition on it.
    pub fn constraint(&self) -> Option<&dyn Constrain> {
        self.constraint.as_deref()
    }
}
