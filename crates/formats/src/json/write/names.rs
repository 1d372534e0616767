//! Which names of layers a reader takes, and others for those that it does not.

use std::collections::HashSet;

use ceratops_core::Result;

use super::{Out, Words, piece::Piece};
use crate::json::log::join;

/// Refuses a name that the reader refuses; of two readers, says which one does.
pub(super) fn check(piece: &Piece, out: &mut Out) -> Result<()> {
    let also = match out.words {
        Words::Keras3 | Words::Keras3Short => return Ok(()),
        Words::Keras2 | Words::Keras2And3 => "_.\\/>-",
        Words::Portable | Words::TensorFlowJs => "_./-",
    };
    let first = if also.contains('>') { "." } else { "" };
    let takes = |c: char, also: &str| c.is_ascii_alphanumeric() || also.contains(c);
    let mut letters = piece.name.chars();
    if letters.next().is_some_and(|c| takes(c, first)) && letters.all(|c| takes(c, also)) {
        return Ok(());
    }
    let who = if first.is_empty() { "TensorFlow.js" } else { "Keras 2" };
    let reason = format!(
        "{who} takes only names of letters and digits of ASCII, and of {also} from the second place \
         on; give the layer another name"
    );
    if out.words == Words::Keras2And3 {
        out.keep(&join(&piece.path, "config"), "name", reason);
        return Ok(());
    }
    Err(piece.error("name", reason))
}

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
