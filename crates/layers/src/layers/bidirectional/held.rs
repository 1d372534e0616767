//! A recurrent layer that another layer holds, with its name.

use std::fmt::Debug;

use ceratops_core::{AnyLayer, Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::super::{
    ConvLSTM1D, ConvLSTM2D, ConvLSTM3D, GRU, LSTM, RNN, SimpleRNN,
    recurrent::{Cells, Recurrent},
};
use crate::{Registry, entry};

/// How a recurrent layer walks over its sequence.
#[derive(Debug, Clone, Copy)]
pub struct Walk {
    /// Its argument of this name.
    pub return_sequences: bool,
    /// Its argument of this name.
    pub return_state: bool,
    /// Its argument of this name.
    pub go_backwards: bool,
    /// Its argument of this name.
    pub stateful: bool,
}

/// A recurrent layer of any cell.
pub trait AnyRecurrent: AnyLayer + 'static {
    /// How it walks over its sequence.
    fn walk(&self) -> Walk;
    /// A copy that walks the other way.
    #[doc(hidden)]
    fn turned(&self) -> Box<dyn AnyRecurrent>;
    /// Sets `zero_output_for_mask`.
    #[doc(hidden)]
    fn silence_masked(&mut self, silence: bool);
    /// A copy.
    #[doc(hidden)]
    fn copied(&self) -> Box<dyn AnyRecurrent>;
}

impl<C: Cells> AnyRecurrent for Recurrent<C> {
    fn walk(&self) -> Walk {
        let Self { return_sequences, return_state, go_backwards, stateful, .. } = *self;
        Walk { return_sequences, return_state, go_backwards, stateful }
    }

    fn turned(&self) -> Box<dyn AnyRecurrent> {
        Box::new(Self { go_backwards: !self.go_backwards, ..self.clone() })
    }

    fn silence_masked(&mut self, silence: bool) {
        self.zero_output_for_mask = silence;
    }

    fn copied(&self) -> Box<dyn AnyRecurrent> {
        Box::new(self.clone())
    }
}

/// A layer of one of the classes that are recurrent.
fn recurrent(layer: &dyn AnyLayer) -> Option<Box<dyn AnyRecurrent>> {
    fn of<L: AnyRecurrent>(layer: &dyn AnyLayer) -> Option<Box<dyn AnyRecurrent>> {
        layer.as_any().downcast_ref::<L>().map(AnyRecurrent::copied)
    }
    let kinds = [
        of::<LSTM>,
        of::<GRU>,
        of::<SimpleRNN>,
        of::<RNN>,
        of::<ConvLSTM1D>,
        of::<ConvLSTM2D>,
        of::<ConvLSTM3D>,
    ];
    kinds.into_iter().find_map(|of| of(layer))
}

/// The layer, or before it is found in the registry its entry; nothing at first.
#[derive(Debug, Default)]
pub(super) struct Held {
    name: String,
    layer: Option<Box<dyn AnyRecurrent>>,
    entry: Value,
}

impl Clone for Held {
    fn clone(&self) -> Self {
        let layer = self.layer.as_ref().map(|layer| layer.copied());
        Self { name: self.name.clone(), layer, entry: self.entry.clone() }
    }
}

impl Held {
    pub(super) fn of(layer: Box<dyn AnyRecurrent>) -> Self {
        let name = entry::snake_case(layer.class_name());
        Self { name, layer: Some(layer), entry: Value::Null }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.layer.is_none() && self.entry.is_null()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn layer(&self) -> Result<&dyn AnyRecurrent> {
        self.layer.as_deref().ok_or_else(missing)
    }

    pub(super) fn layer_mut(&mut self) -> Result<&mut dyn AnyRecurrent> {
        self.layer.as_deref_mut().ok_or_else(missing)
    }

    /// Finds the layer in the registry.
    pub(super) fn resolve(&mut self, registry: &Registry) -> Result<()> {
        if self.entry.is_null() {
            return Ok(());
        }
        let node = registry.layer(&self.entry)?;
        let class_name = node.class_name();
        let layer = recurrent(node.layer()).ok_or_else(|| {
            let message = format!("expected a recurrent layer, got {class_name}");
            Error::config("class_name", message)
        })?;
        let name = node.name.clone().unwrap_or_else(|| entry::snake_case(class_name));
        *self = Self { name, layer: Some(layer), entry: Value::Null };
        Ok(())
    }

    /// One of the same kind that walks the other way.
    pub(super) fn turned(&self) -> Self {
        let layer = self.layer.as_ref().map(|layer| layer.turned());
        let name = self.name.strip_prefix("forward_").unwrap_or(&self.name).to_owned();
        Self { name, layer, entry: Value::Null }
    }

    /// Lets the name begin so.
    pub(super) fn begin_name(&mut self, beginning: &str) {
        if !self.name.starts_with(beginning) {
            self.name.insert_str(0, beginning);
        }
    }

    /// Puts out 0 at masked times, if all times are put out.
    pub(super) fn silence_masked(&mut self) {
        if let Some(layer) = &mut self.layer {
            let silence = layer.walk().return_sequences;
            layer.silence_masked(silence);
        }
    }
}

fn missing() -> Error {
    Error::argument("layer", "a recurrent layer", "none")
}

impl Serialize for Held {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(layer) = &self.layer else { return self.entry.serialize(serializer) };
        let learns = layer.params().iter().all(|param| !param.is_frozen());
        let layer: &dyn AnyLayer = &**layer;
        let written = entry::write(layer, &self.name, learns);
        written.map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Held {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { entry: Value::deserialize(deserializer)?, ..Self::default() })
    }
}
