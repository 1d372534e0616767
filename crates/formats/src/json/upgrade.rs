//! Brings an entry of any dialect to the words of Keras 3, one rule after another.

use ceratops_core::{Error, Result};
use serde_json::{Map, Value, json};

use super::{
    Change, activations,
    dialect::any_object,
    envelope::refuse_unknown,
    inputs, keras1,
    log::{Log, join},
    spelling,
};

/// What may stand in the entry of a layer, a model or another object.
const KEYS: &[&str] = &[
    "module",
    "class_name",
    "config",
    "registered_name",
    "build_config",
    "compile_config",
    "shared_object_id",
];

/// The config of one layer or object, on its way to Keras 3.
pub(super) struct Layer<'a> {
    pub(super) class_name: &'a str,
    pub(super) config: &'a mut Map<String, Value>,
    /// Where the config stands in the upgraded document.
    pub(super) path: &'a str,
    pub(super) log: &'a mut Log,
}

impl Layer<'_> {
    /// Takes the value at `old` for `new`, unless there is one.
    pub(super) fn rename(&mut self, old: &str, new: &str) {
        if !self.config.contains_key(new)
            && let Some(value) = self.config.remove(old)
        {
            if value.is_null() {
                self.log.moved(self.path, old, new);
            } else {
                self.renamed(old, new, format!("`{new}`"));
            }
            self.config.insert(new.to_owned(), value);
        }
    }

    /// Notes that the value at `new` was at `old`.
    pub(super) fn renamed(&mut self, old: &str, new: &str, text: impl Into<String>) {
        self.log.note(&join(self.path, old), Change::Renamed, text);
        self.log.moved(self.path, old, new);
    }

    /// Passes over the value at `key`, and says why that is safe.
    pub(super) fn ignore(&mut self, key: &str, why: &str) {
        if self.config.remove(key).is_some_and(|value| !value.is_null()) {
            self.log.note(&join(self.path, key), Change::Ignored, why);
        }
    }

    /// Puts `name` in place of the value at `key`.
    pub(super) fn replace(&mut self, key: &str, name: &str) {
        self.log.note(&join(self.path, key), Change::Reinterpreted, format!("`{name}`"));
        self.config.insert(key.to_owned(), name.into());
    }

    /// An error about the value at `key`.
    pub(super) fn error(&self, key: &str, message: impl ToString) -> Error {
        Error::config(join(self.path, key), message)
    }
}

/// The rules for the config of one object, in their order.
const RULES: &[fn(&mut Layer<'_>) -> Result<()>] = &[
    keras1::rename_keys,
    keras1::kernel_size,
    keras1::data_format,
    keras1::batch_normalization,
    keras1::governing_objects,
    leaky_slope,
    default_data_format,
    inputs::input_layer,
    inputs::input_shape,
    spelling::snake_case,
    activations::hard_sigmoid,
];

/// Upgrades the entries in the value at `path`, at any depth. Paths in errors are those of the
/// upgraded document.
pub(super) fn upgrade(value: &mut Value, path: &str, log: &mut Log) -> Result<()> {
    match value {
        Value::Object(object) => {
            upgrade_object(object, path, log)?;
            object.iter_mut().try_for_each(|(key, value)| upgrade(value, &join(path, key), log))
        }
        Value::Array(items) => {
            let mut items = items.iter_mut().enumerate();
            items.try_for_each(|(i, item)| upgrade(item, &format!("{path}[{i}]"), log))
        }
        _ => Ok(()),
    }
}

/// Upgrades one object, if it is an entry; what its config holds comes later.
fn upgrade_object(object: &mut Map<String, Value>, path: &str, log: &mut Log) -> Result<()> {
    let Some(Value::String(class_name)) = object.get("class_name") else { return Ok(()) };
    let class_name = class_name.clone();
    refuse(&class_name, object, path)?;
    refuse_unknown(object, path, KEYS)?;
    let class_name = rename_class(object, class_name, path, log);
    let Some(config) = object.get_mut("config") else { return Ok(()) };
    let path = join(path, "config");
    if class_name == "Sequential" {
        sequential_list(config, &path, log);
        inputs::only_first(config, &path, log);
    }
    let Value::Object(config) = config else { return Ok(()) };
    let mut layer = Layer { class_name: &class_name, config, path: &path, log };
    RULES.iter().try_for_each(|rule| rule(&mut layer))
}

/// Refuses what cannot be a layer here, whatever its config.
fn refuse(class_name: &str, object: &Map<String, Value>, path: &str) -> Result<()> {
    let message = match class_name {
        "Lambda" | "__lambda__" => format!(
            "{class_name} holds Python code, which is never run here; put a layer or an activation \
             of your own in its place, registered under a name"
        ),
        "Functional" | "Model" => {
            let layers = object.get("config").and_then(|config| config.get("layers"));
            let count = layers.and_then(Value::as_array).map_or(0, Vec::len);
            format!(
                "this is a functional model (class {class_name}), a graph of {count} layers; only \
                 Sequential models can be loaded as yet"
            )
        }
        _ => return Ok(()),
    };
    Err(Error::config(join(path, "class_name"), message))
}

/// Gives the class the name it has in Keras 3.
fn rename_class(
    object: &mut Map<String, Value>,
    class_name: String,
    path: &str,
    log: &mut Log,
) -> String {
    let new = match class_name.as_str() {
        "BatchNormalizationV1" | "BatchNormalizationV2" => "BatchNormalization",
        "Convolution2D" => "Conv2D",
        _ => return class_name,
    };
    object.insert("class_name".into(), new.into());
    log.note(&join(path, "class_name"), Change::Renamed, format!("`{new}`"));
    new.to_owned()
}

/// Until Keras 2.2.2 the config of a Sequential was the list of its layers.
fn sequential_list(config: &mut Value, path: &str, log: &mut Log) {
    if config.is_array() {
        *config = json!({ "layers": config.take() });
        log.moved(path, "", "layers");
    }
}

/// LeakyReLU's slope is called `alpha` up to Keras 2.
fn leaky_slope(layer: &mut Layer<'_>) -> Result<()> {
    if layer.class_name == "LeakyReLU" {
        layer.rename("alpha", "negative_slope");
    }
    Ok(())
}

/// No data format means the default one.
fn default_data_format(layer: &mut Layer<'_>) -> Result<()> {
    if layer.config.get("data_format").is_some_and(Value::is_null) {
        layer.config.remove("data_format");
    }
    Ok(())
}

/// Refuses convolutions of Theano, which turns their kernels round; `path` says so.
pub(super) fn refuse_theano(entry: &Value, path: &str) -> Result<()> {
    let convolves = |class_name: &str| class_name.contains("Conv");
    let is_convolution = |object: &Map<String, Value>| {
        object.get("class_name").and_then(Value::as_str).is_some_and(convolves)
    };
    if any_object(entry, &is_convolution) {
        let message = "the convolutions of the Theano backend turn their kernels round, so that \
                       the weights would not fit; load the model in Keras 2 with the TensorFlow \
                       backend, convert the kernels (convert_all_kernels_in_model) and save it again";
        return Err(Error::config(path, message));
    }
    Ok(())
}
