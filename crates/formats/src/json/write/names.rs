//! Which names of layers a reader takes, and others for those that it does not.

use std::collections::HashMap;

use ceratops_core::Result;
use serde_json::Value;

use super::{
    Out, Words,
    equals::{Names, free_name},
    piece::Piece,
};
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
    if piece.name.contains('/') {
        let name = piece.name.replace('/', "_");
        rename(piece, name, SLASH, out);
    }
    let mut taken = own_names(piece);
    let mut renamed = HashMap::new();
    for layer in piece.layers.iter_mut().flatten() {
        let old = layer.name.clone();
        if old.contains('/') {
            let name = free_name(&old.replace('/', "_"), &mut taken);
            rename(layer, name.clone(), SLASH, out);
            renamed.insert(old, name);
        }
        if layer.layers.is_some() {
            without_slashes(layer, out);
        }
    }
    piece.follow(&renamed);
}

const SLASH: &str = "only Keras 2 takes a name with a `/`";

/// Gives layers of nested models names that no other layer of the whole model has: TensorFlow.js knows a
/// weight by its own name and that of its layer, whatever models are around it, and opens no model that
/// has two of the same.
pub(super) fn tell_apart(model: &mut Piece, out: &mut Out) {
    let layers = model.layers.iter().flatten();
    let mut taken = layers.filter(|layer| layer.is_leaf()).map(|l| l.name.clone()).collect();
    for nested in model.layers.iter_mut().flatten() {
        apart_within(nested, &mut taken, out);
    }
}

fn apart_within(model: &mut Piece, taken: &mut Names, out: &mut Out) {
    let own = own_names(model);
    let outer = model.name.clone();
    let mut renamed = HashMap::new();
    for layer in model.layers.iter_mut().flatten() {
        let old = layer.name.clone();
        if layer.is_leaf() && !taken.insert(old.clone()) {
            let mut all = taken.union(&own).cloned().collect();
            let name = free_name(&format!("{outer}_{old}"), &mut all);
            taken.insert(name.clone());
            let reason =
                "TensorFlow.js tells no layers of one name apart, in whatever models they are";
            rename(layer, name.clone(), reason, out);
            renamed.insert(old, name);
        }
        apart_within(layer, taken, out);
    }
    model.follow(&renamed);
}

fn own_names(model: &Piece) -> Names {
    model.layers.iter().flatten().map(|layer| layer.name.clone()).collect()
}

fn rename(piece: &mut Piece, name: String, reason: &str, out: &mut Out) {
    out.note_in(piece, "name", format!("`{name}`: {reason}"));
    piece.config.insert("name".into(), name.as_str().into());
    piece.name = name;
}

impl Piece {
    /// Whether it is a layer with weights, and no model.
    fn is_leaf(&self) -> bool {
        self.weighs && self.layers.is_none()
    }

    /// Lets the calls, the inputs and the outputs of a functional model follow layers to new names.
    fn follow(&mut self, renamed: &HashMap<String, String>) {
        if renamed.is_empty() {
            return;
        }
        let calls = self.layers.iter_mut().flatten().filter_map(|layer| layer.calls.as_mut());
        calls.flatten().for_each(|call| follow(call, renamed));
        for key in ["input_layers", "output_layers"] {
            self.config.get_mut(key).into_iter().for_each(|ends| follow(ends, renamed));
        }
    }
}

/// Gives the layers that links name, lists of a name and two numbers, their new names.
fn follow(links: &mut Value, renamed: &HashMap<String, String>) {
    match links {
        Value::Array(items) => match items.as_mut_slice() {
            [Value::String(name), Value::Number(_), Value::Number(_)] => {
                if let Some(new) = renamed.get(name.as_str()) {
                    name.clone_from(new);
                }
            }
            items => items.iter_mut().for_each(|item| follow(item, renamed)),
        },
        Value::Object(items) => items.values_mut().for_each(|item| follow(item, renamed)),
        _ => {}
    }
}
