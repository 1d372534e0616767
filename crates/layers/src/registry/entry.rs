//! Entry: how the layers of one class are read, and what Keras says of the class.

use ceratops_core::{AnyLayer, MultiLayer, Result};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    Registry,
    config::{check, read},
};
use crate::{AnyActivation, Resolve, layers};

/// Makes a layer of its config.
type Load = fn(Map<String, Value>, &Registry) -> Result<Box<dyn AnyLayer>>;

/// How the layers of one class are read from their config.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub(super) class_name: &'static str,
    pub(super) load: Load,
    pub(super) ignored: &'static [(&'static str, &'static str)],
    pub(super) built_from_start: bool,
    pub(super) keeps_mask: bool,
    pub(super) recorded: &'static [&'static str],
    pub(super) trains_unless_told: bool,
    pub(super) any_dtype: bool,
    pub(super) inputs: &'static [&'static str],
    pub(super) arguments: &'static [&'static str],
}

/// A layer with an `activation` argument, which may name one of the user's own.
pub trait WithActivation {
    /// The argument.
    fn activation_mut(&mut self) -> &mut AnyActivation;
}

impl Entry {
    /// Layers of class `L`: its serde fields are its config.
    pub const fn of<L: MultiLayer + Default + DeserializeOwned>() -> Self {
        Self {
            class_name: L::CLASS_NAME,
            load: |config, _| {
                let layer = read::<L>(config, L::CLASS_NAME)?;
                check(&layer)?;
                Ok(Box::new(layer))
            },
            ignored: &[],
            built_from_start: false,
            keeps_mask: L::KEEPS_MASK,
            recorded: &[],
            trains_unless_told: false,
            any_dtype: false,
            inputs: L::INPUTS,
            arguments: L::ARGUMENTS,
        }
    }

    /// Layers of class `L`, whose activation is looked up in the registry too.
    pub const fn with_activation<L>() -> Self
    where
        L: MultiLayer + Default + DeserializeOwned + WithActivation,
    {
        let load = |config: Map<String, Value>, registry: &Registry| {
            let mut layer = read::<L>(config, L::CLASS_NAME)?;
            layer.activation_mut().resolve(registry).map_err(|e| e.at("activation"))?;
            check(&layer)?;
            Ok(Box::new(layer) as Box<dyn AnyLayer>)
        };
        Self { load, ..Self::of::<L>() }
    }

    /// Layers of class `L` that hold objects which are made by the registry too, such as another layer.
    pub const fn resolving<L>() -> Self
    where
        L: MultiLayer + Default + DeserializeOwned + Resolve,
    {
        let load = |config: Map<String, Value>, registry: &Registry| {
            let mut layer = read::<L>(config, L::CLASS_NAME)?;
            layer.resolve(registry)?;
            check(&layer)?;
            Ok(Box::new(layer) as Box<dyn AnyLayer>)
        };
        Self { load, ..Self::of::<L>() }
    }

    /// Recurrent layers over such cells, whose activations are looked up in the registry too.
    pub(crate) const fn recurrent<C: layers::Cells>() -> Self {
        let load = |config: Map<String, Value>, registry: &Registry| {
            let mut layer = read::<layers::Recurrent<C>>(config, C::LAYER)?;
            for (key, activation) in layer.cell.activations_mut() {
                activation.resolve(registry).map_err(|e| e.at(&key))?;
            }
            check(&layer)?;
            Ok(Box::new(layer) as Box<dyn AnyLayer>)
        };
        Self { load, ..Self::of::<layers::Recurrent<C>>() }.recording(&["training", "mask"])
    }

    /// The same entry, which passes over these keys where they hold the given JSON: settings
    /// that Keras writes but that change nothing at these values.
    #[must_use]
    pub const fn ignoring(self, ignored: &'static [(&'static str, &'static str)]) -> Self {
        Self { ignored, ..self }
    }

    /// The same entry, whose layers count as built before their input is known, as Keras has it
    /// for layers that make nothing.
    #[must_use]
    pub(crate) const fn built_from_start(self) -> Self {
        Self { built_from_start: true, ..self }
    }

    /// The same entry, at whose calls Keras 3 records these arguments though they are not given:
    /// `training` as false, `mask` as null.
    #[must_use]
    pub(crate) const fn recording(self, arguments: &'static [&'static str]) -> Self {
        Self { recorded: arguments, ..self }
    }

    /// The same entry, whose layers look something up: of what type Keras makes the number changes none.
    #[must_use]
    pub(crate) const fn any_dtype(self) -> Self {
        Self { any_dtype: true, ..self }
    }

    /// The same entry, at whose calls Keras 3 records `training` as true though it is not given.
    #[must_use]
    pub(crate) const fn training_unless_told(self) -> Self {
        Self { trains_unless_told: true, ..self }
    }
}
