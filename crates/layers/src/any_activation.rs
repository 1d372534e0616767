//! What a layer applies to its output: a function, or a layer that stands in for one.

use ceratops_activations::{self as activations, Activation, Keeps};
use ceratops_core::{
    AnyLayer, Closing, Context, Error, Gradients, Layer, Param, Part, Result, Rng, Saved, Shape,
    Tensor,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::{
    ELU, LeakyReLU, PReLU, ReLU, Registry, Softmax, ThresholdedReLU, advice::advise, entry,
};

/// The `activation` argument of a layer, as in Keras: the identifier of a function, a function,
/// or a layer such as `PReLU`, whose weights then belong to the layer that holds it.
///
/// ```
/// use ceratops_layers::{Dense, PReLU};
///
/// assert_eq!(Dense::new(8).activation("relu").activation.name(), "relu");
/// assert_eq!(Dense::new(8).activation(PReLU::new()).activation.name(), "PReLU");
/// ```
#[derive(Debug, Clone)]
pub enum AnyActivation {
    /// A stateless function.
    Function(Activation),
    /// A layer in a function's place.
    Layer(Box<dyn AnyLayer>),
    /// A name or a config entry that is not built in: a [`Registry`] may know it.
    Unresolved(Value),
}

/// What [`AnyActivation::backward`] needs.
#[derive(Debug)]
pub enum SavedActivation {
    /// Nothing was applied.
    Identity,
    /// The input or the output of the function, whichever its derivative is written in.
    Function(Tensor),
    /// What the layer saved.
    Layer(Option<Saved>),
}

impl AnyActivation {
    /// A layer in a function's place; for those of Keras' activation layers `into()` will do.
    pub fn layer(layer: impl Layer) -> Self {
        Self::Layer(Box::new(layer))
    }

    /// The identifier of the function or the class name of the layer.
    pub fn name(&self) -> &str {
        match self {
            Self::Function(function) => function.name(),
            Self::Layer(layer) => layer.class_name(),
            Self::Unresolved(Value::String(name)) => name,
            Self::Unresolved(entry) => entry::class_name(entry).unwrap_or("?"),
        }
    }

    /// Finds in `registry` what is not built in.
    pub fn resolve(&mut self, registry: &Registry) -> Result<()> {
        if let Self::Unresolved(identifier) = self {
            *self = registry.activation(identifier)?;
        }
        Ok(())
    }

    /// Refuses an unknown identifier.
    pub fn validate(&self) -> Result<()> {
        match self {
            Self::Function(_) => Ok(()),
            Self::Layer(layer) => layer.validate(),
            Self::Unresolved(_) => Err(unknown(self.name(), activations::names())),
        }
    }

    /// The shape of the output for inputs of shape `input`.
    pub fn output_shape(&self, input: &Shape) -> Result<Shape> {
        match self {
            Self::Function(function) => function.output_shape(input),
            Self::Layer(layer) => layer.output_shape(input),
            Self::Unresolved(_) => self.validate().map(|()| input.clone()),
        }
    }

    /// Makes the weights, if it is a layer.
    pub fn build(&mut self, input: &Shape, rng: &mut Rng) -> Result<()> {
        match self {
            Self::Layer(layer) => layer.build(input, rng),
            _ => self.validate(),
        }
    }

    /// The output, and what the gradient will need; `x` itself where logits are wanted. `own` is
    /// how many weights of its own the layer has that holds the activation.
    pub fn forward(
        &self,
        x: Tensor,
        cx: &mut Context,
        own: usize,
    ) -> Result<(Tensor, Option<SavedActivation>)> {
        if cx.wants_logits() && self.closing().is_some() {
            return Ok((x, cx.save(|| SavedActivation::Identity)));
        }
        match self {
            Self::Function(function) if function.name() == "linear" => {
                Ok((x, cx.save(|| SavedActivation::Identity)))
            }
            Self::Function(function) => {
                let input = matches!(function.keeps(), Keeps::Input).then(|| cx.save(|| x.clone()));
                let y = function.call(x)?;
                let kept = input.unwrap_or_else(|| cx.save(|| y.clone()));
                Ok((y, kept.map(SavedActivation::Function)))
            }
            Self::Layer(layer) => {
                let first = cx.first_param();
                cx.set_first_param(first + own);
                let (y, saved) = layer.forward(x, cx)?;
                cx.set_first_param(first);
                Ok((y, cx.save(|| SavedActivation::Layer(saved))))
            }
            Self::Unresolved(_) => self.validate().map(|()| (x, None)),
        }
    }

    /// The gradient of the input; those of the weights, if any, are added to `dw`.
    pub fn backward(
        &self,
        saved: SavedActivation,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Tensor> {
        match (self, saved) {
            (Self::Function(function), SavedActivation::Function(kept)) => {
                function.backward(&kept, dy)
            }
            (Self::Layer(layer), SavedActivation::Layer(saved)) => {
                let count = layer.params().len();
                let dx = layer.backward(saved, dy, &mut dw.part(0, count, true))?;
                dx.ok_or_else(|| Error::Model(format!("{} gave no gradient", self.name())))
            }
            _ => Ok(dy),
        }
    }

    /// The weights, if it is a layer.
    pub fn params(&self) -> Vec<&Param> {
        if let Self::Layer(layer) = self { layer.params() } else { Vec::new() }
    }

    /// The weights, to be changed.
    /// The parts of a layer with weights of its own and this activation.
    pub fn parts_behind<'a>(&'a self, own: Vec<&'a Param>) -> Vec<Part<'a>> {
        let mut parts = vec![Part::own(own)];
        if let Self::Layer(layer) = self {
            let name = entry::snake_case(layer.class_name());
            parts.extend(layer.parts().into_iter().map(|part| part.within("activation", &name)));
        }
        parts
    }

    /// Those of the layer, to be changed.
    pub fn params_mut(&mut self) -> Vec<&mut Param> {
        if let Self::Layer(layer) = self { layer.params_mut() } else { Vec::new() }
    }

    /// Whether it is a layer that couples the samples of a batch.
    pub fn couples_samples(&self) -> bool {
        matches!(self, Self::Layer(layer) if layer.couples_samples())
    }

    /// What a loss on logits takes over, if it can.
    pub fn closing(&self) -> Option<Closing> {
        match self {
            // A function of the user's own is another, whatever its name.
            Self::Function(f) => Closing::of(f.name()).filter(|_| !f.is_custom()),
            Self::Layer(layer) => layer.closing_activation(),
            Self::Unresolved(_) => None,
        }
    }
}

/// The error for an identifier that is neither built in nor registered.
pub(crate) fn unknown<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
    let class = Registry::builtin().class_names().find(|class| is_class(name, class));
    if let Some(class) = class {
        let help = format!("{class} is a layer; as an activation it is `{class}::default()`");
        return Error::unknown("activation", name, known).with_help(help);
    }
    let help = "`ceratops activations` lists those that are here; a function of your own is given in \
                Rust, as an `Activation`";
    advise(Error::unknown("activation", name, known), help)
}

/// Whether `name` means the layer `class`, however it is spelled.
fn is_class(name: &str, class: &str) -> bool {
    name == class || name == class.to_lowercase()
}

impl Default for AnyActivation {
    fn default() -> Self {
        Self::from("linear")
    }
}

impl From<&str> for AnyActivation {
    fn from(identifier: &str) -> Self {
        Activation::get(identifier)
            .map_or_else(|_| Self::Unresolved(identifier.into()), Self::Function)
    }
}

impl From<String> for AnyActivation {
    fn from(identifier: String) -> Self {
        Self::from(identifier.as_str())
    }
}

/// For any other layer there is [`AnyActivation::layer`].
macro_rules! from_layers {
    ($($Layer:ty),+) => {$(
        impl From<$Layer> for AnyActivation {
            fn from(layer: $Layer) -> Self {
                Self::layer(layer)
            }
        }
    )+};
}

from_layers!(ELU, LeakyReLU, PReLU, ReLU, Softmax, ThresholdedReLU);

impl From<Activation> for AnyActivation {
    fn from(function: Activation) -> Self {
        Self::Function(function)
    }
}

impl Serialize for AnyActivation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Function(function) if !function.is_custom() && !function.name().contains('>') => {
                function.name().serialize(serializer)
            }
            // Keras' form for a function of the user's own.
            Self::Function(function) => json!({
                "module": "builtins", "class_name": "function",
                "config": function.name(), "registered_name": "function",
            })
            .serialize(serializer),
            Self::Layer(layer) => {
                let name = entry::snake_case(layer.class_name());
                entry::write(&**layer, &name, true)
                    .map_err(serde::ser::Error::custom)?
                    .serialize(serializer)
            }
            Self::Unresolved(identifier) => identifier.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for AnyActivation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Self::default(),
            Value::String(identifier) => Self::from(identifier.as_str()),
            entry => match (entry::class_name(&entry), &entry["config"]) {
                (Some("function"), Value::String(name)) => Self::from(name.as_str()),
                _ => Self::Unresolved(entry),
            },
        })
    }
}
