//! Where Keras keeps the weights of a layer: its own, and those of the objects that it holds.

use ceratops_core::{AnyLayer, Param};
use ceratops_layers::{Activation, AnyActivation, Conv2D, Dense, Node, snake_case};

/// The weights that one object keeps: the layer itself, or one that it holds.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    /// Under which attribute the layer holds it; empty for the layer itself.
    pub(crate) attribute: &'static str,
    /// The object's name.
    pub(crate) name: String,
    pub(crate) params: Vec<&'a Param>,
}

/// Layers whose weights belong to a cell.
const WITH_CELL: [&str; 3] = ["GRU", "LSTM", "SimpleRNN"];

/// The parts of a layer that is no model. Their weights, one part after another, are those of the
/// layer.
pub(crate) fn parts(node: &Node) -> Vec<Part<'_>> {
    let (mut own, name) = (node.params(), node.name().to_owned());
    let part = |attribute, name, params| Part { attribute, name, params };
    if WITH_CELL.contains(&node.class_name()) {
        let cell = format!("{}_cell", snake_case(node.class_name()));
        return vec![part("", name, Vec::new()), part("cell", cell, own)];
    }
    let Some(held) = activation(node) else { return vec![part("", name, own)] };
    let of_held = own.split_off(own.len().saturating_sub(held.params().len()));
    let held = part("activation", snake_case(held.class_name()), of_held);
    vec![part("", name, own), held]
}

/// The layer that stands in the place of the layer's activation function.
pub(crate) fn activation(node: &Node) -> Option<&dyn AnyLayer> {
    let held = None
        .or_else(|| node.downcast_ref::<Dense>().map(|layer| &layer.activation))
        .or_else(|| node.downcast_ref::<Conv2D>().map(|layer| &layer.activation))
        .or_else(|| node.downcast_ref::<Activation>().map(|layer| &layer.activation))?;
    match held {
        AnyActivation::Layer(layer) => Some(&**layer),
        _ => None,
    }
}
