//! Keras' JSON of an object: a class and its config.

use ceratops_core::{Error, Result};
use serde::{
    Serialize, Serializer,
    de::DeserializeOwned,
    ser::{Error as _, SerializeStruct},
};
use serde_json::{Map, Value};

/// The keys of an object; those after the second do not change what is computed.
const KEYS: [&str; 7] = [
    "class_name",
    "config",
    "module",
    "registered_name",
    "build_config",
    "compile_config",
    "shared_object_id",
];

/// Keys that TensorFlow 1 wrote into the config of an initializer, whose numbers are f32 here.
const LEFT_OUT: [&str; 2] = ["dtype", "verify_shape"];

/// A class by name, with those keys of its config that are not left at their defaults.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) class_name: String,
    config: Map<String, Value>,
}

impl Object {
    /// A class whose config is all defaults.
    pub(crate) fn named(class_name: &str) -> Self {
        Self { class_name: class_name.to_owned(), config: Map::new() }
    }

    /// The object in `value`, which shall be a `noun`.
    pub(crate) fn parse(value: Value, noun: &str) -> Result<Self> {
        let expected = "a name, or an object with `class_name` and `config`";
        let Value::Object(mut object) = value else {
            return Err(Error::argument(noun, expected, value));
        };
        let Some(class_name) = object.get("class_name").and_then(Value::as_str).map(str::to_owned)
        else {
            return Err(Error::argument(noun, expected, Value::Object(object)));
        };
        let config = match object.remove("config") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(config)) => config,
            // The name of a function of a user's own.
            Some(Value::String(name)) => return Ok(Self::named(&name)),
            Some(other) => {
                return Err(Error::config("config", format!("expected an object, got {other}")));
            }
        };
        // Keras registers the classes of its users under a name, and its own under none.
        if let Some(Value::String(registered)) = object.get("registered_name")
            && *registered != class_name
        {
            return Ok(Self { class_name: registered.clone(), config });
        }
        match object.iter().find(|(key, value)| !value.is_null() && !KEYS.contains(&key.as_str())) {
            Some((key, _)) => Err(Error::unknown(format!("key of the {noun}"), key, KEYS)),
            None => Ok(Self { class_name, config }),
        }
    }

    /// Whether this is the class `class`, in any spelling: `GlorotUniform`, `glorot_uniform`,
    /// `glorotUniform`, and `GlorotUniformV2` or `OrthogonalInitializer`, which Keras still knows.
    pub(crate) fn is(&self, class: &str) -> bool {
        let plain = |name: &str| name.replace('_', "").to_lowercase();
        let name = self.class_name.as_str();
        let stem = name.strip_suffix("V2").or_else(|| name.strip_suffix("Initializer"));
        plain(name) == plain(class) || stem.is_some_and(|stem| plain(stem) == plain(class))
    }

    /// The config as a `T`, with `T`'s defaults for what it does not say.
    pub(crate) fn read<T: Default + Serialize + DeserializeOwned>(self, class: &str) -> Result<T> {
        let mut keys = config_of(&T::default())?;
        for (key, value) in self.config {
            if keys.contains_key(&key) {
                keys.insert(key, plain(value));
            } else if !value.is_null() && !LEFT_OUT.contains(&key.as_str()) {
                let known = keys.keys().map(String::as_str);
                let unknown = Error::unknown(format!("key of {class}"), &key, known);
                return Err(Error::config(format!("config.{key}"), unknown));
            }
        }
        let value = if keys.is_empty() { Value::Null } else { Value::Object(keys) };
        serde_path_to_error::deserialize(value)
            .map_err(|e| Error::config(format!("config.{}", e.path()), e.inner()))
    }
}

/// The config of a class: its fields, or no keys at all for a unit struct.
fn config_of(class: &impl Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(class).map_err(|e| Error::config("config", e))? {
        Value::Object(keys) => Ok(keys),
        _ => Ok(Map::new()),
    }
}

/// `value` without what old and new versions of Keras wrap around a number: an array of no axes,
/// a tensor, a generator of random numbers that began with a seed; or around several: a tuple.
fn plain(mut value: Value) -> Value {
    let wrapper = match value.get("class_name").or_else(|| value.get("type")) {
        Some(Value::String(wrapper)) => wrapper.as_str(),
        _ => return value,
    };
    let path = match wrapper {
        "ndarray" => "/value",
        "__numpy__" | "__tensor__" => "/config/value",
        "SeedGenerator" => "/config/seed",
        "__tuple__" => "/items",
        _ => return value,
    };
    value.pointer_mut(path).map(Value::take).unwrap_or(value)
}

/// Writes Keras 3's object.
pub(crate) fn write<S: Serializer>(
    serializer: S,
    module: &str,
    class_name: &str,
    class: &impl Serialize,
) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_struct("Object", 4)?;
    object.serialize_field("module", module)?;
    object.serialize_field("class_name", class_name)?;
    object.serialize_field("config", &config_of(class).map_err(S::Error::custom)?)?;
    object.serialize_field("registered_name", &())?;
    object.end()
}

/// The name of the class or function that `value` stands for.
pub(crate) fn name(value: &Value) -> String {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let named = match value {
        Value::String(name) => Some(name.as_str()),
        // A function has its name for a config, and a class of a user's own is registered by one.
        _ => text("config").or(text("registered_name")).or(text("class_name")),
    };
    named.map_or_else(|| value.to_string(), str::to_owned)
}
