//! The layers of a model in a row, those of nested models in place of these.

use std::fmt;

use ceratops::layers::{Model, Node};

/// A layer that holds no other, in its place.
#[derive(Debug)]
pub(crate) struct Leaf<'a> {
    /// Its place: `3`, or `3.0` for the first layer of a model in that place.
    pub(crate) place: String,
    /// Its name, with those of the models that it is in: `block/dense`.
    pub(crate) name: String,
    pub(crate) node: &'a Node,
}

impl fmt::Display for Leaf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "layer {} ({}, {})", self.place, self.name, self.node.class_name())
    }
}

/// The layers of `model`.
pub(crate) fn leaves(model: &Model) -> Vec<Leaf<'_>> {
    model.layers().iter().enumerate().flat_map(|(index, node)| within(index, node)).collect()
}

/// The layers in the place `index`: one, or those of a nested model.
fn within(index: usize, node: &Node) -> Vec<Leaf<'_>> {
    let Some(nested) = node.as_model() else {
        return vec![Leaf { place: index.to_string(), name: node.name().to_owned(), node }];
    };
    let mut found = leaves(nested);
    for leaf in &mut found {
        leaf.place = format!("{index}.{}", leaf.place);
        leaf.name = format!("{}/{}", node.name(), leaf.name);
    }
    found
}
