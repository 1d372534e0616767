//! Which weight a name in a file means.

use std::collections::HashMap;

use ceratops_core::{Error, Result, Tensor};

use super::{Places, leaves::Leaf};

/// The names that weights may have: `dense/kernel`, `encoder/dense/kernel`, and by place
/// `dense/0`, as files that were converted from Keras 3 have them.
pub(crate) struct Names<'a> {
    leaves: &'a [Leaf<'a>],
    /// None where two weights could be meant.
    by_name: HashMap<String, Option<usize>>,
}

/// What was found for a file's tensors.
pub(crate) struct Found {
    /// For each weight the place of its tensor.
    pub(crate) places: Places,
    /// The places of tensors that are no weight's.
    pub(crate) surplus: Vec<usize>,
}

/// What Keras 3 calls a weight that had another name before.
fn keras3_name(leaf: &Leaf<'_>) -> Option<String> {
    let is_depthwise = leaf.class_name.starts_with("DepthwiseConv");
    (is_depthwise && leaf.index == 0).then(|| "kernel".to_owned())
}

impl<'a> Names<'a> {
    pub(crate) fn of(leaves: &'a [Leaf<'a>]) -> Self {
        let mut by_name = HashMap::new();
        // Names in full are added last: they mean their weight whatever else ends the same.
        for full in [false, true] {
            for (place, leaf) in leaves.iter().enumerate() {
                for path in suffixes(&leaf.path).filter(|path| (*path == leaf.path) == full) {
                    let names = [leaf.param.name().to_owned(), leaf.index.to_string()];
                    let within = format!("{}/{}", leaf.part, leaf.param.name());
                    let within = (!leaf.part.is_empty()).then_some(within);
                    for weight in names.into_iter().chain(keras3_name(leaf)).chain(within) {
                        let meant = by_name.entry(format!("{path}/{weight}"));
                        let meant = meant.or_insert(Some(place));
                        if full {
                            *meant = Some(place);
                        } else if *meant != Some(place) {
                            *meant = None;
                        }
                    }
                }
            }
        }
        Self { leaves, by_name }
    }

    pub(crate) fn find_all(&self, tensors: &[(String, Tensor)]) -> Result<Found> {
        let mut found = Found { places: vec![None; self.leaves.len()], surplus: Vec::new() };
        for (place, (name, _)) in tensors.iter().enumerate() {
            let Some(leaf) = self.find(name) else {
                found.surplus.push(place);
                continue;
            };
            if let Some(other) = found.places[leaf].replace(place) {
                let (other, leaf) = (&tensors[other].0, &self.leaves[leaf]);
                return Err(Error::Data(format!("\"{other}\" and \"{name}\" both mean {leaf}")));
            }
        }
        Ok(found)
    }

    /// The weight that `name` means. Models in front of the layer's name may be missing or more;
    /// Keras 2 puts the layer's name twice and `:0` behind, TensorFlow 2.2 the name of a cell
    /// between layer and weight.
    fn find(&self, name: &str) -> Option<usize> {
        let name = plain(name);
        let (rest, weight) = name.rsplit_once('/')?;
        let without_cell = rest.rsplit_once('/').map(|(layer, _)| format!("{layer}/{weight}"));
        [Some(name.clone()), without_cell].into_iter().flatten().find_map(|name| {
            suffixes(&name).find_map(|suffix| self.by_name.get(suffix).copied().flatten())
        })
    }
}

/// A name as Keras 3 writes it: `dense.kernel` with a slash, `dense/kernel:0` without the number.
pub(crate) fn plain(name: &str) -> String {
    let name = match name.rsplit_once(':') {
        Some((name, number)) if number.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => name,
    };
    if name.contains('/') { name.to_owned() } else { name.replace('.', "/") }
}

/// `a/b/c`, `b/c`, `c`.
fn suffixes(path: &str) -> impl Iterator<Item = &str> {
    let starts = path.match_indices('/').map(|(slash, _)| slash + 1);
    [0].into_iter().chain(starts).map(|start| &path[start..])
}
