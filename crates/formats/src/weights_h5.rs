//! `.weights.h5`, and the weights within a `.keras` archive: `/layers/<class>_<n>/vars/<i>`.
//!
//! Read is what Keras 2.12 and later, tf_keras and Keras 3 write; written is what Keras 3 writes.
//! Layers are told apart by class and place, not by name. Source: Keras, `saving_lib.py`.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use ceratops_core::{Error, Result, Tensor};
use ceratops_layers::{Node, Sequential, snake_case};

use crate::{
    By,
    hdf5::{Attribute, Group, Member},
    layer_weights::{self, LayerWeights, check_built, listed},
    parts::parts,
    training::{self, OptimizerWeights, Training},
};

/// Gives `model` the weights in `root`, all or none.
pub(crate) fn assign(model: &mut Sequential, root: &Group, by: By) -> Result<()> {
    if by == By::Name {
        let message = "this file tells layers apart by class and place; only the weights of legacy \
                       .h5 files, .safetensors and .npz can be loaded by name";
        return Err(Error::Data(message.into()));
    }
    check_built(model)?;
    let slashed = with_slashes(root);
    let mut weights = Vec::new();
    gather(model, slashed.as_ref().unwrap_or(root), "", &mut weights)?;
    model.set_weights(&weights)
}

/// Keras on Windows once put a backslash into the names of groups, where it meant a path.
fn with_slashes(root: &Group) -> Option<Group> {
    root.members.iter().any(|(name, _)| name.contains('\\')).then(|| {
        let mut slashed = Group::default();
        for (path, tensor) in root.tensors() {
            slashed.insert(&path.replace('\\', "/"), Member::Tensor(tensor));
        }
        slashed
    })
}

/// The key of each layer in its model's group: its class, and a number from the second on.
fn keys(model: &Sequential) -> impl Iterator<Item = (String, &Node)> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    model.layers().iter().map(move |node| {
        let class = node.class_name();
        let before = seen.entry(class).or_default();
        let key = snake_case(class);
        let key = if *before == 0 { key } else { format!("{key}_{before}") };
        *before += 1;
        (key, node)
    })
}

/// Collects the weights of `model` from its group, in the order of the model; `path` leads there.
fn gather(model: &Sequential, group: &Group, path: &str, found: &mut Vec<Tensor>) -> Result<()> {
    let empty = Group::default();
    // The second name is that of Keras 2.12 and 2.13.
    let names = ["layers", "_layer_checkpoint_dependencies"];
    let groups = names.iter().find_map(|&name| Some((name, group.group(name)?)));
    let (name, layers) = groups.unwrap_or(("layers", &empty));
    let path = format!("{path}/{name}");
    let groups: HashMap<&str, &Group> = layers.groups().collect();
    for (key, node) in keys(model) {
        let path = format!("{path}/{key}");
        let group = groups.get(key.as_str()).copied();
        match (node.downcast_ref::<Sequential>(), group) {
            (Some(nested), Some(group)) => gather(nested, group, &path, found)?,
            (_, None) if node.params().is_empty() => {}
            (_, None) => return Err(missing(node, &path, layers)),
            (None, Some(group)) => {
                let mut weights = Vec::new();
                variables(group, &path, &mut weights);
                let layer = LayerWeights { layer: path, weights };
                layer_weights::check(node, &node.params(), &layer)?;
                found.extend(layer.weights.into_iter().map(|(_, value)| value));
            }
        }
    }
    refuse_surplus(model, layers, &path)
}

fn missing(node: &Node, path: &str, layers: &Group) -> Error {
    Error::Data(format!(
        "layer \"{}\" ({}) has {} weights ({}), but the file has no {path}; it has: {}",
        node.name(),
        node.class_name(),
        node.params().len(),
        listed(node.params().iter().map(|param| param.name())),
        listed(layers.members.iter().map(|(name, _)| name.as_str())),
    ))
}

/// Refuses weights for which there is no layer.
fn refuse_surplus(model: &Sequential, layers: &Group, path: &str) -> Result<()> {
    let known: Vec<String> = keys(model).map(|(key, _)| key).collect();
    let all: HashSet<&str> = known.iter().map(String::as_str).collect();
    let surplus = layers.members.iter().find(|(name, member)| match member {
        Member::Group(group) => !all.contains(name.as_str()) && !group.tensors().is_empty(),
        _ => false,
    });
    match surplus {
        None => Ok(()),
        Some((name, _)) => Err(Error::Data(format!(
            "the file has weights at {path}/{name}, for which the model has no layer; its layers: \
             {}",
            listed(known.iter().map(String::as_str)),
        ))),
    }
}

/// The weights in a layer's group: its own by number, then those of the objects it holds.
fn variables(group: &Group, path: &str, found: &mut Vec<(String, Tensor)>) {
    if let Some(own) = group.group("vars") {
        let own = numbered(own).into_iter();
        found.extend(own.filter_map(|(name, member)| {
            Some((format!("{path}/vars/{name}"), member.to_tensor()?))
        }));
    }
    for (name, member) in &group.members {
        if let (Member::Group(held), true) = (member, name != "vars") {
            variables(held, &format!("{path}/{name}"), found);
        }
    }
}

/// Members named by numbers, in the order of these: HDF5 has "10" before "2".
fn numbered(group: &Group) -> Vec<(&str, &Member)> {
    let mut members: Vec<_> =
        group.members.iter().map(|(n, member)| (n.as_str(), member)).collect();
    members.sort_by_key(|(name, _)| name.parse::<u64>().unwrap_or(u64::MAX));
    members
}

/// What the optimizer remembers, if the file holds it: how many updates there were, the learning
/// rate (Keras 3), then its tensors, which have only numbers for names here.
pub(crate) fn optimizer(root: &Group) -> Result<Option<OptimizerWeights>> {
    let Some(group) = root.group("optimizer/vars") else { return Ok(None) };
    let named = numbered(group).into_iter().map(|(name, member)| (name.to_owned(), member));
    training::optimizer_weights(named)
}

/// The tree of a model's weights, and of what its optimizer remembers.
pub(crate) fn tree(model: &Sequential, training: Option<&Training>) -> Result<Group> {
    let mut root = of_model(model, &model.name());
    if let Some(optimizer) = training.and_then(|training| training.optimizer.as_ref()) {
        let (name, rate) = training::optimizer_name_and_rate(training);
        let mut members = vec![Member::integer(optimizer.iterations)];
        let rate = optimizer.learning_rate.or(rate).map(Tensor::scalar);
        let slots = optimizer.slots.iter().map(|(_, slot)| slot.clone());
        members.extend(rate.into_iter().chain(slots).map(Member::Tensor));
        root.insert("optimizer/vars", vars(&name, members));
    }
    Ok(root)
}

fn of_model(model: &Sequential, name: &str) -> Group {
    let mut group = Group::default();
    for (key, node) in keys(model) {
        let of_layer = match node.downcast_ref::<Sequential>() {
            Some(nested) => of_model(nested, node.name()),
            None => of_layer(node),
        };
        group.insert(&format!("layers/{key}"), Member::Group(of_layer));
    }
    group.insert("vars", vars(name, Vec::new()));
    group
}

fn of_layer(node: &Node) -> Group {
    let mut group = Group::default();
    for part in parts(node) {
        let path =
            if part.attribute.is_empty() { "vars" } else { &*format!("{}/vars", part.attribute) };
        let members = part.params.into_iter().map(Member::of).collect();
        group.insert(path, vars(&part.name, members));
    }
    group
}

/// The group of an object's variables, by number.
fn vars(name: &str, members: Vec<Member>) -> Member {
    let members = members.into_iter().enumerate();
    Member::Group(Group {
        attributes: vec![("name".into(), Attribute::Text(name.into()))],
        members: members.map(|(number, member)| (number.to_string(), member)).collect(),
    })
}
