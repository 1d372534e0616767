//! Which layer reads which, in two models that branch.

use ceratops::{
    Result,
    layers::{Model, Node},
};
use serde_json::{Map, Value};

use super::compare::{Row, differences};

/// Where two models lead their values other ways.
pub(super) fn row(a: &Model, b: &Model) -> Result<Row> {
    let of = |model: &Model| {
        let mut found = Map::new();
        connections(model, "", &mut found).map(|()| Value::Object(found))
    };
    let mut configs = Vec::new();
    differences(&of(a)?, &of(b)?, "", &mut configs);
    let (title, weights) = ("the connections".into(), Vec::new());
    Ok(Row { title, missing: None, configs, weights, output: None })
}

/// What each layer of a model that branches reads, and what the model gives. Of a chain there is
/// nothing to say: the order of its layers says it.
fn connections(model: &Model, path: &str, found: &mut Map<String, Value>) -> Result<()> {
    if !model.is_chain() {
        let config = model.to_entry()?["config"].take();
        for layer in config["layers"].as_array().into_iter().flatten() {
            let name = layer["config"]["name"].as_str().unwrap_or_default();
            found.insert(format!("{path}{name}"), reads(&layer["inbound_nodes"]).into());
        }
        found.insert(format!("{path}the output"), config["output_layers"].clone());
    }
    let nested = |node: &Node| -> Result<()> {
        let Some(model) = node.as_model() else { return Ok(()) };
        connections(model, &format!("{path}{}/", node.name()), found)
    };
    model.layers().iter().try_for_each(nested)
}

/// The tensors of all calls of a layer, as `summary` names them.
fn reads(calls: &Value) -> String {
    let mut names = Vec::new();
    tensors(calls, &mut names);
    names.join(", ")
}

fn tensors(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(object) => match object.get("keras_history").and_then(Value::as_array) {
            Some(history) => {
                let part = |i: usize| history.get(i).cloned().unwrap_or_default();
                let layer = part(0);
                let layer = layer.as_str().unwrap_or_default();
                names.push(format!("{layer}[{}][{}]", part(1), part(2)));
            }
            None => object.values().for_each(|value| tensors(value, names)),
        },
        Value::Array(values) => values.iter().for_each(|value| tensors(value, names)),
        _ => {}
    }
}
