//! Names of layers that only Keras 2 takes.

use std::collections::HashSet;

use super::{Out, Piece};

/// Gives layers whose names have a `/`, which Keras 3 refuses, names without.
pub(super) fn without_slashes(piece: &mut Piece, out: &mut Out) {
    rename(piece, &mut HashSet::new(), out);
    let layers = piece.layers.as_deref_mut().unwrap_or_default();
    let mut taken: HashSet<String> = layers.iter().map(|layer| layer.name.clone()).collect();
    for layer in layers {
        rename(layer, &mut taken, out);
        if layer.layers.is_some() {
            without_slashes(layer, out);
        }
    }
}

fn rename(piece: &mut Piece, taken: &mut HashSet<String>, out: &mut Out) {
    if !piece.name.contains('/') {
        return;
    }
    let base = piece.name.replace('/', "_");
    let numbered = (1..).map(|n| format!("{base}_{n}"));
    let mut names = std::iter::once(base.clone()).chain(numbered);
    let name = names.find(|name| taken.insert(name.clone())).unwrap_or(base);
    out.note_in(piece, "name", format!("`{name}`: only Keras 2 takes a name with a `/`"));
    piece.config.insert("name".into(), name.as_str().into());
    piece.name = name;
}
