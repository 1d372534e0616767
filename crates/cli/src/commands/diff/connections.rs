//! Which layer reads which, in two models that branch.

use std::collections::HashMap;

use ceratops::layers::{Model, Node};
use serde_json::{Map, Value};

use super::compare::{Row, differences};

/// Where two models lead their values other ways.
pub(super) fn row(a: &Model, b: &Model) -> Row {
    let of = |model: &Model| {
        let mut found = Map::new();
        connections(model, "", &mut found);
        Value::Object(found)
    };
    let mut configs = Vec::new();
    differences(&of(a), &of(b), "", &mut configs);
    let (title, weights) = ("the connections".into(), Vec::new());
    Row { title, missing: None, configs, weights, output: None }
}

/// What each layer of a model that branches reads, and what the model gives. Of a chain there is
/// nothing to say: the order of its layers says it.
fn connections(model: &Model, path: &str, found: &mut Map<String, Value>) {
    if !model.is_chain() {
        let mut reads: HashMap<&str, Vec<String>> = HashMap::new();
        for call in model.layer_calls() {
            let tensors = call.reads.iter().map(ToString::to_string);
            reads.entry(call.layer.name()).or_default().extend(tensors);
        }
        let layers = model.layers().iter().map(Node::name);
        for name in model.input_names().into_iter().chain(layers) {
            let reads = reads.remove(name).unwrap_or_default();
            found.insert(format!("{path}{name}"), reads.join(", ").into());
        }
        let outputs = model.output_origins();
        let outputs: Vec<String> = outputs.iter().map(ToString::to_string).collect();
        found.insert(format!("{path}the output"), outputs.join(", ").into());
    }
    let nested = |node: &Node| {
        let Some(model) = node.as_model() else { return };
        connections(model, &format!("{path}{}/", node.name()), found);
    };
    model.layers().iter().for_each(nested);
}
