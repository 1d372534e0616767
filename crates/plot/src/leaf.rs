//! The layers of a model in a row, those of nested models in place of these.

use ceratops_core::{Result, Tensor};
use ceratops_layers::{Node, Sequential};

/// A layer that holds no other.
#[derive(Debug)]
pub(crate) struct Leaf<'a> {
    /// Its name, with those of the models that it is in: `block/dense`.
    pub(crate) name: String,
    pub(crate) node: &'a Node,
}

/// The layers of `model`.
pub(crate) fn leaves(model: &Sequential) -> Vec<Leaf<'_>> {
    let within = |node| match Node::downcast_ref::<Sequential>(node) {
        None => vec![Leaf { name: node.name().to_owned(), node }],
        Some(nested) => {
            let mut found = leaves(nested);
            found.iter_mut().for_each(|leaf| leaf.name = format!("{}/{}", node.name(), leaf.name));
            found
        }
    };
    model.layers().iter().flat_map(within).collect()
}

/// The output of each of these layers for the samples of `x`.
pub(crate) fn outputs(model: &Sequential, x: &Tensor) -> Result<Vec<Tensor>> {
    let (mut found, mut input) = (Vec::new(), x.clone());
    for (node, output) in model.layers().iter().zip(model.layer_outputs(x)?) {
        match node.downcast_ref::<Sequential>() {
            Some(nested) => found.extend(outputs(nested, &input)?),
            None => found.push(output.clone()),
        }
        input = output;
    }
    Ok(found)
}
