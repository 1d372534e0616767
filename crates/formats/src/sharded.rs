//! `.weights.json`: Keras' weights in several `.weights.h5` beside it (`max_shard_size`).

use std::collections::{BTreeSet, HashMap};

use ceratops_core::{Error, Result};
use serde_json::Value;

use crate::{
    hdf5::{self, Group, Member},
    open::Fetch,
};

/// Whether a document is the list of such files: `{"metadata": ..., "weight_map": {...}}`.
pub(crate) fn is_list(document: &Value) -> bool {
    document.get("weight_map").is_some_and(Value::is_object)
}

/// Reads the files that the list names, as one tree.
pub(crate) fn read(list: &Value, fetch: Fetch<'_>) -> Result<Group> {
    let mut root = Group::default();
    for name in files(list)? {
        let shard = hdf5::read(&fetch(name, u64::MAX)?).and_then(|shard| merge(&mut root, shard));
        shard.map_err(|e| Error::Data(format!("{name}: {e}")))?;
    }
    Ok(root)
}

/// The files' names; Keras numbers them.
fn files(list: &Value) -> Result<BTreeSet<&str>> {
    let mut files = BTreeSet::new();
    for (place, value) in list["weight_map"].as_object().into_iter().flatten() {
        // A layer's weights may lie in more than one file.
        let names = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for name in names {
            let wrong = || Error::config(format!("weight_map[\"{place}\"]"), "expected file names");
            files.insert(name.as_str().ok_or_else(wrong)?);
        }
    }
    Ok(files)
}

/// Adds what a file holds to what those before it held.
fn merge(to: &mut Group, from: Group) -> Result<()> {
    for attribute in from.attributes {
        if !to.attributes.iter().any(|(name, _)| *name == attribute.0) {
            to.attributes.push(attribute);
        }
    }
    let known = to.members.iter().enumerate();
    let known: HashMap<String, usize> = known.map(|(i, (name, _))| (name.clone(), i)).collect();
    for (name, member) in from.members {
        let place = known.get(&name).and_then(|&place| to.members.get_mut(place));
        match (place, member) {
            (None, member) => to.members.push((name, member)),
            (Some((_, Member::Group(to))), Member::Group(from)) => merge(to, from)?,
            _ => return Err(Error::Data(format!("\"{name}\" is in two of the files"))),
        }
    }
    Ok(())
}
