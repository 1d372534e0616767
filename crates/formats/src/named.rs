//! Weights by their full names, `dense/kernel`, as TensorFlow.js, safetensors and `.npz` have them.

mod find;
mod leaves;
mod order;
mod tree;

use ceratops_core::{Error, Result, Shape, Tensor};
use ceratops_layers::Model;

pub(crate) use self::{
    find::{Names, plain},
    leaves::{Leaf, of as leaves},
    order::numbered,
};
use crate::{By, Note, layer_weights::kept, weights_h5};

/// Every weight of the model under its full name: that of its layer and its own. Only where two
/// would be the same (in nested models) those of the models around come first.
///
/// # Errors
/// Names that a reader could take for the path of another file, or would cut short.
pub(crate) fn weights(model: &Model) -> Result<Vec<(String, Tensor)>> {
    let leaves = leaves(model);
    let names = leaves::names(&leaves).into_iter().zip(&leaves);
    let named = |(name, leaf): (String, &Leaf<'_>)| {
        check_name(&name)?;
        Ok((name, leaf.param.value().clone()))
    };
    names.map(named).collect()
}

/// Refuses a name that is no plain path downwards.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let is_step = |step: &str| !matches!(step, "" | "." | "..");
    if name.split('/').all(is_step) && !name.contains(['\0', '\\']) {
        return Ok(());
    }
    Err(Error::Data(format!(
        "nothing can be stored under the name {name:?}: expected words with `/` between them, none \
         of them empty, `.` or `..`, and no backslash or zero byte; give the layer another name"
    )))
}

/// Gives `model` the tensors, all or none.
///
/// They find their weights by name, in whichever way Keras and TF.js spell it. By position, each
/// weight must be there and nothing else; where the names are others, the tensors' order counts if
/// it can be trusted. By name, the file may have others; see [`By`] for layers that it lacks.
pub(crate) fn assign(model: &mut Model, tensors: &[(String, Tensor)], by: By) -> Result<Vec<Note>> {
    if let Some(root) = tree::of(tensors)? {
        return weights_h5::assign(model, &root, by);
    }
    let leaves = leaves(model);
    let places = match by {
        By::Position => by_position(&leaves, tensors)?,
        By::Name | By::KnownNames => by_name(&leaves, tensors)?,
    };
    let unknown = leaves.iter().zip(&places).filter(|(_, place)| place.is_none());
    let mut unknown: Vec<&str> = unknown.map(|(leaf, _)| leaf.path.as_str()).collect();
    unknown.dedup();
    let notes = kept(unknown.into_iter(), by)?;
    for (leaf, place) in leaves.iter().zip(&places) {
        if let Some((name, value)) = place.map(|place| &tensors[place]) {
            leaf.check(name, value)?;
        }
    }
    drop(leaves);
    for (param, place) in model.params_mut().into_iter().zip(places) {
        if let Some(place) = place {
            param.set_value(tensors[place].1.clone())?;
        }
    }
    Ok(notes)
}

/// For each weight the place of its tensor.
type Places = Vec<Option<usize>>;

fn by_position(leaves: &[Leaf<'_>], tensors: &[(String, Tensor)]) -> Result<Places> {
    let found = Names::of(leaves).find_all(tensors)?;
    if found.surplus.is_empty() && found.places.iter().all(Option::is_some) {
        return Ok(found.places);
    }
    if let Some(places) = order::places(leaves, tensors) {
        return Ok(places);
    }
    let names = leaves::names(leaves);
    let missing = names.iter().zip(&found.places).filter(|(_, place)| place.is_none());
    let missing: Vec<&str> = missing.map(|(name, _)| name.as_str()).collect();
    let surplus: Vec<&str> = found.surplus.iter().map(|&i| tensors[i].0.as_str()).collect();
    Err(Error::Data(format!(
        "the model has {} weights, the file {}; it lacks {}, and has beyond the model's {}; load \
         by name to take only the layers that it names",
        leaves.len(),
        tensors.len(),
        list(&missing),
        list(&surplus),
    )))
}

fn by_name(leaves: &[Leaf<'_>], tensors: &[(String, Tensor)]) -> Result<Places> {
    let places = Names::of(leaves).find_all(tensors)?.places;
    let known = |leaf: &Leaf<'_>| {
        let same = leaves.iter().zip(&places).filter(|(other, _)| other.layer == leaf.layer);
        same.into_iter().any(|(_, place)| place.is_some())
    };
    if places.iter().all(Option::is_none) && !tensors.is_empty() {
        let names = leaves::names(leaves);
        let own: Vec<&str> = names.iter().map(String::as_str).collect();
        let file: Vec<&str> = tensors.iter().map(|(name, _)| name.as_str()).collect();
        return Err(Error::Data(format!(
            "no weight of the model ({}) has a name that the file knows ({})",
            list(&own),
            list(&file)
        )));
    }
    for (leaf, place) in leaves.iter().zip(&places) {
        if place.is_none() && known(leaf) {
            return Err(Error::Data(format!("{leaf} is not in the file, others of the layer are")));
        }
    }
    Ok(places)
}

impl Leaf<'_> {
    /// Refuses a tensor of another shape.
    fn check(&self, name: &str, value: &Tensor) -> Result<()> {
        let expected = self.param.value().shape();
        if expected == value.shape() {
            return Ok(());
        }
        let what = format!("{self}, \"{name}\" in the file");
        Err(Error::shape(what, Shape::of(expected), value.shape(), ""))
    }
}

/// Names as a message shows them: the first few.
fn list(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    match names {
        [] => "nothing".into(),
        _ if names.len() <= SHOWN => names.join(", "),
        _ => format!("{} and {} more", names[..SHOWN].join(", "), names.len() - SHOWN),
    }
}
