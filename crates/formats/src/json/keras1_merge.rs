//! The Merge of Keras 1: one class for all ways to merge, also as the first layer of a Sequential, whose
//! branches then stand within it.

use ceratops_core::{Error, Result};
use serde_json::{Map, Value, json};

use super::{
    Change,
    log::{Log, join},
    shown,
};

/// Brings each Merge in a document to the layers of later versions, at any depth. A Sequential that
/// begins with one becomes a functional model.
pub(super) fn settle(value: &mut Value, log: &mut Log) -> Result<()> {
    rename_all(value, "", log)?;
    join_all(value, "", log)
}

fn rename_all(value: &mut Value, path: &str, log: &mut Log) -> Result<()> {
    if let Value::Object(object) = value
        && object.get("class_name").is_some_and(|name| name == "Merge")
    {
        rename(object, path, log)?;
    }
    within(value, path, |value, path| rename_all(value, path, log))
}

fn join_all(value: &mut Value, path: &str, log: &mut Log) -> Result<()> {
    if begins_with_branches(value) {
        *value = graph_of(&value.take(), path)?;
        let text = "a functional model: its first layer merges several models";
        log.note(&join(path, "class_name"), Change::Reinterpreted, text);
    }
    within(value, path, |value, path| join_all(value, path, log))
}

/// Does so with each value within a list or an object.
fn within(
    value: &mut Value,
    path: &str,
    mut each: impl FnMut(&mut Value, &str) -> Result<()>,
) -> Result<()> {
    match value {
        Value::Object(object) => {
            object.iter_mut().try_for_each(|(key, value)| each(value, &join(path, key)))
        }
        Value::Array(items) => {
            let mut items = items.iter_mut().enumerate();
            items.try_for_each(|(i, item)| each(item, &format!("{path}[{i}]")))
        }
        _ => Ok(()),
    }
}

/// The layers of a Sequential; until Keras 2.2.2 its config was their list.
fn layers(entry: &Value) -> Option<&Vec<Value>> {
    let config = entry.get("config").filter(|_| entry["class_name"] == "Sequential")?;
    config.as_array().or_else(|| config.get("layers")?.as_array())
}

fn begins_with_branches(entry: &Value) -> bool {
    layers(entry).and_then(|layers| layers.first()).is_some_and(|first| branches(first).is_some())
}

/// The models that a layer merges.
fn branches(entry: &Value) -> Option<&Vec<Value>> {
    let merges = MERGING.contains(&entry["class_name"].as_str()?);
    entry.pointer("/config/layers")?.as_array().filter(|layers| merges && !layers.is_empty())
}

const MERGING: [&str; 6] = ["Add", "Average", "Concatenate", "Dot", "Maximum", "Multiply"];

/// Gives a Merge its name of today.
fn rename(object: &mut Map<String, Value>, path: &str, log: &mut Log) -> Result<()> {
    let config = object.get("config").cloned().unwrap_or_default();
    let config_path = join(path, "config");
    let wrong = |key: &str, message: String| Error::config(join(&config_path, key), message);
    if config.get("mode_type").is_some_and(|kind| *kind != "raw" && !kind.is_null()) {
        let message = "this Merge holds Python code, which is never run here".to_owned();
        return Err(wrong("mode", message));
    }
    let axis =
        |key: &str| config.get(key).filter(|axis| !axis.is_null()).cloned().unwrap_or(json!(-1));
    let dot = |normalize: bool| json!({ "axes": axis("dot_axes"), "normalize": normalize });
    let (class_name, own) = match config.get("mode").and_then(Value::as_str).unwrap_or("sum") {
        "sum" => ("Add", json!({})),
        "mul" => ("Multiply", json!({})),
        "ave" => ("Average", json!({})),
        "max" => ("Maximum", json!({})),
        "concat" => ("Concatenate", json!({ "axis": axis("concat_axis") })),
        "dot" => ("Dot", dot(false)),
        "cos" => ("Dot", dot(true)),
        other => {
            let known = "expected sum, mul, concat, ave, max, dot or cos";
            return Err(wrong("mode", format!("{known}, got {}", shown(&other.into()))));
        }
    };
    let mut new = own.as_object().cloned().unwrap_or_default();
    for key in ["name", "trainable", "layers"] {
        new.extend(config.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    object.insert("class_name".into(), class_name.into());
    object.insert("config".into(), new.into());
    log.note(&join(path, "class_name"), Change::Renamed, format!("`{class_name}`"));
    Ok(())
}

/// The functional model of a Sequential that begins with a Merge.
fn graph_of(entry: &Value, path: &str) -> Result<Value> {
    let mut graph = Graph::default();
    let output = graph.model(entry, path)?;
    let link = |name: &String| json!([name, 0, 0]);
    let name = entry.pointer("/config/name").cloned().unwrap_or_else(|| "model".into());
    let config = json!({
        "name": name, "layers": graph.layers, "output_layers": [link(&output)],
        "input_layers": graph.inputs.iter().map(link).collect::<Vec<_>>(),
    });
    Ok(json!({ "class_name": "Model", "config": config }))
}

/// A functional model as it comes to be.
#[derive(Default)]
struct Graph {
    layers: Vec<Value>,
    /// The names of its input layers.
    inputs: Vec<String>,
}

impl Graph {
    /// Appends the layers of a model; the name of the last.
    fn model(&mut self, entry: &Value, path: &str) -> Result<String> {
        let path = join(path, "config");
        let own;
        let layers = match layers(entry) {
            Some(layers) => layers,
            // A branch may be a layer by itself.
            None if entry["config"]["layers"].is_null() => {
                own = vec![entry.clone()];
                &own
            }
            None => {
                let message = "a functional model cannot be read where models are merged; merge its \
                               output in a functional model instead";
                return Err(Error::config(path, message));
            }
        };
        let mut last = None;
        for (i, layer) in layers.iter().enumerate() {
            last = Some(self.layer(layer, last, &format!("{path}[{i}]"))?);
        }
        last.ok_or_else(|| Error::config(path, "a model without layers"))
    }

    /// Appends a layer that reads the one named `from`, or that comes first; its name.
    fn layer(&mut self, entry: &Value, from: Option<String>, path: &str) -> Result<String> {
        let from = match (from, branches(entry)) {
            (Some(from), _) => vec![from],
            (None, Some(branches)) => {
                let path = join(path, "config.layers");
                let branches = branches.iter().enumerate();
                let branch = |(i, branch)| self.model(branch, &format!("{path}[{i}]"));
                branches.map(branch).collect::<Result<_>>()?
            }
            (None, None) if entry["class_name"] == "InputLayer" => Vec::new(),
            (None, None) => vec![self.input_of(entry, path)?],
        };
        let name = name(entry, path)?;
        if from.is_empty() {
            self.inputs.push(name.clone());
        }
        self.push(entry, &name, &from);
        Ok(name)
    }

    /// Appends an input for a layer that says what shape it takes; its name.
    fn input_of(&mut self, entry: &Value, path: &str) -> Result<String> {
        let Some(shape) = entry.pointer("/config/batch_input_shape").filter(|s| s.is_array())
        else {
            let message = "the first layer of a model says what shape its input has";
            return Err(Error::config(join(path, "config.batch_input_shape"), message));
        };
        let name = format!("{}_input", name(entry, path)?);
        let config = json!({ "name": name, "batch_input_shape": shape });
        let input = json!({ "class_name": "InputLayer", "config": config });
        self.inputs.push(name.clone());
        self.push(&input, &name, &[]);
        Ok(name)
    }

    fn push(&mut self, entry: &Value, name: &str, from: &[String]) {
        let mut entry = entry.clone();
        let class_name = entry["class_name"].as_str().unwrap_or_default().to_owned();
        let class_name = class_name.as_str();
        let is_input = entry["class_name"] == "InputLayer";
        let is_embedding = entry["class_name"] == "Embedding";
        if let Some(config) = entry.get_mut("config").and_then(Value::as_object_mut)
            && !is_input
        {
            // The layers above say it.
            config.remove("batch_input_shape");
            if MERGING.contains(&class_name) {
                config.remove("layers");
            }
            if !is_embedding {
                config.remove("input_dim");
            }
        }
        let from: Vec<Value> = from.iter().map(|from| json!([from, 0, 0])).collect();
        entry["name"] = name.into();
        entry["inbound_nodes"] = if from.is_empty() { json!([]) } else { json!([from]) };
        self.layers.push(entry);
    }
}

fn name(entry: &Value, path: &str) -> Result<String> {
    let name = entry.pointer("/config/name").and_then(Value::as_str).map(str::to_owned);
    name.ok_or_else(|| Error::config(join(path, "config.name"), "expected the layer's name"))
}
