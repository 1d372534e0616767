//! Which weight of a layer in a legacy file is which of the layer's.
//!
//! Keras lists what learns first, then the rest, over a whole nested model. So the order tells what was
//! frozen when the file was written, which need not be what is frozen in the model now; the names
//! tell the layers.

use std::collections::HashMap;

use ceratops_core::{Error, Result, Tensor};
use ceratops_layers::Node;

use super::listed;
use crate::named::{Leaf, Names, leaves, numbered, plain};

/// What learns first, then the rest: Keras' `trainable_weights + non_trainable_weights`.
pub(crate) fn legacy_order<P>(params: Vec<P>, learns: impl Fn(&P) -> bool) -> Vec<P> {
    let (mut first, rest): (Vec<P>, Vec<P>) = params.into_iter().partition(learns);
    first.extend(rest);
    first
}

/// For each weight of the layer the place in the file's list, which has as many.
pub(super) fn of(node: &Node, weights: &[(String, Tensor)]) -> Result<Vec<usize>> {
    let params = node.params();
    let order = legacy_order((0..params.len()).collect(), |&index| params[index].learns());
    let mut places = vec![0; params.len()];
    for (place, index) in order.into_iter().enumerate() {
        places[index] = place;
    }
    let Some(model) = node.as_model() else { return Ok(places) };
    let leaves = leaves(model);
    if let Some(named) = by_name(&leaves, weights) {
        return Ok(named);
    }
    check(node, &leaves, weights, &places)?;
    Ok(places)
}

/// The places, if the names tell all of them.
fn by_name(leaves: &[Leaf<'_>], weights: &[(String, Tensor)]) -> Option<Vec<usize>> {
    let found = Names::of(leaves).find_all(weights).ok()?;
    found.places.into_iter().collect()
}

/// Refuses an order that the names contradict, or cannot confirm where two layers could trade
/// their weights.
fn check(
    node: &Node,
    leaves: &[Leaf<'_>],
    weights: &[(String, Tensor)],
    places: &[usize],
) -> Result<()> {
    let mut layers: Vec<Layer<'_>> = Vec::new();
    let mut is_one_layer = true;
    for (leaf, &place) in leaves.iter().zip(places) {
        let name = layer_of(&weights[place].0);
        let shape = leaf.param.value().shape();
        match layers.last_mut().filter(|layer| layer.number == leaf.layer) {
            Some(layer) => {
                is_one_layer &= layer.name == name;
                layer.shapes.push(shape);
            }
            None => layers.push(Layer { number: leaf.layer, name, shapes: vec![shape] }),
        }
    }
    if layers.len() < 2 || (is_one_layer && in_order(&layers)) {
        return Ok(());
    }
    Err(Error::Data(format!(
        "which weights of \"{}\" belong to which of its layers ({}) cannot be told: the file lists \
         those that were frozen last, under other names ({}); give the layers the names that they \
         have in the file",
        node.name(),
        listed(leaves.iter().filter(|leaf| leaf.index == 0).map(|leaf| leaf.path.as_str())),
        listed(weights.iter().map(|(name, _)| name.as_str())),
    )))
}

/// A layer of a nested model, with the name that the file would give it.
struct Layer<'a> {
    number: usize,
    name: String,
    shapes: Vec<&'a [usize]>,
}

/// Whether `dense_5` comes before `dense_6`, and layers that could trade their weights are numbered.
fn in_order(layers: &[Layer<'_>]) -> bool {
    let mut before: HashMap<&[&[usize]], (&str, u64)> = HashMap::new();
    layers.iter().all(|layer| {
        let (stem, number) = numbered(&layer.name);
        let other = before.insert(&layer.shapes, (stem, number));
        other.is_none_or(|other| other.0 == stem && other.1 < number)
    })
}

/// The layer's part of a weight's name: `dense_1` of `dense_1/kernel:0` and of `dense_1_W`.
fn layer_of(name: &str) -> String {
    let name = plain(name);
    let split = name.rsplit_once('/').or_else(|| name.rsplit_once('_'));
    split.map_or(name.as_str(), |(layer, _)| layer).to_owned()
}
