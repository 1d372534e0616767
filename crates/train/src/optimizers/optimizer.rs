//! The `Optimizer` trait: the formula by which a weight follows its gradient.

use std::fmt::Debug;

use ceratops_core::{Result, Tensor};
use dyn_clone::DynClone;
use serde_json::Value;

use super::{Base, Slot, Weight, from_json, get};
use crate::spelling::snake_case;

/// Which update it is, and how large.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step<'a> {
    /// The learning rate at this moment.
    pub learning_rate: f32,
    /// How many updates there have been, this one included: 1, 2, ...
    pub iteration: u64,
    /// The numbers that belong to no weight, in the order of [`Optimizer::shared`].
    pub shared: &'a [f32],
}

/// The formula by which a weight follows its gradient.
///
/// What it remembers of each weight it names in `slots`; the tensors are kept for it and handed to
/// `update`. An optimizer of your own:
///
/// ```
/// use ceratops_core::{Result, Tensor};
/// use ceratops_train::{Optimizer, optimizers::{Base, Step}};
///
/// /// w -= learning_rate * sign(dw)
/// #[derive(Debug, Clone)]
/// struct SignSGD(Base);
///
/// impl Optimizer for SignSGD {
///     fn class_name(&self) -> &str {
///         "SignSGD"
///     }
///     fn base(&self) -> &Base {
///         &self.0
///     }
///     fn base_mut(&mut self) -> &mut Base {
///         &mut self.0
///     }
///     fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], _: &mut [Tensor]) {
///         for (w, dw) in w.iter_mut().zip(dw) {
///             *w -= step.learning_rate * dw.signum();
///         }
///     }
/// }
/// ```
pub trait Optimizer: Debug + DynClone + Send + Sync + 'static {
    /// The name of the class, as Keras spells it.
    fn class_name(&self) -> &str;

    /// The name that Keras gives to the first such optimizer: `rm_sprop`.
    fn name(&self) -> String {
        snake_case(self.class_name())
    }

    /// The settings that every optimizer has.
    fn base(&self) -> &Base;

    /// The same settings, to be changed.
    fn base_mut(&mut self) -> &mut Base;

    /// The tensors remembered of a weight, under Keras' names: `momentum`, `velocity`.
    fn slots(&self, weight: &Weight<'_>) -> Vec<Slot> {
        let _ = weight;
        Vec::new()
    }

    /// How many of the first slots Keras keeps together, weight by weight, in
    /// `optimizer.variables`; each of the others follows for all weights at once. Adam's are
    /// m and v of the first weight, m and v of the second, ..., and then all of `velocity_hat`.
    fn interleaved(&self) -> usize {
        1
    }

    /// The numbers remembered that belong to no weight: the name of each in Keras, and its first
    /// value.
    fn shared(&self) -> Vec<(&'static str, f32)> {
        Vec::new()
    }

    /// Brings the numbers of `shared` to update `iteration`, before the weights are moved.
    fn advance(&self, iteration: u64, shared: &mut [f32]) {
        let _ = (iteration, shared);
    }

    /// By how much a weight decays: the `weight_decay` of the base, but for weights that are
    /// excluded from it.
    fn decay_of(&self, weight: &Weight<'_>) -> Option<f64> {
        let base = self.base();
        base.weight_decay.filter(|_| base.lets_decay(weight.path))
    }

    /// Moves `w` along its gradient `dw`, with the remembered tensors in the order of `slots`.
    fn update(&self, step: Step<'_>, w: &mut [f32], dw: &[f32], slots: &mut [Tensor]);

    /// Refuses settings that make no sense.
    fn validate(&self) -> Result<()> {
        self.base().validate()
    }

    /// Keras' entry: `{"module": ..., "class_name": ..., "config": ...}`.
    fn to_json(&self) -> Result<Value> {
        crate::config::entry("custom", self.class_name(), self.base())
    }

    /// Shrinks every weight before each update: w -= w * decay * learning_rate.
    #[must_use]
    fn weight_decay(mut self, decay: f64) -> Self
    where
        Self: Sized,
    {
        self.base_mut().weight_decay = Some(decay);
        self
    }

    /// Scales each weight's gradient down to this Euclidean norm.
    #[must_use]
    fn clipnorm(mut self, norm: f64) -> Self
    where
        Self: Sized,
    {
        self.base_mut().clipnorm = Some(norm);
        self
    }

    /// Scales all gradients down together to this Euclidean norm.
    #[must_use]
    fn global_clipnorm(mut self, norm: f64) -> Self
    where
        Self: Sized,
    {
        self.base_mut().global_clipnorm = Some(norm);
        self
    }

    /// Cuts every number of the gradients to within ± this value.
    #[must_use]
    fn clipvalue(mut self, value: f64) -> Self
    where
        Self: Sized,
    {
        self.base_mut().clipvalue = Some(value);
        self
    }

    /// Excludes weights from decay: those with one of `names` in their path, such as `bias` or
    /// `sequential/dense/kernel`. They are plain text, where Keras takes regular expressions.
    #[must_use]
    fn exclude_from_weight_decay(
        mut self,
        names: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self
    where
        Self: Sized,
    {
        self.base_mut().exclude_from_weight_decay = names.into_iter().map(Into::into).collect();
        self
    }

    /// Keeps a running mean of each weight, which takes the weight's place at the end of `fit`.
    #[must_use]
    fn use_ema(mut self, use_ema: bool) -> Self
    where
        Self: Sized,
    {
        self.base_mut().use_ema = use_ema;
        self
    }

    /// Lets the running means follow the weights so slowly.
    #[must_use]
    fn ema_momentum(mut self, momentum: f64) -> Self
    where
        Self: Sized,
    {
        self.base_mut().ema_momentum = momentum;
        self
    }

    /// Puts the running means into the weights' places every so many updates too.
    #[must_use]
    fn ema_overwrite_frequency(mut self, updates: u64) -> Self
    where
        Self: Sized,
    {
        self.base_mut().ema_overwrite_frequency = Some(updates);
        self
    }

    /// Follows the mean gradient of so many batches.
    #[must_use]
    fn gradient_accumulation_steps(mut self, batches: u64) -> Self
    where
        Self: Sized,
    {
        self.base_mut().gradient_accumulation_steps = Some(batches);
        self
    }

    /// Keeps that factor for files; see [`Base::loss_scale_factor`].
    #[must_use]
    fn loss_scale_factor(mut self, factor: f64) -> Self
    where
        Self: Sized,
    {
        self.base_mut().loss_scale_factor = Some(factor);
        self
    }
}

dyn_clone::clone_trait_object!(Optimizer);

/// What `compile` takes as an optimizer: a name, an optimizer, or a config of Keras.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no optimizer",
    label = "expected a name such as \"adam\", or an optimizer such as `Adam::new(0.001)`"
)]
pub trait IntoOptimizer {
    /// The optimizer, or an error that names the nearest known one.
    fn into_optimizer(self) -> Result<Box<dyn Optimizer>>;
}

#[diagnostic::do_not_recommend]
impl<O: Optimizer> IntoOptimizer for O {
    fn into_optimizer(self) -> Result<Box<dyn Optimizer>> {
        self.validate()?;
        Ok(Box::new(self))
    }
}

impl IntoOptimizer for Box<dyn Optimizer> {
    fn into_optimizer(self) -> Result<Box<dyn Optimizer>> {
        self.validate()?;
        Ok(self)
    }
}

impl IntoOptimizer for &str {
    fn into_optimizer(self) -> Result<Box<dyn Optimizer>> {
        get(self)
    }
}

impl IntoOptimizer for String {
    fn into_optimizer(self) -> Result<Box<dyn Optimizer>> {
        get(&self)
    }
}

impl IntoOptimizer for &String {
    fn into_optimizer(self) -> Result<Box<dyn Optimizer>> {
        get(self)
    }
}

impl IntoOptimizer for &Value {
    fn into_optimizer(self) -> Result<Box<dyn Optimizer>> {
        from_json(self)
    }
}
