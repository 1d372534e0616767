//! Sequential to and from the config that Keras 3 writes.

use ceratops_core::{Error, Result, Shape};
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::{Map, Value, json};

use super::Sequential;
use crate::{IntoNode, Node, Registry, registry::Common};

impl Sequential {
    /// The model that a config in the dialect of Keras 3 describes, its classes looked up in
    /// `registry`.
    pub fn from_config(mut config: Map<String, Value>, registry: &Registry) -> Result<Self> {
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
        let mut model = Self { name: common.name, blank, ..Self::default() };
        for (i, entry) in entries.iter().enumerate() {
            let at = |e: Error| e.at(&format!("layers[{i}]"));
            let node = registry.layer(entry).map_err(at)?;
            model.place(node).map_err(at)?;
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

    /// The same model, which Keras has as a Functional or as a Sequential one.
    pub(crate) fn of_class(self, functional: bool) -> Self {
        Self { functional, ..self }
    }
}

impl Serialize for Sequential {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nodes = self.input.iter().chain(&self.nodes);
        let layers =
            nodes.map(Node::to_entry).collect::<Result<Vec<_>>>().map_err(S::Error::custom)?;
        let mut config = json!({ "layers": layers });
        if let Some(shape) = self.input_shape() {
            config["build_input_shape"] = json!(shape);
        }
        config.serialize(serializer)
    }
}

impl Sequential {
    /// Keras 3's JSON entry of the model: module, class name, config.
    pub fn to_entry(&self) -> Result<Value> {
        self.clone().named(self.name()).to_entry()
    }
}
