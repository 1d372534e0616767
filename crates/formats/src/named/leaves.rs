//! The weights of a model, nested models opened, with the names that lead to them.

use std::{collections::HashMap, fmt};

use ceratops_core::Param;
use ceratops_layers::{Model, Node};

/// A weight in its layer.
#[derive(Debug)]
pub(crate) struct Leaf<'a> {
    /// The layer's name behind those of the models it is in: `encoder/dense`.
    pub(crate) path: String,
    /// The layer's place among those that have weights.
    pub(crate) layer: usize,
    pub(crate) class_name: &'static str,
    /// The weight's place in the layer.
    pub(crate) index: usize,
    pub(crate) param: &'a Param,
}

impl fmt::Display for Leaf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, class_name, param, .. } = self;
        write!(f, "weight \"{}\" of layer \"{path}\" ({class_name})", param.name())
    }
}

/// The weights in the order of `model.params()`.
pub(crate) fn of(model: &Model) -> Vec<Leaf<'_>> {
    let mut leaves = Vec::new();
    collect(model.layers(), "", &mut leaves);
    leaves
}

fn collect<'a>(nodes: &'a [Node], outer: &str, to: &mut Vec<Leaf<'a>>) {
    for node in nodes {
        let path = format!("{outer}{}", node.name());
        if let Some(model) = node.as_model().or_else(|| held(node)) {
            collect(model.layers(), &format!("{path}/"), to);
            continue;
        }
        let layer = to.last().map_or(0, |leaf| leaf.layer + 1);
        let class_name = node.class_name();
        let leaf = |(index, param)| Leaf { path: path.clone(), layer, class_name, index, param };
        to.extend(node.params().into_iter().enumerate().map(leaf));
    }
}

/// The model that a layer holds, as TimeDistributed may; all of its weights are those of the model.
fn held(node: &Node) -> Option<&Model> {
    let (_, held) = node.held().into_iter().next()?;
    held.as_model().filter(|_| held.params().len() == node.params().len())
}

/// The full name of each weight: the shortest that no other has.
pub(crate) fn names(leaves: &[Leaf<'_>]) -> Vec<String> {
    let short = |leaf: &Leaf<'_>| {
        let layer = leaf.path.rsplit('/').next().unwrap_or_default();
        format!("{layer}/{}", leaf.param.name())
    };
    let long = |leaf: &Leaf<'_>| format!("{}/{}", leaf.path, leaf.param.name());
    let (shorts, longs) = (count(leaves, short), count(leaves, long));
    let name = |leaf: &Leaf<'_>| match (short(leaf), long(leaf)) {
        (short, _) if shorts[&short] == 1 => short,
        (_, long) if longs[&long] == 1 => long,
        // An activation with weights may name one as the layer that holds it does.
        _ => format!("{}/{}", leaf.path, leaf.index),
    };
    leaves.iter().map(name).collect()
}

fn count(leaves: &[Leaf<'_>], name: impl Fn(&Leaf<'_>) -> String) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for leaf in leaves {
        *counts.entry(name(leaf)).or_default() += 1;
    }
    counts
}
