//! Which classes and activations a config may name: a plain value that one passes to the loader.

use ceratops_activations::{self as activations, Activation as Function};
use ceratops_core::{AnyLayer, Constrain, Error, MultiLayer, Regularize, Result, nearest};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    AnyActivation, Input, Model, Node, Operation, Resolve, Sequential, advice::advise,
    any_activation::unknown, entry, layers, node::MaskRule,
};

/// Makes a layer of its config.
type Load = fn(Map<String, Value>, &Registry) -> Result<Box<dyn AnyLayer>>;

/// How the layers of one class are read from their config.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    class_name: &'static str,
    load: Load,
    ignored: &'static [(&'static str, &'static str)],
    built_from_start: bool,
    keeps_mask: bool,
    recorded: &'static [&'static str],
    trains_unless_told: bool,
    any_dtype: bool,
    inputs: &'static [&'static str],
    arguments: &'static [&'static str],
}

/// A layer with an `activation` argument, which may name one of the user's own.
pub trait WithActivation {
    /// The argument.
    fn activation_mut(&mut self) -> &mut AnyActivation;
}

impl Entry {
    /// Layers of class `L`: its serde fields are its config.
    pub const fn of<L: MultiLayer + Default + DeserializeOwned>() -> Self {
        Self {
            class_name: L::CLASS_NAME,
            load: |config, _| {
                let layer = read::<L>(config, L::CLASS_NAME)?;
                check(&layer)?;
                Ok(Box::new(layer))
            },
            ignored: &[],
            built_from_start: false,
            keeps_mask: L::KEEPS_MASK,
            recorded: &[],
            trains_unless_told: false,
            any_dtype: false,
            inputs: L::INPUTS,
            arguments: L::ARGUMENTS,
        }
    }

    /// Layers of class `L`, whose activation is looked up in the registry too.
    pub const fn with_activation<L>() -> Self
    where
        L: MultiLayer + Default + DeserializeOwned + WithActivation,
    {
        let load = |config: Map<String, Value>, registry: &Registry| {
            let mut layer = read::<L>(config, L::CLASS_NAME)?;
            layer.activation_mut().resolve(registry).map_err(|e| e.at("activation"))?;
            check(&layer)?;
            Ok(Box::new(layer) as Box<dyn AnyLayer>)
        };
        Self { load, ..Self::of::<L>() }
    }

    /// Layers of class `L` that hold objects which are made by the registry too, such as another layer.
    pub const fn resolving<L>() -> Self
    where
        L: MultiLayer + Default + DeserializeOwned + Resolve,
    {
        let load = |config: Map<String, Value>, registry: &Registry| {
            let mut layer = read::<L>(config, L::CLASS_NAME)?;
            layer.resolve(registry)?;
            check(&layer)?;
            Ok(Box::new(layer) as Box<dyn AnyLayer>)
        };
        Self { load, ..Self::of::<L>() }
    }

    /// Recurrent layers over such cells, whose activations are looked up in the registry too.
    pub(crate) const fn recurrent<C: layers::Cells>() -> Self {
        let load = |config: Map<String, Value>, registry: &Registry| {
            let mut layer = read::<layers::Recurrent<C>>(config, C::LAYER)?;
            for (key, activation) in layer.cell.activations_mut() {
                activation.resolve(registry).map_err(|e| e.at(&key))?;
            }
            check(&layer)?;
            Ok(Box::new(layer) as Box<dyn AnyLayer>)
        };
        Self { load, ..Self::of::<layers::Recurrent<C>>() }.recording(&["training", "mask"])
    }

    /// The same entry, which passes over these keys where they hold the given JSON: settings
    /// that Keras writes but that change nothing at these values.
    #[must_use]
    pub const fn ignoring(self, ignored: &'static [(&'static str, &'static str)]) -> Self {
        Self { ignored, ..self }
    }

    /// The same entry, whose layers count as built before their input is known, as Keras has it
    /// for layers that make nothing.
    #[must_use]
    pub(crate) const fn built_from_start(self) -> Self {
        Self { built_from_start: true, ..self }
    }

    /// The same entry, at whose calls Keras 3 records these arguments though they are not given:
    /// `training` as false, `mask` as null.
    #[must_use]
    pub(crate) const fn recording(self, arguments: &'static [&'static str]) -> Self {
        Self { recorded: arguments, ..self }
    }

    /// The same entry, whose layers look something up: of what type Keras makes the number changes none.
    #[must_use]
    pub(crate) const fn any_dtype(self) -> Self {
        Self { any_dtype: true, ..self }
    }

    /// The same entry, at whose calls Keras 3 records `training` as true though it is not given.
    #[must_use]
    pub(crate) const fn training_unless_told(self) -> Self {
        Self { trains_unless_told: true, ..self }
    }
}

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
        let class_name = entry::class_name(entry)
            .ok_or_else(|| Error::config("class_name", "missing; it names the layer's class"))?;
        if entry::is_operation(entry) {
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

/// Refuses initializers, regularizers and constraints that are not known here. Where weights follow,
/// none is drawn, and only who trains needs the others.
fn check_governing(config: &Map<String, Value>) -> Result<()> {
    for (key, value) in config.iter().filter(|(_, value)| !value.is_null()) {
        // What is not understood at all, the layer complains of.
        let known = if key.ends_with("_initializer") {
            Initializer::deserialize(value).map_or(Ok(()), |initializer| initializer.check_known())
        } else if key.ends_with("_regularizer") {
            Regularizer::deserialize(value).map_or(Ok(()), |regularizer| regularizer.check_known())
        } else if key.ends_with("_constraint") {
            Constraint::deserialize(value).map_or(Ok(()), |constraint| constraint.check_known())
        } else {
            Ok(())
        };
        known.map_err(|e| Error::config(key.as_str(), e))?;
    }
    Ok(())
}

/// What every layer's config says for its container.
#[derive(Debug, Default)]
pub(crate) struct Common {
    pub(crate) name: Option<String>,
    pub(crate) trainable: Option<bool>,
    pub(crate) input_shape: Option<ceratops_core::Shape>,
}

impl Common {
    /// Takes the container's keys out of `config`.
    pub(crate) fn take(config: &mut Map<String, Value>) -> Result<Self> {
        check_dtype(config.remove("dtype"))?;
        Ok(Self {
            name: take_key(config, "name")?,
            trainable: take_key(config, "trainable")?,
            input_shape: take_key(config, "batch_input_shape")?,
        })
    }
}

fn take_key<T: DeserializeOwned>(config: &mut Map<String, Value>, key: &str) -> Result<Option<T>> {
    let value = config.remove(key).unwrap_or_default();
    serde_json::from_value(value).map_err(|e| Error::config(key, e))
}

/// Only float32 can be computed here; a policy for anything else would change the numbers.
fn check_dtype(dtype: Option<Value>) -> Result<()> {
    let name = match &dtype {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::String(name)) => Some(name.as_str()),
        Some(policy) => policy["config"]["name"].as_str(),
    };
    match name {
        Some("float32") => Ok(()),
        _ => {
            let found = dtype.unwrap_or_default();
            Err(Error::config("dtype", format!("only \"float32\" is supported, got {found}")))
        }
    }
}

/// Reads a layer, or what it holds, from its config: unknown keys are refused unless they are null.
pub(crate) fn read<L: Serialize + Default + DeserializeOwned>(
    mut config: Map<String, Value>,
    class_name: &str,
) -> Result<L> {
    let defaults = serde_json::to_value(L::default()).map_err(|e| Error::config("", e))?;
    let known = |key: &str| defaults.get(key).is_some();
    config.retain(|key, value| known(key) || !value.is_null());
    if let Some((key, value)) = config.iter().find(|(key, _)| !known(key)) {
        let names = defaults.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
        let hint =
            nearest(key, names).map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
        let message = format!("{class_name} has no key `{key}` (got {value}){hint}");
        return Err(Error::config(key.as_str(), message));
    }
    serde_path_to_error::deserialize(Value::Object(config.clone())).map_err(|e| {
        let mut path = e.path().to_string();
        // What a struct within the struct holds has no path; alone, its key fails as well.
        if path == "." {
            let alone = |(key, value): (&String, &Value)| {
                L::deserialize(Value::Object(Map::from_iter([(key.clone(), value.clone())])))
                    .is_err()
            };
            let wrong = config.iter().find(|&(key, value)| alone((key, value)));
            path = wrong.map_or(path, |(key, _)| key.clone());
        }
        Error::config(if path == "." { String::new() } else { path }, plain(e.into_inner()))
    })
}

/// serde's message without the names of Rust's types.
fn plain(message: impl ToString) -> String {
    let names = [("usize", "an integer >= 0"), ("u64", "an integer >= 0"), ("f64", "a number")];
    names.iter().fold(message.to_string(), |text, (rust, plain)| {
        text.replace(&format!("expected {rust}"), &format!("expected {plain}"))
    })
}

/// Refuses a config that makes no sense, at the key that it is about.
fn check<L: MultiLayer + Default>(layer: &L) -> Result<()> {
    layer.validate().map_err(|e| {
        let defaults = serde_json::to_value(L::default()).unwrap_or_default();
        match &e {
            Error::Argument { argument, .. } if defaults.get(argument).is_some() => {
                Error::config(argument.as_str(), &e)
            }
            _ => Error::config("", &e),
        }
    })
}
