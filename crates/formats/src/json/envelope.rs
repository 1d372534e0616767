//! What a model's entry comes in: the bare entry, TF.js' `model.json`, a converter's
//! `model_config`.

use ceratops_core::{Error, Result};
use serde_json::{Map, Value, json};

use super::{Change, dialect::Detected, log::Log, log::join, parse, shown};

/// The entry of the model, taken out of what it came in.
pub(super) struct Opened {
    pub(super) entry: Value,
    /// Where it stood.
    path: String,
    /// The dialect, if a version tells it.
    detected: Option<Detected>,
    /// What was passed over, and why that is safe.
    passed: Vec<(String, &'static str)>,
    /// How the model was compiled, if it says so.
    pub(super) training: Option<Value>,
    /// The class of the model, where the document is its config alone.
    wrapped: Option<&'static str>,
}

/// Keys beside the entry that say nothing about the model itself, and why.
const PASSED: &[(&str, &str)] = &[
    ("weightsManifest", WEIGHTS),
    ("weightData", WEIGHTS),
    ("weightSpecs", WEIGHTS),
    ("trainingConfig", TRAINING),
    ("training_config", TRAINING),
    ("compile_config", TRAINING),
    ("userDefinedMetadata", "a user's notes"),
    ("signature", "it repeats the model's inputs and outputs"),
];

const WEIGHTS: &str = "the weights are not part of the architecture";
const TRAINING: &str = "how the model was compiled is handed back beside the model";

/// Keys of a `model.json` that say only how it came about.
const ORIGIN: &[&str] = &["format", "generatedBy", "convertedBy"];

const GRAPH: &str = "this is a TensorFlow graph, in which layers are no longer told apart; \
                     convert the Keras model to a layers model instead \
                     (--output_format=tfjs_layers_model)";

/// Opens `document`, whose `keras_version` the caller may know.
pub(super) fn open(document: Value, version: Option<&str>) -> Result<Opened> {
    let mut opened = Opened {
        entry: document,
        path: String::new(),
        detected: version.map(Detected::of_version).transpose()?,
        passed: Vec::new(),
        training: None,
        wrapped: None,
    };
    opened.unquote()?;
    opened.wrap_config();
    if opened.has("modelTopology") {
        opened.check_format()?;
        opened.pass_over();
        opened.step_into("modelTopology", ORIGIN)?;
    }
    if opened.has("node") {
        return Err(Error::config(join(&opened.path, "node"), GRAPH));
    }
    opened.take_origin()?;
    opened.pass_over();
    if opened.has("model_config") {
        opened.step_into("model_config", &[])?;
        opened.take_origin()?;
        opened.pass_over();
    }
    Ok(opened)
}

impl Opened {
    /// The log of what was done so far.
    pub(super) fn log(&mut self) -> Log {
        let detected = self.detected.take();
        let detected = detected.unwrap_or_else(|| Detected::of_entry(&self.entry));
        let mut log = Log::new(detected, &self.path);
        if let Some(class_name) = self.wrapped {
            log.moved("", "", "config");
            let text = format!("the config of a {class_name} model, as get_config() gives it");
            log.note_at(String::new(), Change::Reinterpreted, text);
        }
        for (path, why) in self.passed.drain(..) {
            log.note_at(path, Change::Ignored, why);
        }
        log
    }

    /// Puts the class around what `model.get_config()` alone gave.
    fn wrap_config(&mut self) {
        let is_list = self.entry.as_array().is_some_and(|layers| !layers.is_empty());
        let bare = self.entry.get("layers").is_some_and(Value::is_array)
            && self.entry.get("class_name").is_none();
        if !is_list && !bare {
            return;
        }
        let class_name = if self.has("input_layers") { "Functional" } else { "Sequential" };
        self.entry = json!({ "class_name": class_name, "config": self.entry.take() });
        self.wrapped = Some(class_name);
    }

    fn has(&self, key: &str) -> bool {
        self.entry.get(key).is_some_and(|value| !value.is_null())
    }

    fn error(&self, key: &str, message: impl ToString) -> Error {
        Error::config(join(&self.path, key), message)
    }

    /// The value itself, where a JSON text was written as a string in JSON once more.
    fn unquote(&mut self) -> Result<()> {
        if let Value::String(text) = &self.entry {
            self.entry = parse(text).map_err(|e| match self.path.as_str() {
                "" => e,
                path => Error::config(path, e),
            })?;
        }
        Ok(())
    }

    fn check_format(&self) -> Result<()> {
        match self.entry.get("format") {
            None | Some(Value::Null) => Ok(()),
            Some(Value::String(format)) if format == "layers-model" => Ok(()),
            Some(Value::String(format)) if format == "graph-model" => {
                Err(self.error("format", GRAPH))
            }
            Some(other) => {
                let message = format!("expected \"layers-model\", got {}", shown(other));
                Err(self.error("format", message))
            }
        }
    }

    /// Goes on with the value at `key`; of the keys beside it only `known` ones may be there.
    fn step_into(&mut self, key: &str, known: &[&str]) -> Result<()> {
        let Value::Object(object) = &mut self.entry else { return Ok(()) };
        let inner = object.remove(key).unwrap_or_default();
        refuse_unknown(object, &self.path, known)?;
        self.entry = inner;
        self.path = join(&self.path, key);
        self.unquote()
    }

    /// Takes the version and the backend.
    fn take_origin(&mut self) -> Result<()> {
        if let Some(version) = self.take_text("keras_version")?
            && self.detected.is_none()
        {
            let detected = Detected::of_version(&version);
            self.detected = Some(detected.map_err(|e| self.error("keras_version", e))?);
        }
        // What a backend does differently is a matter of the weights.
        self.take_text("backend").map(drop)
    }

    fn take_text(&mut self, key: &str) -> Result<Option<String>> {
        let taken = self.entry.as_object_mut().and_then(|object| object.remove(key));
        match taken {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => {
                Err(self.error(key, format!("expected a string, got {}", shown(&other))))
            }
        }
    }

    /// Passes over what says nothing about the model; how it was compiled is kept.
    fn pass_over(&mut self) {
        let Value::Object(object) = &mut self.entry else { return };
        let empty = |value: &Value| value.is_null() || *value == Value::Object(Map::new());
        for (key, why) in PASSED {
            let Some(value) = object.remove(*key).filter(|value| !empty(value)) else { continue };
            self.passed.push((join(&self.path, key), why));
            if *why == TRAINING && self.training.is_none() {
                self.training = Some(value);
            }
        }
    }
}

/// Refuses a key of the object at `path` that is neither null nor `known`.
pub(super) fn refuse_unknown(
    object: &Map<String, Value>,
    path: &str,
    known: &[&str],
) -> Result<()> {
    match object.iter().find(|(key, value)| !value.is_null() && !known.contains(&key.as_str())) {
        None => Ok(()),
        Some((key, value)) => {
            let unknown = Error::unknown("key", key, known.iter().copied());
            let message = format!("{unknown} (it holds {})", shown(value));
            Err(Error::config(join(path, key), message))
        }
    }
}
