//! Functional models whose layers form a chain are read; the others are refused.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use ceratops_formats::json::{self, Change, Loaded};
use ceratops_layers::{Registry, Sequential};
use common::*;
use serde_json::{Value, json};

fn read(document: &str) -> ceratops_core::Result<Loaded> {
    json::read(document, &Registry::builtin())
}

/// Both Kerases' document of that name.
macro_rules! graph {
    ($name:literal) => {
        [
            include_str!(concat!("../../../tests/json/graphs/k2_", $name, ".json")),
            include_str!(concat!("../../../tests/json/graphs/k3_", $name, ".json")),
        ]
    };
}

fn names(model: &Sequential) -> Vec<&str> {
    model.layers().iter().map(|layer| layer.name()).collect()
}

#[test]
fn a_chain_is_a_sequential() {
    for document in graph!("chain") {
        let Loaded { model, report, outputs, .. } = read(document).unwrap();
        assert_eq!((model.name().as_str(), outputs), ("chain", None));
        assert_eq!(names(&model), ["c", "l", "f", "d"]);
        assert_eq!(model.input_shape().unwrap().to_string(), "(None, 6, 6, 1)");
        assert_eq!(model.count_params(), 20 + 32 * 3 + 3);
        assert_eq!(report.notes[0].path, "class_name");
    }
    for document in graph!("nested") {
        let model = read(document).unwrap().model;
        assert_eq!(names(&model), ["c", "l", "f", "d", "inner", "deep"]);
        let inner = |i: usize| model.layers()[i].downcast_ref::<Sequential>().unwrap();
        assert_eq!((names(inner(4)), names(inner(5))), (vec!["e"], vec!["h"]));
    }
}

#[test]
fn a_chain_may_give_several_outputs() {
    for document in graph!("outputs") {
        let Loaded { model, report, outputs, .. } = read(document).unwrap();
        assert_eq!(outputs, Some(vec!["d".to_owned(), "c".to_owned()]));
        assert_eq!(names(&model).last(), Some(&"d"));
        let note = report.notes.iter().find(|note| note.path == "config.output_layers").unwrap();
        assert_eq!(
            note.to_string(),
            "config.output_layers: read as the last layer's output; the model gave those of \"d\", \
             \"c\""
        );
    }
    let lenet = read(LENET_TFJS).unwrap();
    assert_eq!(lenet.outputs.unwrap().len(), 7);
    assert_eq!((lenet.model.layers().len(), lenet.model.count_params()), (9, 44_426));
}

/// Wherever the layers stand in the file, and whatever it says of places, it is the same model.
#[test]
fn layers_may_stand_in_any_order() {
    for document in graph!("chain") {
        let mut turned = value(document);
        turned["config"]["layers"].as_array_mut().unwrap().reverse();
        let (model, again) = (read(document).unwrap().model, read(&turned.to_string()).unwrap());
        let json = |model: &Sequential| ceratops_formats::ModelJson::to_json(model).unwrap();
        assert_eq!(json(&again.model), json(&model));
        // c stands fourth of five now, and is spoken of as such.
        turned["config"]["layers"][3]["config"]["filters"] = "x".into();
        let error = read(&turned.to_string()).unwrap_err().to_string();
        assert!(error.starts_with("config.layers[3].config.filters: "), "{error}");
    }
}

/// Keras drops them, too, when it makes the model of its config.
#[test]
fn layers_behind_the_last_output_are_dropped() {
    for document in graph!("chain") {
        let mut document = value(document);
        document["config"]["output_layers"] = json!([["f", 0, 0]]);
        let Loaded { model, report, outputs, .. } = read(&document.to_string()).unwrap();
        assert_eq!((names(&model), outputs), (vec!["c", "l", "f"], None));
        let dropped = |change| ("config.layers[4]", change);
        assert!(
            report.notes.iter().any(|n| (n.path.as_str(), n.change) == dropped(Change::Ignored))
        );
    }
}

#[test]
fn other_graphs_are_refused() {
    let chain = "this is a functional model, of which only those can be loaded as yet whose layers \
                 form a chain: ";
    for (documents, place, what) in [
        (graph!("branch"), "layers[6].inbound_nodes", "\"sum\" takes 2 inputs"),
        (graph!("shared"), "layers[5].inbound_nodes", "\"shared\" is used 2 times"),
        (
            graph!("frozen"),
            "layers[2].inbound_nodes",
            "\"b\" is called with an argument besides its input: training = false",
        ),
        (graph!("two"), "layers[2].inbound_nodes", "\"both\" takes 2 inputs"),
    ] {
        for document in documents {
            let error = read(document).unwrap_err().to_string();
            assert_eq!(error, format!("config.{place}: {chain}{what}"));
        }
    }
    let mut changed = value(graph!("chain")[0]);
    let mut refused = |pointer: &str, new: Value, what: &str| {
        let old = changed.pointer_mut(pointer).unwrap();
        let old = std::mem::replace(old, new);
        let error = read(&changed.to_string()).unwrap_err().to_string();
        assert!(error.ends_with(what), "{error}\n{what}");
        *changed.pointer_mut(pointer).unwrap() = old;
    };
    let from = |name: &str| json!([[[name, 0, 0, {}]]]);
    let inbound = |i: usize| format!("/config/layers/{i}/inbound_nodes");
    refused(&inbound(3), from("c"), "it branches at \"c\", to \"l\" and \"f\"");
    refused(&inbound(2), from("d"), "no chain leads from its input to \"l\"");
    refused(&inbound(2), from("l"), "it branches at \"l\", to \"l\" and \"f\"");
    refused(&inbound(2), from("x"), "no chain leads from its input to \"l\"");
    refused(&inbound(0), from("d"), "its input \"image\" is within it");
    refused(&inbound(2), json!([[["c", 0, 1, {}]]]), "it takes output 1 of \"c\"");
    refused(&inbound(2), json!(3), "expected a list, got 3");
    refused("/config/layers/2/name", "c".into(), "it has two layers \"c\"");
    refused("/config/input_layers", json!([["x", 0, 0]]), "there is no layer \"x\", its input");
    refused("/config/input_layers", json!([]), "it has 0 inputs");
    refused("/config/output_layers", json!([["x", 0, 0]]), "there is no layer \"x\"");
    refused("/config/output_layers", json!([]), "it names no output");
    refused("/config/output_layers", json!(["image", 0, 0]), "it gives its input as an output");
    refused("/config/layers", json!({}), "expected a list");
    refused("/config", Value::Null, "expected an object with `layers`");
}
