//! Functional models: those whose layers form a chain are read as such, others as graphs.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use ceratops_core::{Result, Tensor};
use ceratops_formats::json::{self, Change, Dialect, Loaded};
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

const TFJS_CHAIN: &str = include_str!("../../../tests/json/graphs/tfjs_chain.json");

fn names(model: &Sequential) -> Vec<&str> {
    model.layers().iter().map(|layer| layer.name()).collect()
}

#[test]
fn a_chain_is_a_sequential() {
    for document in graph!("chain") {
        let Loaded { model, report, .. } = read(document).unwrap();
        assert_eq!(model.name(), "chain");
        assert_eq!(names(&model), ["c", "l", "f", "d"]);
        assert_eq!(model.input_shape().unwrap().to_string(), "(None, 6, 6, 1)");
        assert_eq!(model.count_params(), 20 + 32 * 3 + 3);
        assert_eq!(report.notes[0].path, "class_name");
    }
    let Loaded { model, report, .. } = read(TFJS_CHAIN).unwrap();
    assert_eq!((names(&model), model.count_params()), (vec!["c", "l", "f", "d"], 20 + 32 * 3 + 3));
    assert_eq!(report.dialect, Dialect::TensorFlowJs);
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
        let Loaded { model, .. } = read(document).unwrap();
        assert_eq!(model.output_names(), ["d", "c"]);
    }
    let tfjs = read(include_str!("../../../tests/json/graphs/tfjs_outputs.json")).unwrap();
    assert_eq!(tfjs.model.output_names(), ["d", "c"]);
    let lenet = read(LENET_TFJS).unwrap();
    assert_eq!(lenet.model.output_names().len(), 7);
    assert_eq!((lenet.model.layers().len(), lenet.model.count_params()), (9, 44_426));
}

/// Keras 1 says `Model` of it, and its layers speak its words.
#[test]
fn keras_1_has_chains_too() {
    let node = |class_name: &str, name: &str, config: Value, from: &str| {
        let inbound = if from.is_empty() { json!([]) } else { json!([[[from, 0, 0]]]) };
        json!({"class_name": class_name, "name": name, "config": config, "inbound_nodes": inbound})
    };
    let document = json!({
        "class_name": "Model", "keras_version": "1.2.2", "config": {
            "name": "model_1", "input_layers": [["input_1", 0, 0]], "output_layers": [["d", 0, 0]],
            "layers": [
                node("InputLayer", "input_1", json!({"batch_input_shape": [null, 4],
                    "input_dtype": "float32", "sparse": false, "name": "input_1"}), ""),
                node("Dense", "d", json!({"output_dim": 3, "init": "normal", "bias": false,
                    "activation": "linear", "name": "d"}), "p"),
                node("Dropout", "p", json!({"p": 0.5, "name": "p"}), "input_1"),
            ],
        },
    });
    let Loaded { model, report, .. } = read(&document.to_string()).unwrap();
    assert_eq!((names(&model), model.count_params()), (vec!["p", "d"], 12));
    let noted = |path: &str| report.notes.iter().any(|note| note.path == path);
    assert!(noted("config.layers[1].config.output_dim") && noted("config.layers[2].config.p"));
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
        let Loaded { model, report, .. } = read(&document.to_string()).unwrap();
        assert_eq!(names(&model), ["c", "l", "f"]);
        let dropped = |change| ("config.layers[4]", change);
        assert!(
            report.notes.iter().any(|n| (n.path.as_str(), n.change) == dropped(Change::Ignored))
        );
    }
}

/// A layer called twice, branches, several inputs and outputs: each is called as the document says.
#[test]
fn other_graphs_are_read_as_they_are() {
    for (documents, inputs) in [(graph!("shared"), 1), (graph!("branch"), 1), (graph!("two"), 2)] {
        for document in documents {
            let model = read(document).unwrap().model;
            assert!(!model.is_sequential());
            assert_eq!(model.input_names().len(), inputs);
            let xs: Vec<Tensor> = model
                .input_shapes()
                .iter()
                .map(|shape| Tensor::full(&[&[2], &*shape.features().unwrap()].concat(), 0.5))
                .collect();
            let y = model.predict_all(xs.clone()).unwrap();
            assert!(y.iter().all(|(_, y)| y.batch() == 2));
            // Written and read again, it computes the same with the same weights.
            for words in [json::Words::Keras3, json::Words::Keras2] {
                let written = json::write_as(&model, words, &Default::default()).unwrap();
                let mut again = read(&written.document.to_string()).unwrap().model;
                again.set_weights(&model.get_weights()).unwrap();
                assert_eq!(again.predict_all(xs.clone()).unwrap(), y);
            }
        }
    }
}

#[test]
fn broken_graphs_are_refused() {
    let mut changed = value(graph!("chain")[0]);
    let mut refused = |pointer: &str, new: Value, what: &str| {
        let old = changed.pointer_mut(pointer).unwrap();
        let old = std::mem::replace(old, new);
        let error = read(&changed.to_string()).unwrap_err().to_string();
        assert!(error.contains(what), "{error}\n{what}");
        *changed.pointer_mut(pointer).unwrap() = old;
    };
    let from = |name: &str| json!([[[name, 0, 0, {}]]]);
    let inbound = |i: usize| format!("/config/layers/{i}/inbound_nodes");
    refused(&inbound(2), from("d"), "circle");
    refused(&inbound(2), from("l"), "circle");
    refused(&inbound(2), from("x"), "unknown layer `x`");
    refused(&inbound(2), json!([[["c", 0, 1, {}]]]), "output 1 of it is asked for");
    refused(&inbound(2), json!(3), "expected a list, got 3");
    refused("/config/layers/2/name", "c".into(), "a layer \"c\" already");
    refused("/config/input_layers", json!([["x", 0, 0]]), "unknown InputLayer `x`");
    refused("/config/input_layers", json!([["c", 0, 0]]), "\"c\" is a ");
    refused("/config/output_layers", json!([["x", 0, 0]]), "unknown layer `x`");
    refused("/config/output_layers", json!([]), "output");
    refused("/config/layers", json!({}), "expected a list");
    refused("/config", Value::Null, "expected an object with `layers`");
}

/// Keras 3 records the mask of each input of a nested model, also where none has one.
#[test]
fn no_mask_for_any_input_is_no_argument() {
    let mut document = value(graph!("two")[1]);
    for layer in document["config"]["layers"].as_array_mut().unwrap() {
        for node in layer["inbound_nodes"].as_array_mut().unwrap() {
            node["kwargs"]["mask"] = json!([null, null]);
        }
    }
    assert_eq!(read(&document.to_string()).unwrap().model.input_names().len(), 2);
}

/// One document has the words of Keras 2, in which the mode counts, and one those of Keras 3.
#[test]
fn a_call_may_name_a_mode() {
    let modes = graph!("frozen").map(|document| {
        let model = read(document).unwrap().model;
        model.get_layer("b").unwrap().training()
    });
    assert!(modes.contains(&None) && modes.contains(&Some(false)), "{modes:?}");
}

/// Keras 3 writes `ops.elu(x, alpha)` and its like into a model as layers of another module; the numbers
/// are those of real Keras 3.15.
#[test]
fn operations_in_a_row_become_layers() {
    let of = |class_name: &str, config: Value| {
        let tensor = json!({"class_name": "__keras_tensor__", "config": {
            "shape": [null, 4], "dtype": "float32", "keras_history": ["x", 0, 0]}});
        let mut settings = json!({"name": "op"});
        settings.as_object_mut().unwrap().extend(config.as_object().unwrap().clone());
        let document = json!({"module": "keras.src.models.functional", "class_name": "Functional",
            "registered_name": "Functional", "config": {"name": "m", "trainable": true, "layers": [
                {"module": "keras.layers", "class_name": "InputLayer", "registered_name": null,
                    "config": {"batch_shape": [null, 4], "dtype": "float32", "name": "x"},
                    "name": "x", "inbound_nodes": []},
                {"module": "keras.src.ops.nn", "class_name": class_name, "registered_name": class_name,
                    "config": settings, "name": "op",
                    "inbound_nodes": [{"args": [tensor], "kwargs": {}}]},
            ], "input_layers": ["x", 0, 0], "output_layers": ["op", 0, 0]}});
        let x = Tensor::from([[-2.0, -0.5, 0.5, 8.0]]);
        read(&document.to_string()).map(|loaded| loaded.model.predict(&x).unwrap())
    };
    let near = |found: Result<Tensor>, expected: [f32; 4]| {
        let found = found.unwrap();
        let pairs = found.as_slice().iter().zip(expected);
        assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}");
    };
    near(of("Relu", json!({})), [0.0, 0.0, 0.5, 8.0]);
    near(of("Relu6", json!({})), [0.0, 0.0, 0.5, 6.0]);
    near(of("Elu", json!({"alpha": 0.5})), [-0.432_332_36, -0.196_734_67, 0.5, 8.0]);
    near(of("LeakyRelu", json!({"negative_slope": 0.3})), [-0.6, -0.15, 0.5, 8.0]);
    near(of("Softsign", json!({})), [-0.666_666_7, -0.333_333_34, 0.333_333_34, 0.888_888_9]);
    let reshaped = of("Reshape", json!({"newshape": [-1, 2, 2]})).unwrap();
    assert_eq!(reshaped.shape(), [1, 2, 2]);
    let error = of("Reshape", json!({"newshape": [2, -1]})).unwrap_err().to_string();
    assert!(error.contains("expected -1 for the first axis, which counts the samples"), "{error}");
}
