//! `weightsManifest`: which weights lie in which shards.

use std::collections::HashSet;

use ceratops_core::{Error, Result, Tensor};
use serde::Deserialize;
use serde_json::Value;

use super::values::{self, Spec};
use crate::open::Fetch;

/// Weights whose numbers lie one after another in the files `paths`, joined.
#[derive(Deserialize)]
struct Group {
    paths: Vec<String>,
    weights: Vec<Spec>,
}

/// A weight out of the shards.
pub(super) struct Weight {
    pub(super) name: String,
    pub(super) value: Tensor,
    /// Whether the optimizer remembers it, and not the model.
    pub(super) of_optimizer: bool,
}

/// All weights, in the order of the manifest; `read` gives the bytes of a shard.
pub(super) fn weights(manifest: &Value, read: Fetch<'_>) -> Result<Vec<Weight>> {
    let (mut weights, mut seen) = (Vec::new(), HashSet::new());
    for (index, group) in manifest.as_array().into_iter().flatten().enumerate() {
        let at = format!("weightsManifest[{index}]");
        let group = Group::deserialize(group).map_err(|e| Error::config(&at, e))?;
        // A list that names one shard a thousand times would fill the memory.
        if let Some(path) = group.paths.iter().find(|path| !seen.insert((*path).clone())) {
            return Err(Error::config(&at, format!("the shard {path} is named twice")));
        }
        of_group(&group, read, &mut weights).map_err(|e| e.at(&at))?;
    }
    Ok(weights)
}

fn of_group(group: &Group, read: Fetch<'_>, weights: &mut Vec<Weight>) -> Result<()> {
    let sizes = group.weights.iter().map(Spec::size);
    let size = sizes.fold(0u64, u64::saturating_add);
    let mut bytes = Vec::new();
    for path in &group.paths {
        // One byte more than there should be tells that a shard is too long, however long it is.
        let most = size.saturating_sub(bytes.len() as u64).saturating_add(1);
        // Most groups have one shard, which then is not copied.
        let shard = read(path, most)?;
        if bytes.is_empty() { bytes = shard } else { bytes.extend_from_slice(&shard) }
    }
    let mut rest = bytes.as_slice();
    for spec in &group.weights {
        let value = spec.take(&mut rest).map_err(|e| {
            Error::Data(format!("weight \"{}\" in {}: {e}", spec.name, group.paths.join(", ")))
        })?;
        let of_optimizer = spec.group.as_deref() == Some(values::OPTIMIZER);
        weights.push(Weight { name: spec.name.clone(), value, of_optimizer });
    }
    if !rest.is_empty() {
        return Err(Error::Data(format!(
            "{} hold more than the {size} bytes that the weights take",
            group.paths.join(", ")
        )));
    }
    Ok(())
}
