//! The classes of operations, as Keras 3 spells them.

use std::sync::Arc;

use ceratops_core::{Error, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    binary, choose, compute::Compute, join, moving, products, reduce, reshaping, rows, unary,
};

/// A class of operations.
#[derive(Debug)]
pub(super) struct Class {
    pub(super) name: &'static str,
    /// Where Keras has it, in `keras.src.ops`.
    pub(super) module: &'static str,
    /// How many of its arguments are operands, if others follow that are none.
    pub(super) operands: Option<usize>,
    pub(super) make: fn(Value) -> Result<Arc<dyn Compute>>,
}

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Class> {
    let families: [&'static [Class]; 9] = [
        unary::CLASSES,
        binary::CLASSES,
        choose::CLASSES,
        join::CLASSES,
        moving::CLASSES,
        products::CLASSES,
        reduce::CLASSES,
        reshaping::CLASSES,
        rows::CLASSES,
    ];
    families.into_iter().flatten()
}

impl Class {
    pub(super) fn get(name: &str) -> Option<&'static Self> {
        all().find(|class| class.name == name)
    }

    /// One whose settings are those of `C`.
    pub(super) const fn of<C: Compute + DeserializeOwned + 'static>(
        name: &'static str,
        module: &'static str,
    ) -> Self {
        Self { name, module, operands: None, make: |settings| Ok(Arc::new(read::<C>(settings)?)) }
    }

    /// The same, of whose arguments only the first is an operand.
    pub(super) const fn of_one(self) -> Self {
        Self { operands: Some(1), ..self }
    }
}

/// The settings as a value of `C`.
pub(super) fn read<C: DeserializeOwned>(settings: Value) -> Result<C> {
    serde_path_to_error::deserialize(settings).map_err(|e| {
        let path = e.path().to_string();
        Error::config(if path == "." { String::new() } else { path }, e.into_inner())
    })
}
