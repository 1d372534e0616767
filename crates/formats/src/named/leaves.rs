//! The weights of a model, nested models opened, with the names that lead to them.

use std::{collections::HashMap, fmt};

use ceratops_core::{Param, Part};
use ceratops_layers::{Model, Node};

/// A weight in its layer.
#[derive(Debug)]
pub(crate) struct Leaf<'a> {
    /// The layer's name behind those of the models it is in: `encoder/dense`.
    pub(crate) path: String,
    /// The layer's place among those that have weights.
    pub(crate) layer: usize,
    pub(crate) class_name: &'static str,
    /// What the layer calls the object that keeps the weight: `forward_lstm`; empty where it is the layer itself,
    /// or the only cell of a recurrent one.
    pub(crate) part: String,
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
        let parts = node.layer().parts();
        let leaf = |(index, param): (usize, &'a Param)| {
            let keeps = |part: &&Part<'_>| part.params.iter().any(|own| std::ptr::eq(*own, param));
            let place = parts.iter().position(|part| keeps(&part));
            let part = place.map_or_else(String::new, |place| part_name(&parts, place));
            Leaf { path: path.clone(), layer, class_name, part, index, param }
        };
        to.extend(node.params().into_iter().enumerate().map(leaf));
    }
}

/// The name of a part as TensorFlow.js has it: without that of an only cell, cells of a stack by their places.
fn part_name(parts: &[Part<'_>], place: usize) -> String {
    let part = &parts[place];
    let mut names: Vec<&str> = part.name.split('/').collect();
    let attributes: Vec<&str> = part.attribute.split('/').collect();
    let place = match attributes.as_slice() {
        [stack @ .., _] if stack.last() == Some(&"cells") => {
            names.truncate(names.len().saturating_sub(2));
            let stack = stack.join("/");
            let before = parts[..place].iter().filter(|part| part.attribute.starts_with(&stack));
            Some(format!("RNNCell_{}", before.count()))
        }
        [.., "cell"] => {
            names.pop();
            None
        }
        _ => None,
    };
    names.into_iter().chain(place.as_deref()).collect::<Vec<_>>().join("/")
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
    let fulls = count(leaves, |leaf| leaf.full_name());
    let name = |leaf: &Leaf<'_>| match (short(leaf), long(leaf), leaf.full_name()) {
        (short, ..) if shorts[&short] == 1 => short,
        (_, long, _) if longs[&long] == 1 => long,
        (.., full) if fulls[&full] == 1 => full,
        // An activation with weights may name one as the layer that holds it does.
        _ => format!("{}/{}", leaf.path, leaf.index),
    };
    leaves.iter().map(name).collect()
}

impl Leaf<'_> {
    /// The layer, what of it keeps the weight, and the weight: `bidirectional/forward_lstm/kernel`.
    pub(crate) fn full_name(&self) -> String {
        let Self { path, part, param, .. } = self;
        match part.as_str() {
            "" => format!("{path}/{}", param.name()),
            part => format!("{path}/{part}/{}", param.name()),
        }
    }
}

fn count(leaves: &[Leaf<'_>], name: impl Fn(&Leaf<'_>) -> String) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for leaf in leaves {
        *counts.entry(name(leaf)).or_default() += 1;
    }
    counts
}
