//! From JSON to a model.

use ceratops_core::{Error, Result};
use ceratops_layers::{Node, Registry, Sequential};
use serde_json::Value;

use super::{
    Report, dialect::Detected, envelope, functional, keras1_merge, limit, log::Log, missing, parse,
    pipeline, shown, upgrade, values,
};

/// A model, and what was made of its document.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The model, with fresh weights.
    pub model: Sequential,
    /// What was read, and what was changed or passed over on the way.
    pub report: Report,
    /// How the model was compiled, if the document says so: what stands at `compile_config`,
    /// `training_config` or `trainingConfig`, in the words of the report's dialect.
    pub training: Option<Value>,
}

/// Reads the model that `document` describes: the JSON of `model.to_json()` in Keras 1, 2 or 3 or
/// in TensorFlow.js, or a `model.json` of TensorFlow.js.
///
/// A functional model is read as a Sequential if its layers form a chain to one output, in whatever
/// order they stand in the document. Its layers and activations are looked up in `registry`. How the model was
/// compiled is handed back as it stands. Keys that are null, and every `build_config`, are passed
/// over without a note: the shapes follow from the input.
///
/// # Errors
/// Whatever the document says that cannot be done just so: unknown classes and keys that are not
/// null, values of the wrong kind, Python code (`Lambda`). The
/// message begins with the place in the document: `config.layers[2].config.units: ...`.
pub fn read(document: &str, registry: &Registry) -> Result<Loaded> {
    read_value(parse(document)?, None, registry)
}

/// [`read`] of a document that is parsed already. Its `keras_version` may be known from elsewhere,
/// such as the `metadata.json` of a `.keras` file.
pub fn read_value(
    document: Value,
    keras_version: Option<&str>,
    registry: &Registry,
) -> Result<Loaded> {
    let mut opened = envelope::open(document, keras_version)?;
    let mut log = opened.log();
    let node = read_entry(opened.entry, &mut log, registry)?;
    let model = node.as_model().cloned().map(Sequential::from).ok_or_else(|| {
        let class_name = node.class_name();
        let message = format!(
            "expected a Sequential model, got the layer {class_name}; read a single layer with \
             layer_from_json"
        );
        log.locate(Error::config("class_name", message))
    })?;
    Ok(Loaded { model, report: log.into_report(), training: opened.training })
}

/// The layer that a JSON entry `{"class_name": ..., "config": {...}}` of any dialect describes,
/// under its name if it has one.
///
/// ```
/// use ceratops_formats::layer_from_json;
/// use ceratops_layers::{LeakyReLU, Registry};
///
/// let entry = r#"{"class_name": "LeakyReLU", "config": {"alpha": 0.5}}"#;
/// let layer = layer_from_json(entry, &Registry::builtin())?;
/// assert_eq!(layer.downcast_ref(), Some(&LeakyReLU::new(0.5)));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
pub fn layer_from_json(json: &str, registry: &Registry) -> Result<Node> {
    let mut entry = parse(json)?;
    let version = entry.as_object_mut().and_then(|entry| entry.remove("keras_version"));
    let detected = match version.as_ref().map(Value::as_str) {
        None => Detected::of_entry(&entry),
        Some(version) => Detected::of_version(version.unwrap_or_default())?,
    };
    read_entry(entry, &mut Log::new(detected, ""), registry)
}

/// The layer or model that an entry describes.
fn read_entry(mut entry: Value, log: &mut Log, registry: &Registry) -> Result<Node> {
    if !entry.is_object() {
        let expected = "expected an object with `class_name` and `config`";
        let message = format!("{expected}, got {}", shown(&entry));
        let error = log.locate(Error::config("", message.as_str()));
        let nowhere = matches!(&error, Error::Config { path, .. } if path.is_empty());
        return Err(if nowhere { Error::Data(message) } else { error });
    }
    values::unwrap(&mut entry);
    pipeline::settle(&mut entry, "", log);
    keras1_merge::settle(&mut entry, log).map_err(|e| log.locate(e))?;
    if let Err(own_mask) = functional::settle(&mut entry, log) {
        let layers = functional::without_operations(&entry);
        return missing::check(&layers, registry).and(Err(own_mask)).map_err(|e| log.locate(e));
    }
    missing::check(&entry, registry).map_err(|e| log.locate(e))?;
    upgrade::upgrade(&mut entry, "", log)
        .and_then(|()| limit::check(&entry, registry))
        .and_then(|()| registry.layer(&entry))
        .map_err(|e| log.locate(e))
}
