//! `Activation`: an activation function found by its name.

use std::{fmt, sync::Arc};

use ceratops_core::{Error, Result, Shape, Tensor};

use crate::{BUILTIN, Dual, Entry, Keeps, chain::chain, custom::Custom, table::LINEAR};

/// An activation function with the default arguments of Keras, or one of your own.
///
/// ```
/// use ceratops_activations::Activation;
///
/// assert_eq!(Activation::get("swish")?.name(), "silu");
/// assert_eq!(
///     Activation::get("sigmiod").unwrap_err().to_string(),
///     "unknown activation `sigmiod`; did you mean `sigmoid`? (identifiers are case-sensitive; \
///      make your own with `Activation::new`, `scalar` or `differentiable`, and register it \
///      with `Registry::with_activation`)",
/// );
/// # Ok::<(), ceratops_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Activation(Kind);

#[derive(Clone)]
enum Kind {
    Builtin(&'static Entry),
    Custom(Arc<Custom>),
}

/// The names of all built-in activations.
pub fn names() -> impl Iterator<Item = &'static str> {
    BUILTIN.iter().map(|entry| entry.name)
}

impl Activation {
    /// The built-in activation of this identifier. As in Keras, case matters.
    pub fn get(identifier: &str) -> Result<Self> {
        let answers = |entry: &&Entry| entry.identifiers().any(|known| known == identifier);
        BUILTIN.iter().find(answers).map(|entry| Self(Kind::Builtin(entry))).ok_or_else(|| {
            let known = BUILTIN.iter().flat_map(Entry::identifiers);
            Error::unknown("activation", identifier, known).with_help(
                "identifiers are case-sensitive; make your own with `Activation::new`, `scalar` or \
                 `differentiable`, and register it with `Registry::with_activation`",
            )
        })
    }

    /// An activation of your own, from y = forward(x) and dx = backward(x, dy).
    ///
    /// `name` is what stands in saved models. Keras writes custom objects as `package>name`, so
    /// `mypackage>wavy` is what a function `wavy` registered in Python under `mypackage` is
    /// called. The output must have the shape of the input.
    ///
    /// ```
    /// use ceratops_activations::Activation;
    ///
    /// let double = Activation::new(
    ///     "mypackage>double",
    ///     |x| Ok(x.map(move |x| 2.0 * x)),
    ///     |_x, dy| Ok(dy.map(|dy| 2.0 * dy)),
    /// )?;
    /// assert_eq!(double.call([3.0].into())?, [6.0].into());
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn new(
        name: impl Into<String>,
        forward: impl Fn(Tensor) -> Result<Tensor> + Send + Sync + 'static,
        backward: impl Fn(&Tensor, Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> Result<Self> {
        Ok(Self(Kind::Custom(Arc::new(Custom::new(name.into(), forward, backward)?))))
    }

    /// An activation of your own, from y = f(x) and its derivative df(x) for a single number.
    ///
    /// ```
    /// use ceratops_activations::Activation;
    ///
    /// let square = Activation::scalar("mypackage>square", |x| x * x, |x| 2.0 * x)?;
    /// assert_eq!(square.backward(&[3.0].into(), [1.0].into())?, [6.0].into());
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn scalar(
        name: impl Into<String>,
        f: impl Fn(f32) -> f32 + Send + Sync + 'static,
        df: impl Fn(f32) -> f32 + Send + Sync + 'static,
    ) -> Result<Self> {
        Self::new(name, move |x| Ok(x.map(&f)), move |x, dy| chain(x, dy, &df))
    }

    /// An activation of your own, from y = f(x) alone: the derivative comes by itself, since `f`
    /// calculates with numbers that carry their derivative along.
    ///
    /// ```
    /// use ceratops_activations::{Activation, DualNum};
    ///
    /// let wavy = Activation::differentiable("mypackage>wavy", |x| x + x.sin())?;
    /// assert_eq!(wavy.call([0.0].into())?, [0.0].into());
    /// assert_eq!(wavy.backward(&[0.0].into(), [1.0].into())?, [2.0].into());
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn differentiable(
        name: impl Into<String>,
        f: impl Fn(Dual) -> Dual + Send + Sync + 'static,
    ) -> Result<Self> {
        let f = Arc::new(f);
        let df = Arc::clone(&f);
        let value = move |x| f(Dual::from_re(x)).re;
        Self::scalar(name, value, move |x| df(Dual::new(x, 1.0)).eps)
    }

    /// The name, which is Keras 3's for a built-in function, whatever it was found by.
    pub fn name(&self) -> &str {
        match &self.0 {
            Kind::Builtin(entry) => entry.name,
            Kind::Custom(custom) => &custom.name,
        }
    }

    /// y.
    pub fn call(&self, x: Tensor) -> Result<Tensor> {
        match &self.0 {
            Kind::Builtin(entry) => (entry.forward)(x),
            Kind::Custom(custom) => custom.call(x),
        }
    }

    /// dx, where `kept` is x or y, as [`Activation::keeps`] says.
    pub fn backward(&self, kept: &Tensor, dy: Tensor) -> Result<Tensor> {
        match &self.0 {
            Kind::Builtin(entry) => (entry.backward)(kept, dy),
            Kind::Custom(custom) => custom.backward(kept, dy),
        }
    }

    /// What `backward` wants to be kept of the forward pass.
    pub fn keeps(&self) -> Keeps {
        match &self.0 {
            Kind::Builtin(entry) => entry.keeps,
            Kind::Custom(_) => Keeps::Input,
        }
    }

    /// The shape of y for an x of shape `input`.
    pub fn output_shape(&self, input: &Shape) -> Result<Shape> {
        match &self.0 {
            Kind::Builtin(entry) => (entry.output_shape)(input),
            Kind::Custom(_) => Ok(input.clone()),
        }
    }

    /// Whether it is not one of Keras' own.
    pub fn is_custom(&self) -> bool {
        matches!(self.0, Kind::Custom(_))
    }

    /// The formula in a line; empty for a custom one.
    pub fn formula(&self) -> &str {
        match &self.0 {
            Kind::Builtin(entry) => entry.formula,
            Kind::Custom(_) => "",
        }
    }
}

/// `linear`, which is what Keras means by `activation=None`.
impl Default for Activation {
    fn default() -> Self {
        Self(Kind::Builtin(&LINEAR))
    }
}

/// Functions are compared by their names; a custom one never equals a built-in one.
impl PartialEq for Activation {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.is_custom() == other.is_custom()
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Activation").field(&self.name()).finish()
    }
}
