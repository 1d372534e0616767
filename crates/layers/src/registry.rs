//! Which classes and activations a config may name: a plain value that one passes to the loader.

mod config;
mod entry;

use ceratops_activations::{self as activations, Activation as Function};
use ceratops_core::{Error, MultiLayer, Result};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use self::config::check_governing;
pub(crate) use self::config::{Common, read};
pub use self::entry::{Entry, WithActivation};
use crate::{
    AnyActivation, Input, Model, Node, Operation, Sequential, advice::advise,
    any_activation::unknown, entry as layer_entry, layers, node::MaskRule,
};

/// The known layer classes and the user's own activations.
///
/// ```
/// use ceratops_layers::Registry;
///
/// let registry = Registry::builtin();
/// assert!(registry.class_names().any(|name| name == "PReLU"));
/// ```
#[derive(Debug, Clone)]
pub struct Registry {
    entries: Vec<Entry>,
    activations: Vec<Function>,
    blank: bool,
}

impl Default for Registry {
    fn default() -> Self {
        Self::builtin()
    }
}

impl Registry {
    /// Every layer of this crate.
    pub fn builtin() -> Self {
        Self { entries: layers::BUILTIN.to_vec(), activations: Vec::new(), blank: false }
    }

    /// The same registry, whose models begin with zeros for weights: for a model whose weights
    /// come from a file, this saves the time of drawing them.
    #[must_use]
    pub fn with_blank_weights(self) -> Self {
        Self { blank: true, ..self }
    }

    pub(crate) fn makes_blank_weights(&self) -> bool {
        self.blank
    }

    /// Whether `class_name` is a layer of this crate.
    pub fn is_builtin(class_name: &str) -> bool {
        layers::BUILTIN.iter().any(|entry| entry.class_name == class_name)
    }

    /// The names of the inputs of that class, one of this crate, where each is an argument of its own:
    /// [`MultiLayer::INPUTS`].
    pub fn input_names(class_name: &str) -> &'static [&'static str] {
        let entry = layers::BUILTIN.iter().find(|entry| entry.class_name == class_name);
        entry.map_or(&[], |entry| entry.inputs)
    }

    /// The arguments of a call that layers of that class, one of this crate, take besides the inputs:
    /// [`MultiLayer::ARGUMENTS`].
    pub fn argument_names(class_name: &str) -> &'static [&'static str] {
        let entry = layers::BUILTIN.iter().find(|entry| entry.class_name == class_name);
        entry.map_or(&[], |entry| entry.arguments)
    }

    /// Whether layers of that class, one of this crate, always pass on the mask of their input;
    /// `None` for another class.
    pub fn keeps_mask(class_name: &str) -> Option<bool> {
        let entry = layers::BUILTIN.iter().find(|entry| entry.class_name == class_name)?;
        Some(entry.keeps_mask)
    }

    /// Whether Keras 3 records at each call of such a layer that it trains.
    pub(crate) fn trains_unless_told(class_name: &str) -> bool {
        layers::BUILTIN.iter().any(|e| e.trains_unless_told && e.class_name == class_name)
    }

    /// The arguments that Keras records at each call of layers of that class.
    pub(crate) fn recorded(class_name: &str) -> &'static [&'static str] {
        let entry = layers::BUILTIN.iter().find(|entry| entry.class_name == class_name);
        entry.map_or(&[], |entry| entry.recorded)
    }

    /// Whether Keras takes layers of that class for built from the start.
    pub(crate) fn is_built_from_start(class_name: &str) -> bool {
        layers::BUILTIN.iter().any(|e| e.built_from_start && e.class_name == class_name)
    }

    /// The same registry with the layers of class `L`: short for `with(Entry::of::<L>())`.
    #[must_use]
    pub fn with_layer<L: MultiLayer + Default + DeserializeOwned>(self) -> Self {
        self.with(Entry::of::<L>())
    }

    /// The same registry with one more class; of two with the same name the later one counts.
    #[must_use]
    pub fn with(mut self, entry: Entry) -> Self {
        self.entries.insert(0, entry);
        self
    }

    /// The same registry with one more activation.
    #[must_use]
    pub fn with_activation(mut self, activation: Function) -> Self {
        self.activations.insert(0, activation);
        self
    }

    /// The names of the known classes.
    pub fn class_names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.entries.iter().map(|entry| entry.class_name)
    }

    /// The activation that an identifier or a config entry stands for.
    pub fn activation(&self, identifier: &Value) -> Result<AnyActivation> {
        match identifier {
            Value::String(name) => self.function(name),
            Value::Object(object) if object.get("class_name").is_some_and(|c| c == "function") => {
                self.function(object.get("config").and_then(Value::as_str).unwrap_or_default())
            }
            entry => Ok(AnyActivation::Layer(self.layer(entry)?.into_layer())),
        }
    }

    fn function(&self, name: &str) -> Result<AnyActivation> {
        // Keras up to 3.6 wrote a registered name without its package.
        let own = |f: &&Function| {
            f.name() == name || f.name().rsplit_once('>').is_some_and(|(_, plain)| plain == name)
        };
        if let Some(function) = self.activations.iter().find(own) {
            return Ok(AnyActivation::Function(function.clone()));
        }
        Function::get(name).map(AnyActivation::Function).map_err(|_| {
            let mut known: Vec<&str> = activations::names().collect();
            known.extend(self.activations.iter().map(Function::name));
            unknown(name, known)
        })
    }

    /// The layer that a config entry `{"class_name": ..., "config": {...}}` in the dialect of
    /// Keras 3 describes, with its name and flag.
    pub fn layer(&self, entry: &Value) -> Result<Node> {
        let class_name = layer_entry::class_name(entry)
            .ok_or_else(|| Error::config("class_name", "missing; it names the layer's class"))?;
        if layer_entry::is_operation(entry) {
            let name = entry.pointer("/config/name").and_then(Value::as_str).map(str::to_owned);
            return Ok(Node { name, ..Operation::read(entry)?.into() });
        }
        let mut config = match entry.get("config") {
            Some(Value::Object(config)) => config.clone(),
            None | Some(Value::Null) => Map::new(),
            Some(other) => {
                return Err(Error::config("config", format!("expected an object, got {other}")));
            }
        };
        if let "Sequential" | "Functional" = class_name {
            let name = config.get("name").and_then(Value::as_str).map(str::to_owned);
            let trainable = config.get("trainable") != Some(&Value::Bool(false));
            let model = Model::from_config(config, self).map_err(|e| e.at("config"))?;
            let functional = class_name == "Functional" && model.sequential;
            let node = match model.sequential {
                true => Node::from(Sequential::from(Model { functional, ..model })),
                false => Node::from(model),
            };
            let training = training(entry)?;
            let masks = MaskRule::of(entry)?;
            return Ok(Node { name, trainable, training, masks, ..node });
        }
        let known = self.find(entry, class_name)?;
        let of_text =
            known.class_name == "InputLayer" && config.get("dtype") == Some(&"string".into());
        if of_text || known.any_dtype {
            config.remove("dtype");
        }
        let common = Common::take(&mut config).map_err(|e| e.at("config"))?;
        for (key, json) in known.ignored {
            if config.get(*key).is_some_and(|value| {
                serde_json::from_str::<Value>(json).is_ok_and(|json| json == *value)
            }) {
                config.remove(*key);
            }
        }
        if !self.blank {
            check_governing(&config).map_err(|e| e.at("config"))?;
        }
        let layer = (known.load)(config, self).map_err(|e| e.at("config"))?;
        let (training, masks) = (training(entry)?, MaskRule::of(entry)?);
        let mut node = Node { training, masks, ..Node::loaded(layer, common) };
        if let (true, Some(input)) = (of_text, node.downcast_mut::<Input>()) {
            input.batch_shape = std::mem::take(&mut input.batch_shape).of_text();
        }
        Ok(node)
    }

    fn find(&self, entry: &Value, class_name: &str) -> Result<&Entry> {
        let registered = entry.get("registered_name").and_then(Value::as_str).unwrap_or_default();
        let plain = registered.rsplit('>').next().unwrap_or_default();
        self.entries
            .iter()
            .find(|e| [class_name, registered, plain].contains(&e.class_name))
            .ok_or_else(|| {
                let help = "register your own with `Registry::with_layer::<MyLayer>()`";
                let error = Error::unknown("layer class", class_name, self.class_names());
                Error::config("class_name", advise(error, help))
            })
    }
}

/// The mode that a layer always runs in, if its entry says so.
fn training(entry: &Value) -> Result<Option<bool>> {
    let training = entry.get("training").cloned().unwrap_or_default();
    serde_json::from_value(training).map_err(|e| Error::config("training", e))
}
