//! The names of a model's layers: each has one of its own.

use std::collections::HashSet;

use ceratops_core::{Error, Result};

use super::Sequential;
use crate::Node;

/// Why a layer cannot have that name.
pub(super) fn refused(name: &str) -> Error {
    Error::argument("name", "a name that is not empty and has no `/`", format!("{name:?}"))
}

impl Sequential {
    pub(super) fn check_name(&self, name: &str, node: &Node) -> Result<()> {
        if name.is_empty() {
            return Err(refused(name));
        }
        match self.input.iter().chain(&self.nodes).find(|other| other.name() == name) {
            None => Ok(()),
            Some(other) => Err(Error::Model(format!(
                "the model has a layer \"{name}\" ({}) already; give the new {} another name with \
                 .named(...)",
                other.class_name(),
                node.class_name()
            ))),
        }
    }

    /// `base`, or with the first number that is free here and not `taken`: `base_1`.
    pub(super) fn free_name(&self, base: &str, taken: &[String]) -> String {
        let own = self.all_names();
        let taken: HashSet<&String> = own.iter().chain(taken).collect();
        let numbered = (1..).map(|n| format!("{base}_{n}"));
        let mut names = std::iter::once(base.to_owned()).chain(numbered);
        names.find(|name| !taken.contains(name)).unwrap_or_default()
    }

    /// The names of the layers, those in nested models included.
    pub(super) fn all_names(&self) -> Vec<String> {
        let nested = |node: &Node| node.downcast_ref::<Self>().map(Self::all_names);
        self.input
            .iter()
            .chain(&self.nodes)
            .flat_map(|node| nested(node).into_iter().flatten().chain([node.name().to_owned()]))
            .collect()
    }
}
