//! Configs: what every layer says for its container, and the layer's own settings.

use ceratops_core::{Constrain, Error, MultiLayer, Regularize, Result, nearest};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// Refuses initializers, regularizers and constraints that are not known here. Where weights follow,
/// none is drawn, and only who trains needs the others.
pub(super) fn check_governing(config: &Map<String, Value>) -> Result<()> {
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
pub(super) fn check<L: MultiLayer + Default>(layer: &L) -> Result<()> {
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
