//! `.weights.h5`, and the weights within a `.keras` archive: `/layers/<class>_<n>/vars/<i>`.
//!
//! Read is what Keras 2.12 and later, tf_keras and Keras 3 write; written is what Keras 3 writes.
//! Layers are told apart by class and place, not by name. Source: Keras, `saving_lib.py`.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use ceratops_core::{Error, Param, Part, Result, Tensor};
use ceratops_layers::{Model, Node};
use serde_json::Value;

use crate::{
    By, Change, Note,
    hdf5::{Attribute, Group, Member},
    layer_weights::{self, LayerWeights, check_built, listed},
    named::numbered as numbered_name,
    training::{self, OptimizerWeights, Training},
};

/// Gives `model` the weights in `root`, all or none.
pub(crate) fn assign(model: &mut Model, root: &Group, by: By) -> Result<Vec<Note>> {
    if by != By::Position {
        let message = "this file tells layers apart by class and place; only the weights of legacy \
                       .h5 files, .safetensors and .npz can be loaded by name";
        return Err(Error::Data(message.into()));
    }
    check_built(model)?;
    let slashed = with_slashes(root);
    let mut found = Found::default();
    found.gather(model, slashed.as_ref().unwrap_or(root), "")?;
    model.set_weights(&found.weights)?;
    Ok(found.notes)
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

/// The key of each layer in this file. Nested models may have another class in it than here; where
/// that is so, their order tells them if all have one class there.
fn keys_in<'a>(model: &'a Model, layers: &Group) -> Vec<(String, &'a Node)> {
    let mut keys: Vec<_> = model.keyed().collect();
    let is_model = |node: &Node| node.as_model().is_some();
    let lacks = |(key, node): &(String, &Node)| is_model(node) && layers.group(key).is_none();
    if !keys.iter().any(lacks) {
        return keys;
    }
    let is_nested = |(name, member): &&(String, Member)| {
        matches!(member, Member::Group(group) if group.group("layers").is_some())
            && !keys.iter().any(|(key, node)| key == name && !is_model(node))
    };
    let mut there: Vec<(&str, u64)> =
        layers.members.iter().filter(is_nested).map(|(name, _)| numbered_name(name)).collect();
    there.sort_unstable();
    let one_class = there.windows(2).all(|pair| pair[0].0 == pair[1].0);
    let nested = keys.iter_mut().filter(|(_, node)| is_model(node));
    if one_class && there.len() == nested.count() {
        let nested = keys.iter_mut().filter(|(_, node)| is_model(node));
        for ((key, _), (class, number)) in nested.zip(there) {
            *key = if number == 0 { class.to_owned() } else { format!("{class}_{number}") };
        }
    }
    keys
}

/// What was found for a model, in its order.
#[derive(Debug, Default)]
struct Found {
    weights: Vec<Tensor>,
    notes: Vec<Note>,
    /// The layers in whose place an activation stands, with the weights of these.
    held: Vec<Held>,
}

/// The weights of an activation that a layer holds.
#[derive(Debug)]
struct Held {
    holder: String,
    config: Option<Value>,
    weights: Vec<Tensor>,
}

impl Found {
    /// Collects the weights of `model` from its group; `path` leads there.
    fn gather(&mut self, model: &Model, group: &Group, path: &str) -> Result<()> {
        let empty = Group::default();
        // The second name is that of Keras 2.12 and 2.13.
        let names = ["layers", "_layer_checkpoint_dependencies"];
        let groups = names.iter().find_map(|&name| Some((name, group.group(name)?)));
        let (name, layers) = groups.unwrap_or(("layers", &empty));
        let path = format!("{path}/{name}");
        let keys = keys_in(model, layers);
        let groups: HashMap<&str, &Group> = layers.groups().collect();
        for (key, node) in &keys {
            let path = format!("{path}/{key}");
            match (node.as_model(), groups.get(key.as_str()).copied()) {
                (Some(nested), Some(group)) => self.gather(nested, group, &path)?,
                (_, None) if node.params().is_empty() => {}
                (_, None) => return Err(missing(node, &path, layers)),
                (None, Some(group)) => self.layer(node, group, path)?,
            }
        }
        refuse_surplus(&keys, layers, &path)
    }

    /// Collects the weights of a layer that is no model.
    fn layer(&mut self, node: &Node, group: &Group, path: String) -> Result<()> {
        let parts = node.layer().parts();
        let weights = match of_parts(&parts, group, &path) {
            Some(found) => once_each(&parts, found),
            None => {
                let mut weights = Vec::new();
                variables(group, &path, &mut weights);
                refuse_any_order(node, &parts, &weights, &path)?;
                weights
            }
        };
        let mut layer = LayerWeights { layer: path, weights };
        if let Some(activation) = parts.iter().find(|part| part.attribute == "activation") {
            self.shared(node, activation, &mut layer)?;
        }
        layer_weights::check(node, &node.params(), &layer)?;
        self.weights.extend(layer.weights.into_iter().map(|(_, value)| value));
        Ok(())
    }

    /// The weights of an activation that two layers share stand in the file once, with the first.
    fn shared(
        &mut self,
        node: &Node,
        activation: &Part<'_>,
        layer: &mut LayerWeights,
    ) -> Result<()> {
        let (count, own) = (activation.params.len(), node.params().len());
        let config = node.layer().config()?.get_mut("activation").map(Value::take);
        if count == 0 || layer.weights.len() == own {
            let first = own.saturating_sub(count).min(layer.weights.len());
            let weights = layer.weights[first..].iter().map(|(_, value)| value.clone()).collect();
            self.held.push(Held { holder: node.name().to_owned(), config, weights });
            return Ok(());
        }
        if layer.weights.len() + count != own {
            return Ok(());
        }
        let shapes = |held: &&Held| {
            let theirs = held.weights.iter().map(Tensor::shape);
            held.config == config
                && theirs.eq(activation.params.iter().map(|param| param.value().shape()))
        };
        let mut like = self.held.iter().filter(shapes);
        let (Some(held), None) = (like.next(), like.next()) else { return Ok(()) };
        let named = held.weights.iter().zip(&activation.params);
        let named = named.map(|(value, param)| (param.name().to_owned(), value.clone()));
        layer.weights.extend(named);
        let class_name = config.as_ref().and_then(|config| config["class_name"].as_str());
        let class_name = class_name.unwrap_or(&activation.name);
        self.notes.push(Note {
            path: format!("layer \"{}\"", node.name()),
            change: Change::Missing,
            text: format!(
                "the weights of its {}, which it shares with \"{}\": it has a copy of them, and they \
                 learn apart",
                class_name,
                held.holder
            ),
        });
        Ok(())
    }
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
fn refuse_surplus(keys: &[(String, &Node)], layers: &Group, path: &str) -> Result<()> {
    let known: HashSet<&str> = keys.iter().map(|(key, _)| key.as_str()).collect();
    let surplus = layers.members.iter().find(|(name, member)| match member {
        Member::Group(group) => !known.contains(name.as_str()) && !group.tensors().is_empty(),
        _ => false,
    });
    match surplus {
        None => Ok(()),
        Some((name, _)) => Err(Error::Data(format!(
            "the file has weights at {path}/{name}, for which the model has no layer; its layers: \
             {}",
            listed(keys.iter().map(|(key, _)| key.as_str())),
        ))),
    }
}

/// The weights in a layer's group by the paths of its parts, if each of these has its own there, and
/// nothing is left.
fn of_parts(parts: &[Part<'_>], group: &Group, path: &str) -> Option<Vec<(String, Tensor)>> {
    let mut found = Vec::new();
    for part in parts.iter().filter(|part| !part.params.is_empty()) {
        let mut own = group;
        for name in part.attribute.split('/').filter(|name| !name.is_empty()) {
            // The second name is that of Keras 2.12 and 2.13, the third that of MultiHeadAttention in Keras 2.
            let older = (name == "layers").then_some("_layer_checkpoint_dependencies");
            let private = format!("_{name}");
            let found = own.group(name).or_else(|| own.group(older?));
            own = found.or_else(|| own.group(&private))?;
        }
        let own = numbered(own.group("vars")?);
        if own.len() != part.params.len() {
            return None;
        }
        let path = if part.attribute.is_empty() {
            path.to_owned()
        } else {
            format!("{path}/{}", part.attribute)
        };
        for (name, member) in own {
            found.push((format!("{path}/vars/{name}"), member.to_tensor()?));
        }
    }
    (found.len() == group.tensors().len()).then_some(found)
}

/// Refuses weights of several objects within a layer under names that say nothing of which is whose.
fn refuse_any_order(
    node: &Node,
    parts: &[Part<'_>],
    found: &[(String, Tensor)],
    path: &str,
) -> Result<()> {
    let held = parts.iter().filter(|part| !part.attribute.is_empty() && !part.params.is_empty());
    let expected: Vec<&str> = held.map(|part| part.attribute.as_str()).collect();
    if expected.len() < 2 {
        return Ok(());
    }
    Err(Error::Data(format!(
        "layer \"{}\" ({}) has its weights in {}, but the file has at {path}: {}",
        node.name(),
        node.class_name(),
        listed(expected.into_iter()),
        listed(found.iter().map(|(name, _)| name.strip_prefix(path).unwrap_or(name))),
    )))
}

/// The weights `found` for these parts without those that an earlier part has too.
fn once_each(parts: &[Part<'_>], found: Vec<(String, Tensor)>) -> Vec<(String, Tensor)> {
    let params: Vec<&Param> = parts.iter().flat_map(|part| part.params.iter().copied()).collect();
    let is_first = |(i, _): &(usize, _)| {
        params
            .get(*i)
            .is_none_or(|param| !params[..*i].iter().any(|other| std::ptr::eq(*other, *param)))
    };
    found.into_iter().enumerate().filter(is_first).map(|(_, found)| found).collect()
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
pub(crate) fn tree(model: &Model, training: Option<&Training>) -> Result<Group> {
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

fn of_model(model: &Model, name: &str) -> Group {
    let mut group = Group::default();
    for (key, node) in model.keyed() {
        let of_layer = match node.as_model() {
            Some(inner) => of_model(inner, node.name()),
            None => of_layer(node),
        };
        group.insert(&format!("layers/{key}"), Member::Group(of_layer));
    }
    group.insert("vars", vars(name, Vec::new()));
    group
}

fn of_layer(node: &Node) -> Group {
    let mut group = Group::default();
    for part in node.layer().parts() {
        let (path, name) = match part.attribute.as_str() {
            "" => ("vars".to_owned(), node.name()),
            attribute => (format!("{attribute}/vars"), last(&part.name)),
        };
        let members = part.params.into_iter().map(Member::of).collect();
        group.insert(&path, vars(name, members));
    }
    group
}

/// The last name on a path.
fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The group of an object's variables, by number.
fn vars(name: &str, members: Vec<Member>) -> Member {
    let members = members.into_iter().enumerate();
    Member::Group(Group {
        attributes: vec![("name".into(), Attribute::Text(name.into()))],
        members: members.map(|(number, member)| (number.to_string(), member)).collect(),
    })
}
