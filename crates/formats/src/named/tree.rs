//! Names that are paths in a `.weights.h5`: `layers/dense/vars/0`.

use std::collections::HashMap;

use ceratops_core::{Error, Result, Tensor};

use crate::hdf5::{Group, Member};

/// No model is nested deeper.
const DEEPEST: usize = 64;

/// The tree, if all names are such paths.
pub(super) fn of(tensors: &[(String, Tensor)]) -> Result<Option<Group>> {
    let mut leaves = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        let path: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
        let [.., "vars", number] = path.as_slice() else { return Ok(None) };
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(None);
        }
        if path.len() > DEEPEST {
            return Err(Error::Data(format!("a name of {} parts is too long", path.len())));
        }
        leaves.push((path, tensor));
    }
    let leaves: Vec<Leaf<'_>> = leaves.iter().map(|(path, tensor)| (&path[..], *tensor)).collect();
    if leaves.is_empty() { Ok(None) } else { group(&leaves).map(Some) }
}

/// A tensor, and the way to it.
type Leaf<'a> = (&'a [&'a str], &'a Tensor);

fn group(leaves: &[Leaf<'_>]) -> Result<Group> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut members: Vec<(&str, Vec<Leaf<'_>>)> = Vec::new();
    for &(path, tensor) in leaves {
        let [name, rest @ ..] = path else { return Err(twice("")) };
        let place = *places.entry(name).or_insert(members.len());
        if place == members.len() {
            members.push((name, Vec::new()));
        }
        members[place].1.push((rest, tensor));
    }
    let mut made = Group::default();
    for (name, leaves) in members {
        let member = match leaves.as_slice() {
            [([], tensor)] => Member::Tensor((*tensor).clone()),
            leaves if leaves.iter().all(|(path, _)| !path.is_empty()) => {
                Member::Group(group(leaves)?)
            }
            _ => return Err(twice(name)),
        };
        made.members.push((name.to_owned(), member));
    }
    Ok(made)
}

fn twice(name: &str) -> Error {
    Error::Data(format!("\"{name}\" is there twice"))
}
