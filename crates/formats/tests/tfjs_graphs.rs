//! Functional models of TensorFlow.js: read as it means them, written as it reads them.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod scratch;

use std::{fs, path::PathBuf};

use ceratops_core::Tensor;
use ceratops_formats::{
    Format,
    json::{self, Words},
    load, save_as,
};
use ceratops_layers::{
    Add, CallLayer, Concatenate, Dense, Dot, Flatten, Identity, Input, IntoNode, Masking, Model,
    Normalization, Registry, Reshape, Subtract, sequential,
};
use scratch::*;
use serde_json::{Value, json};

fn files(name: &str) -> PathBuf {
    fixture("").join("../tfjs").join(name)
}

fn tensors(expected: &Value, key: &str) -> Vec<Tensor> {
    let numbers = |value: &Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
    };
    let tensor = |value: &Value| {
        let shape: Vec<usize> = numbers(&value["shape"]).iter().map(|&n| n as usize).collect();
        let values = numbers(&value["values"]).iter().map(|&x| x as f32).collect();
        Tensor::new(&shape, values).unwrap()
    };
    expected[key].as_array().unwrap().iter().map(tensor).collect()
}

#[track_caller]
fn assert_answers(model: &Model, xs: &[Tensor], ys: &[Tensor]) {
    let found = model.predict_all(xs.to_vec()).unwrap();
    assert_eq!(found.len(), ys.len());
    for ((_, found), y) in found.iter().zip(ys) {
        assert_near(found, y, 1e-5);
    }
}

#[test]
fn what_tensorflow_js_wrote_answers_as_there() {
    for name in ["shared", "merges", "nested", "trained", "converted"] {
        let expected = fs::read(files(name).join("expected.json")).unwrap();
        let expected: Value = serde_json::from_slice(&expected).unwrap();
        let (xs, ys) = (tensors(&expected, "x"), tensors(&expected, "y"));
        let loaded = load(files(name)).unwrap();
        assert_eq!(loaded.format, Format::TensorFlowJs);
        assert_answers(&loaded.model, &xs, &ys);
        for format in [Format::TensorFlowJs, Format::Keras, Format::Keras3H5, Format::H5] {
            let place = scratch(&format!("tfjs_graphs_{name}_{format}")).join("model");
            save_as(&loaded.model, &place, format, None).unwrap();
            assert_answers(&load(&place).unwrap().model, &xs, &ys);
        }
    }
}

/// Keras 2 and TensorFlow.js put one tensor in a list; a nested model of Keras 3 would hand on a list.
#[test]
fn one_tensor_is_no_list_of_one() {
    let model = load(files("converted")).unwrap().model;
    let document = json::write_as(&model, Words::Keras3, &Default::default()).unwrap().document;
    let inner = &layer(&document, "inner")["config"];
    assert_eq!(inner["input_layers"], json!(["h", 0, 0]));
    assert_eq!(inner["output_layers"], json!(["sum", 0, 0]));
}

#[test]
fn what_an_optimizer_remembers_of_a_graph() {
    let loaded = load(files("trained")).unwrap();
    let training = loaded.training.as_ref().unwrap();
    let optimizer = training.optimizer.as_ref().unwrap();
    assert_eq!(optimizer.iterations, 4);
    assert!(optimizer.slots.iter().any(|(name, _)| name == "h/kernel/m"));
    let place = scratch("tfjs_graphs_training");
    save_as(&loaded.model, &place, Format::TensorFlowJs, Some(training)).unwrap();
    assert_eq!(load(&place).unwrap().training, loaded.training);
}

#[test]
fn frozen_layers_stay_frozen() {
    let model = load(files("shared")).unwrap().model;
    assert!(model.get_layer("a").unwrap().trainable());
    assert!(!model.get_layer("b").unwrap().trainable());
}

fn input(name: &str, sample: &[usize]) -> ceratops_layers::KerasTensor {
    Input::new(sample.to_vec()).named(name).tensor()
}

/// The document for TensorFlow.js, and its notes in a row.
fn written(model: &Model) -> (Value, String) {
    let written = json::write_as(model, Words::TensorFlowJs, &Default::default()).unwrap();
    let notes: Vec<String> = written.notes.iter().map(ToString::to_string).collect();
    (written.document, notes.join("; "))
}

fn refused(model: &Model, words: Words) -> String {
    json::write_as(model, words, &Default::default()).unwrap_err().to_string()
}

fn layer<'a>(document: &'a Value, name: &str) -> &'a Value {
    let mut layers = document["config"]["layers"].as_array().unwrap().iter();
    layers.find(|layer| layer["name"] == name).unwrap()
}

/// Written for TensorFlow.js and read again it answers the same, its weights found by name.
#[track_caller]
fn assert_comes_back(model: &Model, test: &str) {
    let place = scratch(test);
    save_as(model, &place, Format::TensorFlowJs, None).unwrap();
    let wave = |shape: &ceratops_core::Shape| {
        let axes: Vec<usize> = shape.axes().iter().map(|len| len.unwrap_or(2)).collect();
        let count = axes.iter().product::<usize>();
        Tensor::new(&axes, (0..count).map(|i| (0.37 * i as f32).sin()).collect()).unwrap()
    };
    let xs: Vec<Tensor> = model.input_shapes().into_iter().map(wave).collect();
    let expected = model.predict_all(xs.clone()).unwrap();
    let ys: Vec<Tensor> = expected.iter().map(|(_, y)| y.clone()).collect();
    assert_answers(&load(&place).unwrap().model, &xs, &ys);
}

/// TensorFlow.js would make the second call of `a` first, which needs nothing but the input.
#[test]
fn no_call_is_overtaken() {
    let x = input("x", &[4]);
    let (a, b) = (Dense::new(4).named("a").shared(), Dense::new(4).named("b").shared());
    let first = a.call(b.call(&x).unwrap()).unwrap();
    let second = b.call(a.call(&x).unwrap()).unwrap();
    let y = Add::new().named("y").call([&second, &first]).unwrap();
    let model = Model::new(&x, &y).unwrap();
    let (document, _) = written(&model);
    let link = |name: &str, call: u64| json!([name, call, 0, {}]);
    let nodes = |name: &str| layer(&document, name)["inbound_nodes"].clone();
    assert_eq!(nodes("a"), json!([[link("x", 0)], [link("b", 0)]]));
    assert_eq!(nodes("b"), json!([[link("x", 0)], [link("a", 0)]]));
    assert_eq!(nodes("y"), json!([[link("b", 1), link("a", 1)]]));
    assert_comes_back(&model, "tfjs_graphs_overtaken");
}

#[test]
fn what_tensorflow_js_lacks_is_said_by_other_layers() {
    let (a, b) = (input("a", &[4]), input("b", &[4]));
    let same = Identity::new().named("same").call(&a).unwrap();
    let minus = Subtract::new().named("minus").call([&same, &b]).unwrap();
    let model = Model::new([&a, &b], [&minus, &same, &minus]).unwrap();
    let (document, notes) = written(&model);
    assert_eq!(layer(&document, "minus")["class_name"], "Add");
    assert_eq!(layer(&document, "minus_rescaling")["config"]["scale"], -1.0);
    assert_eq!(layer(&document, "same")["config"]["activation"], "linear");
    // Of one tensor as two outputs TensorFlow.js loses the second.
    let outputs = json!([["minus", 0, 0], ["same", 0, 0], ["minus_1", 0, 0]]);
    assert_eq!(document["config"]["output_layers"], outputs);
    for said in ["Rescaling(-1)", "`Activation` of `linear`", "each tensor once"] {
        assert!(notes.contains(said), "{notes}");
    }
    assert_comes_back(&model, "tfjs_graphs_lacks");
}

/// It takes negative axes of Concatenate for the last one, and finds none of Dot's in a list.
#[test]
fn axes_count_from_the_start() {
    let (a, b) = (input("a", &[3, 4]), input("b", &[2, 4]));
    let rows = Concatenate::new().axis(-2).named("rows").call([&a, &b]).unwrap();
    let dot = Dot::new([-1, -1]).named("dot").call([&a, &b]).unwrap();
    let model = Model::new([&a, &b], [&rows, &dot]).unwrap();
    let (document, _) = written(&model);
    assert_eq!(layer(&document, "rows")["config"]["axis"], 1);
    assert_eq!(layer(&document, "dot")["config"]["axes"], json!([2, 2]));
    assert_comes_back(&model, "tfjs_graphs_axes");
}

#[test]
fn nested_models_count_from_one_and_their_layers_get_names_of_their_own() {
    let (x, h) = (input("x", &[4]), input("h", &[4]));
    let deep = Dense::new(4).named("dense").call(&h).unwrap();
    let inner = Model::new(&h, &deep).unwrap().with_name("inner").shared();
    let chain = sequential![Input::new([4]), Dense::new(4).named("dense")].unwrap();
    let twice = inner.call(inner.call(&x).unwrap()).unwrap();
    let both = chain.named("chain").call(&twice).unwrap();
    let model = Model::new(&x, Dense::new(2).named("dense").call(&both).unwrap()).unwrap();
    let (document, notes) = written(&model);
    let nodes = json!([[["x", 0, 0, {}]], [["inner", 1, 0, {}]]]);
    assert_eq!(layer(&document, "inner")["inbound_nodes"], nodes);
    assert_eq!(layer(&document, "inner")["class_name"], "Model");
    assert_eq!(layer(&document, "chain")["inbound_nodes"], json!([[["inner", 2, 0, {}]]]));
    assert!(notes.contains("`inner_dense`") && notes.contains("`chain_dense`"), "{notes}");
    assert_comes_back(&model, "tfjs_graphs_nested");
}

#[test]
fn what_cannot_be_said_is_refused_with_advice() {
    let x = input("x", &[2, 3, 4]);
    let dot = Dot::new(3).call([&x, &x]).unwrap();
    let error = refused(&Model::new(&x, &dot).unwrap(), Words::TensorFlowJs);
    assert!(error.contains("Dot \"dot\"") && error.contains("use a Reshape before"), "{error}");

    let (a, b) = (input("a", &[4]), input("b", &[6]));
    let pairs = Reshape::new([-1, 2]).shared();
    let ends = [pairs.call(&a).unwrap(), pairs.call(&b).unwrap()];
    let error = refused(&Model::new([&a, &b], &ends[..]).unwrap(), Words::TensorFlowJs);
    assert!(error.contains("give each call a layer of its own"), "{error}");

    let mut normal = Normalization::new();
    normal.adapt(Tensor::new(&[2, 4], (0..8).map(|i| i as f32).collect()).unwrap()).unwrap();
    let y = Add::new().call([&normal.call(&a).unwrap(), &a]).unwrap();
    let error = refused(&Model::new(&a, &y).unwrap(), Words::TensorFlowJs);
    assert!(error.contains("Normalization") && error.contains("no such layer"), "{error}");

    let inner = sequential![Input::new([4]), Dense::new(4)].unwrap().named("inner");
    let y = Add::new().call([&inner.call(&a).unwrap(), &a]).unwrap();
    let error = refused(&Model::new(&a, &y).unwrap(), Words::Portable);
    assert!(error.contains("write the file for one reader"), "{error}");
}

#[test]
fn masking_and_shared_flatten_are_written() {
    let (a, b) = (input("a", &[3, 4]), input("b", &[2, 4]));
    let flat = Flatten::default().shared();
    let masked = Masking::new(0.0).named("mask").call(&a).unwrap();
    let ends = [flat.call(&masked).unwrap(), flat.call(&b).unwrap()];
    let model = Model::new([&a, &b], &ends[..]).unwrap();
    assert_eq!(layer(&written(&model).0, "mask")["config"]["mask_value"], 0.0);
    assert_comes_back(&model, "tfjs_graphs_mask");
}

/// Only Keras 2 takes a slash in a name; the calls follow the layer to its new one.
#[test]
fn calls_follow_layers_to_new_names() {
    let x = input("x", &[4]);
    let h = Dense::new(4).named("block/dense").call(&x).unwrap();
    let model = Model::new(&x, Add::new().named("y").call([&h, &x]).unwrap()).unwrap();
    for words in [Words::Keras3, Words::TensorFlowJs, Words::Portable] {
        let document = json::write_as(&model, words, &Default::default()).unwrap().document;
        let again = json::read(&document.to_string(), &Registry::builtin()).unwrap().model;
        assert!(again.get_layer("block_dense").is_ok());
    }
    assert_comes_back(&model, "tfjs_graphs_slash");
}
