//! Models to and from the config that Keras 3 writes.

use ceratops_core::{Error, Result, Shape};
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::{Map, Value, json};

use super::Model;
use crate::{IntoNode, Node, Registry, Sequential, registry::Common};

impl Sequential {
    /// The model that a config in the dialect of Keras 3 describes, its classes looked up in
    /// `registry`.
    pub fn from_config(config: Map<String, Value>, registry: &Registry) -> Result<Self> {
        Model::chain_from_config(config, registry).map(Self::from)
    }
}

impl Model {
    /// A Sequential model from its config.
    pub(crate) fn chain_from_config(
        mut config: Map<String, Value>,
        registry: &Registry,
    ) -> Result<Self> {
        let common = Common::take(&mut config)?;
        let entries = match config.remove("layers") {
            Some(Value::Array(entries)) => entries,
            other => {
                let found = other.unwrap_or_default();
                return Err(Error::config("layers", format!("expected a list, got {found}")));
            }
        };
        let build_shape: Option<Shape> =
            serde_json::from_value(config.remove("build_input_shape").unwrap_or_default())
                .map_err(|e| Error::config("build_input_shape", e))?;
        if let Some((key, value)) = config.iter().find(|(_, value)| !value.is_null()) {
            let message = format!("Sequential has no key `{key}` (got {value})");
            return Err(Error::config(key.as_str(), message));
        }
        let blank = registry.makes_blank_weights();
        let mut model = Self { name: common.name, blank, ..Self::empty(0) };
        for (i, entry) in entries.iter().enumerate() {
            let at = |e: Error| e.at(&format!("layers[{i}]"));
            let node = registry.layer(entry).map_err(at)?;
            model.append(node).map_err(at)?;
        }
        if let (Some(shape), None) = (build_shape, model.input_shape()) {
            model.build(shape).map_err(|e| e.at("build_input_shape"))?;
        }
        if common.trainable == Some(false) {
            model.set_trainable(false);
        }
        // What is added later has weights of its own.
        model.blank = false;
        Ok(model)
    }
}

impl Serialize for Model {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.sequential {
            return super::functional::write(self).map_err(S::Error::custom)?.serialize(serializer);
        }
        let nodes = self.inputs.iter().chain(&self.layers);
        let layers =
            nodes.map(Node::to_entry).collect::<Result<Vec<_>>>().map_err(S::Error::custom)?;
        let mut config = json!({ "layers": layers });
        if let Some(shape) = self.input_shape() {
            config["build_input_shape"] = json!(shape);
        }
        config.serialize(serializer)
    }
}

impl Model {
    /// The model that a config in the dialect of Keras 3 describes, that of a Sequential or of a
    /// functional model, its classes looked up in `registry`.
    pub fn from_config(config: Map<String, Value>, registry: &Registry) -> Result<Self> {
        match config.contains_key("input_layers") {
            true => super::functional::read(config, registry),
            false => Self::chain_from_config(config, registry),
        }
    }

    /// Keras 3's JSON entry of the model: module, class name, config. A chain that came as a functional
    /// model goes back as one.
    pub fn to_entry(&self) -> Result<Value> {
        let model = self.as_functional().unwrap_or_else(|| self.clone());
        model.named(self.name()).to_entry()
    }

    /// A chain that came as a functional model as it came.
    pub(crate) fn as_functional(&self) -> Option<Self> {
        let is_functional = self.sequential && self.functional && !self.inputs.is_empty();
        is_functional.then(|| Self { listed: self.shown(), sequential: false, ..self.clone() })
    }
}
