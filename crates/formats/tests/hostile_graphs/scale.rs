//! Thousands of layers, branches and calls, and models in models.

use ceratops_core::Tensor;
use ceratops_formats::ModelJson;
use ceratops_layers::Model;
use serde_json::{Value, json};

use super::build::*;

/// Predicts, is written, and comes back equal.
fn works(model: &Model) {
    let x = Tensor::full(&[1, 4], 0.5);
    let y = model.predict(&x).unwrap();
    assert_eq!(y.batch(), 1);
    let json = model.to_json().unwrap();
    assert_eq!(Model::from_json(&json).unwrap().to_json().unwrap(), json);
}

/// A row of `count` layers that is no chain, since its last one reads `x` too.
fn row(count: usize) -> Value {
    let mut layers = vec![input("x", 4)];
    for i in 0..count {
        let before = if i == 0 { "x".into() } else { format!("d{}", i - 1) };
        layers.push(layer("ReLU", &format!("d{i}"), json!({}), vec![on(&[&before])]));
    }
    layers.push(add("a", &["x", &format!("d{}", count - 1)]));
    model(layers, "a")
}

#[test]
fn ten_thousand_layers_stand_in_a_row() {
    works(&load(&row(10_000)).unwrap());
    let mut turned = row(10_000);
    turned["config"]["layers"].as_array_mut().unwrap().reverse();
    load(&turned).unwrap();
}

#[test]
fn ten_thousand_branches_meet() {
    let names: Vec<String> = (0..10_000).map(|i| format!("d{i}")).collect();
    let mut layers = vec![input("x", 4)];
    layers.extend(names.iter().map(|name| layer("ReLU", name, json!({}), vec![on(&["x"])])));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    layers.push(add("a", &names));
    works(&load(&model(layers, "a")).unwrap());
}

#[test]
fn a_layer_is_called_ten_thousand_times() {
    let mut calls = vec![on(&["x"])];
    calls.extend((0..9_999).map(|i| call(tensor("d", i, 0))));
    let layers = vec![input("x", 4), layer("Dense", "d", json!({"units": 4}), calls)];
    works(&load(&ended(layers.clone(), json!([["x", 0, 0]]), json!([["d", 9_999, 0]]))).unwrap());
    // Side by side, and the last is the only one that is read.
    let calls = vec![on(&["x"]); 10_000];
    let layers = vec![input("x", 4), layer("Dense", "d", json!({"units": 4}), calls)];
    let end = json!([["d", 9_999, 0]]);
    works(&load(&ended(layers, json!([["x", 0, 0]]), end)).unwrap());
}

#[test]
fn a_layer_is_called_on_many_shapes() {
    let reshape = |i: u64| {
        let config = json!({"target_shape": [i, 1]});
        layer("Reshape", &format!("r{i}"), config, vec![on(&["x"])])
    };
    let lens: Vec<u64> = (1..=5_040).filter(|i| 5_040 % i == 0).collect();
    let mut layers = vec![input("x", 5_040)];
    layers.extend(lens.iter().map(|&i| {
        let mut layer = reshape(i);
        layer["config"]["target_shape"] = json!([i, 5_040 / i, 1]);
        layer
    }));
    // It has 200,000 weights, which are drawn once.
    let calls = (0..3_000).map(|i| on(&[&format!("r{}", lens[i % lens.len()])])).collect();
    layers.push(layer("Dense", "d", json!({"units": 100_000}), calls));
    load(&ended(layers, json!([["x", 0, 0]]), json!([["d", 2_999, 0]]))).unwrap();
}

#[test]
fn ten_thousand_inputs_and_outputs() {
    let names: Vec<String> = (0..10_000).map(|i| format!("x{i}")).collect();
    let mut layers: Vec<Value> = names.iter().map(|name| input(name, 1)).collect();
    let refs: Vec<&str> = names.iter().map(String::as_str).collect();
    layers.push(add("a", &refs));
    let ends: Value = names.iter().map(|name| json!([name, 0, 0])).collect();
    let outputs: Value =
        names.iter().map(|name| json!([name, 0, 0])).chain([json!(["a", 0, 0])]).collect();
    let model = load(&ended(layers, ends, outputs)).unwrap();
    let xs = vec![Tensor::full(&[1, 1], 1.0); 10_000];
    let y = model.predict_all(xs).unwrap();
    assert_eq!((y.len(), y[10_000].as_slice()), (10_001, &[10_000.0][..]));
}

/// Models in models, each of which calls the inner one so many times.
fn nested(depth: usize, calls: usize) -> Value {
    let mut inner = residual();
    for i in 0..depth {
        let name = format!("m{i}");
        let nodes: Vec<Value> = (0..calls)
            .map(|i| call(if i == 0 { tensor("x", 0, 0) } else { tensor(&name, i - 1, 0) }))
            .collect();
        let mut held = layer("Functional", &name, inner["config"].clone(), nodes);
        held["config"]["name"] = name.as_str().into();
        let sum = call(json!([tensor("x", 0, 0), tensor(&name, calls - 1, 0)]));
        inner = model(vec![input("x", 4), held, layer("Add", "a", json!({}), vec![sum])], "a");
    }
    inner
}

#[test]
fn models_are_nested() {
    for (depth, calls) in [(5, 1), (20, 1), (28, 1), (5, 2), (10, 2)] {
        works(&load(&nested(depth, calls)).unwrap());
    }
    // The calls of each model double.
    for (depth, calls) in [(24, 2), (28, 2), (5, 100), (28, 200)] {
        let error = refused(&nested(depth, calls));
        assert!(error.contains("calls") && error.contains("nest"), "{error}");
    }
    for depth in [40, 100] {
        assert!(refused(&nested(depth, 1)).contains("recursion"), "{depth}");
    }
}

#[test]
fn models_are_deep_in_text() {
    for (open, close) in [
        (
            r#"{"class_name":"Functional","config":{"layers":["#,
            r#"],"input_layers":[],"output_layers":[]}}"#,
        ),
        (r#"{"class_name":"Functional","config":{"input_layers":["#, "]}}"),
        (r#"{"class_name":"Functional","config":{"layers":[{"inbound_nodes":["#, "]}]}}"),
    ] {
        for depth in [1, 10, 30, 10_000] {
            assert!(
                Model::from_json(&(open.repeat(depth) + "null" + &close.repeat(depth))).is_err()
            );
        }
    }
}
