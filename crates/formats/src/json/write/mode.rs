//! Layers that always run in one mode, which is said of their call in a functional model of Keras 2.

use ceratops_core::Result;
use serde_json::{Map, Value, json};

use super::{Out, piece::Piece};
use crate::json::{Change, Note};

/// For readers that know no such layers: refuses those that `predict` would tell from others, and
/// leaves out what matters to training alone.
pub(super) fn check(piece: &Piece, out: &mut Out) -> Result<()> {
    match piece.training {
        Some(true) => {
            let reason = format!(
                "it is in training mode always, also in `predict`, which {} has no word for; write \
                 the file for Keras 2, or set_training(None)",
                out.words
            );
            return Err(piece.error("", reason));
        }
        Some(false) => {
            let text = format!(
                "that \"{}\" is never in training mode; {} answers the same, but does not train so",
                piece.name, out.words
            );
            out.notes.push(Note { path: piece.path.clone(), change: Change::LeftOut, text });
        }
        None => {}
    }
    piece.inner().try_for_each(|layer| check(layer, out))
}

/// The calls of the layers of a Sequential.
pub(super) struct Calls {
    calls: Vec<(String, u64, Option<bool>)>,
}

impl Calls {
    /// Those of `pieces`, if some layer has a mode of its own and an Input comes first.
    pub(super) fn of(model: &Piece) -> Result<Option<Self>> {
        let pieces = model.layers.as_deref().unwrap_or_default();
        if pieces.iter().all(|piece| piece.training.is_none()) {
            return Ok(None);
        }
        if pieces.first().is_none_or(|first| first.class_name != "InputLayer") {
            let reason = "a layer of it has a mode of its own, which only a model with an Input can \
                          say; give it one, or call build(shape)";
            return Err(model.error("", reason));
        }
        // Keras 2 counts the calls of a nested model from 1, the first being its own making.
        let call =
            |piece: &Piece| (piece.name.clone(), u64::from(piece.layers.is_some()), piece.training);
        Ok(Some(Self { calls: pieces.iter().map(call).collect() }))
    }

    /// The config of the functional model of these layers.
    pub(super) fn functional(&self, name: &str, mut layers: Vec<Value>) -> Value {
        for (i, layer) in layers.iter_mut().enumerate() {
            let (name, _, training) = &self.calls[i];
            let mut kwargs = Map::new();
            kwargs.extend(training.map(|training| ("training".to_owned(), training.into())));
            let from = i.checked_sub(1).map(|before| json!([[self.link(before, Some(kwargs))]]));
            layer["name"] = name.as_str().into();
            layer["inbound_nodes"] = from.unwrap_or_else(|| json!([]));
        }
        json!({
            "name": name, "trainable": true, "layers": layers,
            "input_layers": [self.link(0, None)],
            "output_layers": [self.link(self.calls.len().saturating_sub(1), None)],
        })
    }

    /// The output of a layer, as who takes it names it.
    fn link(&self, layer: usize, kwargs: Option<Map<String, Value>>) -> Value {
        let (name, call, _) = &self.calls[layer];
        match kwargs {
            Some(kwargs) => json!([name, call, 0, kwargs]),
            None => json!([name, call, 0]),
        }
    }
}
