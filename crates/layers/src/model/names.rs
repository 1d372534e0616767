//! The names of a model's layers: each has one of its own.

use std::collections::{HashMap, HashSet};

use ceratops_core::{Error, Result};

use super::Model;
use crate::Node;

/// The names that are taken, so that adding a layer need not look at all others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    /// Those of the layers.
    own: HashSet<String>,
    /// Those of the layers in nested models.
    nested: HashSet<String>,
    /// For each base the smallest number that may be free: those below it are taken.
    free_from: HashMap<String, usize>,
}

impl Names {
    fn of(model: &Model) -> Self {
        let mut names = Self::default();
        model.inputs.iter().chain(&model.layers).for_each(|node| names.insert(node));
        names
    }

    /// Takes note of a layer that was added.
    pub(crate) fn insert(&mut self, node: &Node) {
        if let Some(model) = node.as_model() {
            self.nested.extend(model.all_names());
        }
        self.take(node.name().to_owned());
    }

    /// Takes note of a name.
    pub(crate) fn take(&mut self, name: String) {
        self.own.insert(name);
    }

    fn has(&self, name: &str) -> bool {
        self.own.contains(name) || self.nested.contains(name)
    }

    /// `base`, or with the first number that is free here and not `taken`: `base_1`.
    pub(crate) fn free(&mut self, base: &str, taken: &[String]) -> String {
        let numbered = |number: usize| match number {
            0 => base.to_owned(),
            number => format!("{base}_{number}"),
        };
        let mut from = self.free_from.get(base).copied().unwrap_or(0);
        while self.has(&numbered(from)) {
            from += 1;
        }
        self.free_from.insert(base.to_owned(), from);
        let taken: HashSet<&String> = taken.iter().collect();
        let mut names = (from..).map(numbered);
        names.find(|name| !self.has(name) && !taken.contains(name)).unwrap_or_default()
    }
}

/// Why a layer cannot have that name.
pub(crate) fn refused(name: &str) -> Error {
    Error::argument("name", "a name that is not empty and has no `/`", format!("{name:?}"))
}

impl Model {
    pub(crate) fn check_name(&mut self, name: &str, node: &Node) -> Result<()> {
        if name.is_empty() {
            return Err(refused(name));
        }
        if !self.names().own.contains(name) {
            return Ok(());
        }
        let other = self.inputs.iter().chain(&self.layers).find(|other| other.name() == name);
        let other = other.map_or("Layer", Node::class_name);
        Err(Error::Model(format!(
            "the model has a layer \"{name}\" ({other}) already; give the new {} another name with \
             .named(...)",
            node.class_name()
        )))
    }

    /// The names that are taken, gathered anew if layers may have changed theirs.
    pub(crate) fn names(&mut self) -> &mut Names {
        let names = self.names.take().unwrap_or_else(|| Names::of(self));
        self.names.insert(names)
    }

    /// The names of the layers, those in nested models included.
    pub(crate) fn all_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.collect_names(&mut names);
        names
    }

    fn collect_names(&self, names: &mut Vec<String>) {
        for node in self.inputs.iter().chain(&self.layers) {
            if let Some(model) = node.as_model() {
                model.collect_names(names);
            }
            names.push(node.name().to_owned());
        }
    }
}
