//! Whatever a functional document says, loading it ends in moments, with a model or a clear error.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod build;
mod scale;

use build::*;
use ceratops_core::Tensor;
use ceratops_formats::ModelJson;
use ceratops_layers::Model;
use serde_json::{Value, json};

fn x(len: usize) -> Tensor {
    Tensor::full(&[2, len], 0.5)
}

/// The place in the document, and words of the message.
#[track_caller]
fn expect(document: &Value, place: &str, words: &str) {
    let error = refused(document);
    assert!(error.starts_with(place) && error.contains(words), "{error}");
}

#[test]
fn circles_are_refused() {
    let place = "config.layers[";
    let own = model(vec![input("x", 4), add("a", &["x", "a"])], "a");
    expect(&own, place, "circle");
    let two = vec![input("x", 4), add("a", &["x", "b"]), add("b", &["a", "a"])];
    expect(&model(two, "b"), place, "circle");
    let calls = vec![call(tensor("d", 1, 0)), call(tensor("d", 0, 0))];
    let each_other =
        vec![input("x", 4), layer("Dense", "d", json!({"units": 4}), calls), add("a", &["x", "d"])];
    expect(&model(each_other, "a"), place, "circle");
    let mut ring: Vec<Value> = (0..1_000)
        .map(|i| add(&format!("r{i}"), &["x", &format!("r{}", (i + 1) % 1_000)]))
        .collect();
    ring.push(input("x", 4));
    expect(&model(ring, "r0"), place, "circle");
    // A later call may make what an earlier one reads.
    let calls = vec![call(tensor("d", 1, 0)), call(tensor("x", 0, 0))];
    let turned =
        vec![input("x", 4), layer("Dense", "d", json!({"units": 4}), calls), add("a", &["x", "d"])];
    assert_eq!(load(&model(turned, "a")).unwrap().count_params(), 20);
}

#[test]
fn what_is_not_there_is_named() {
    let mut document = residual();
    for (history, words) in [
        (json!(["e", 0, 0]), "`e`"),
        (json!(["d", 1, 0]), "call 1"),
        (json!(["d", 0, 1]), "output 1"),
        (json!(["d", 0, u64::MAX]), "output"),
        (json!(["d", 1_000_000_000_000_000_000_u64, 0]), "1000000000000000000"),
        (json!(["d", -1, 0]), "-1"),
        (json!(["d", 0.5, 0]), "0.5"),
        (json!(["d", 0, -1]), "-1"),
        (json!(["d", 1e300, 0]), "1e"),
        (json!(["d", "0", 0]), "a"),
        (json!(["d", 0]), "a"),
        (json!([0, 0, 0]), "a"),
        (json!("d"), "a"),
        (json!({}), "a"),
        (json!(null), "a"),
        (json!(["x", 7, 0]), "call 7"),
        (json!(["x", 0, 3]), "output 3"),
    ] {
        let place = "/config/layers/2/inbound_nodes/0/args/0/1/config/keras_history";
        *document.pointer_mut(place).unwrap() = history.clone();
        expect(&document, "config.layers[2].inbound_nodes[0]", words);
        let mut document = residual();
        document["config"]["output_layers"] = json!([history]);
        expect(&document, "config.output_layers", "");
    }
}

#[test]
fn ends_may_be_anything() {
    let with = |key: &str, value: Value| {
        let mut document = residual();
        document["config"][key] = value;
        document
    };
    for key in ["input_layers", "output_layers"] {
        for value in
            [json!(null), json!([]), json!({}), json!([[]]), json!("x"), json!(7), json!([7])]
        {
            expect(&with(key, value), &format!("config.{key}"), "expected");
        }
        let mut document = residual();
        document["config"].as_object_mut().unwrap().remove(key);
        assert_ne!(refused(&document), "loaded");
    }
    let twice = json!([["x", 0, 0], ["x", 0, 0]]);
    expect(&with("input_layers", twice), "config.input_layers", "each InputLayer once");
    expect(&with("input_layers", json!([["d", 0, 0]])), "config.input_layers", "\"d\"");
    expect(
        &with("input_layers", json!([["y", 0, 0]])),
        "config.input_layers",
        "unknown InputLayer `y`",
    );
    // An output may be named twice, and an input may be one.
    let twice = load(&with("output_layers", json!([["a", 0, 0], ["a", 0, 0]]))).unwrap();
    assert_eq!(twice.predict_all(x(4)).unwrap().len(), 2);
    let input = load(&with("output_layers", json!([["x", 0, 0], ["a", 0, 0]]))).unwrap();
    assert_eq!(input.predict_all(x(4)).unwrap()[0], x(4));
    let many: Vec<Value> = vec![json!(["a", 0, 0]); 10_000];
    let many = load(&with("output_layers", many.into())).unwrap();
    assert_eq!(many.output_names()[9_999], "a_9999");
    assert!(many.predict(x(4)).is_err());
}

#[test]
fn calls_may_be_anything() {
    let values = [
        json!(null),
        json!(0),
        json!(-1.5),
        json!("x"),
        json!(true),
        json!({}),
        json!([]),
        json!([[]]),
        json!([null]),
        json!([7]),
        json!(["x"]),
        json!([{}]),
        json!([[[]]]),
        json!({"args": 7, "kwargs": {}}),
        json!({"args": [7], "kwargs": []}),
        json!([{"args": 7}]),
        json!([{"args": "x", "kwargs": 7}]),
        json!([{"kwargs": {"mask": 7}}]),
        json!([{"args": [], "kwargs": {"training": "x"}}]),
        json!([{"args": [tensor("x", 0, 0)], "kwargs": {"training": {}}}]),
        json!([{"args": [tensor("x", 0, 0)], "kwargs": {"NaN": [1e308, {}]}}]),
        json!([["x", 0, 0]]),
        json!([[["x", 0]]]),
        json!([[["x", 0, 0, 7]]]),
        json!("y".repeat(100_000)),
        json!([vec!["y"; 10_000]]),
    ];
    for value in &values {
        for place in [
            "/config/layers/1/inbound_nodes",
            "/config/layers/2/inbound_nodes",
            "/config/layers/0/inbound_nodes",
            "/config/layers/2/inbound_nodes/0",
            "/config/layers/2/inbound_nodes/0/args",
            "/config/layers/2/inbound_nodes/0/kwargs",
            "/config/layers/2/inbound_nodes/0/args/0",
            "/config/layers/2/inbound_nodes/0/args/0/0",
        ] {
            let mut document = residual();
            *document.pointer_mut(place).unwrap() = value.clone();
            if let Ok(model) = load(&document) {
                assert_eq!(model.predict_all(x(4)).unwrap()[0].batch(), 2, "{place} {value}");
                assert!(model.to_json().is_ok(), "{place} {value}");
            }
        }
    }
}

#[test]
fn names_are_told_apart() {
    let twice = vec![input("x", 4), dense("d", "x"), dense("d", "x"), add("a", &["x", "d"])];
    expect(&model(twice, "a"), "config.layers[2].name", "already");
    let input_too = vec![input("x", 4), dense("x", "x"), add("a", &["x", "x"])];
    expect(&model(input_too, "a"), "config.layers[1].name", "already");
    for name in [json!(""), json!("x/y\u{0}"), json!("y".repeat(1_000_000)), json!(7), json!(null)]
    {
        let mut document = residual();
        document["config"]["layers"][1]["name"] = name.clone();
        document["config"]["layers"][1]["config"]["name"] = name.clone();
        assert_ne!(refused(&document), "loaded");
    }
    // Of two keys of one name the last counts, as in Python.
    let text = residual().to_string().replace("\"units\":4", "\"units\":9,\"units\":4");
    assert_eq!(Model::from_json(&text).unwrap().count_params(), 20);
}

#[test]
fn sizes_may_be_absurd() {
    let huge = u64::MAX / 2;
    let concatenate =
        |name: &str, from: &[&str]| layer("Concatenate", name, json!({"axis": -1}), vec![on(from)]);
    let overflow =
        vec![input("x", huge), concatenate("a", &["x", "x"]), concatenate("b", &["a", "a"])];
    assert_ne!(refused(&model(overflow, "b")), "loaded");
    // Each Concatenate doubles what it is given.
    let mut layers = vec![input("x", 4)];
    for i in 0..40 {
        let before = if i == 0 { "x".into() } else { format!("c{}", i - 1) };
        layers.push(concatenate(&format!("c{i}"), &[&before, &before]));
    }
    let error = refused(&model(layers.clone(), "c39"));
    assert!(error.contains("numbers") && error.contains("smaller"), "{error}");
    assert_eq!(load(&model(layers, "c9")).unwrap().predict(x(4)).unwrap().shape(), [2, 4096]);
    for config in [json!({"units": huge}), json!({"units": "NaN"}), json!({"units": 4.5})] {
        let layers = vec![input("x", 4), layer("Dense", "d", config, vec![on(&["x"])])];
        assert_ne!(refused(&model(layers, "d")), "loaded");
    }
    let text = residual().to_string().replace("\"units\":4", "\"units\":NaN");
    assert!(Model::from_json(&text).is_err());
    let text = residual().to_string().replace("[\"d\",0,0]", "[\"d\",NaN,0]");
    assert!(Model::from_json(&text).is_err());
}

/// What a layer is called on counts, not what stands before it in the document.
#[test]
fn weights_are_counted_along_the_calls() {
    let wide = |name: &str, from: &str, units: u64| {
        layer("Dense", name, json!({"units": units}), vec![call(tensor(from, 0, 0))])
    };
    let huge = vec![
        input("x", 4),
        wide("a", "x", 100_000),
        wide("b", "a", 100_000),
        add("s", &["b", "b"]),
    ];
    expect(&model(huge, "s"), "config.layers[2]", "weights");
    // Side by side they are small.
    let beside = vec![
        input("x", 4),
        wide("a", "x", 100_000),
        wide("b", "x", 100_000),
        add("s", &["a", "b"]),
    ];
    assert_eq!(load(&model(beside, "s")).unwrap().count_params(), 1_000_000);
    // In whatever order they stand.
    let turned = vec![
        add("s", &["b", "b"]),
        wide("b", "a", 100_000),
        wide("a", "x", 100_000),
        input("x", 4),
    ];
    expect(&model(turned, "s"), "config.layers[1]", "weights");
    // One layer that is shared counts once.
    let calls = vec![on(&["x"]); 5_000];
    let shared = vec![
        input("x", 4),
        layer("Dense", "d", json!({"units": 500_000}), calls),
        add("s", &["d", "d"]),
    ];
    assert_eq!(load(&model(shared, "s")).unwrap().count_params(), 2_500_000);
    // Within a nested model of two inputs, too.
    let inner = ended(
        vec![
            input("x", 100_000),
            input("y", 4),
            wide("a", "y", 8),
            wide("b", "x", 100_000),
            add("s", &["b", "b"]),
        ],
        json!([["x", 0, 0], ["y", 0, 0]]),
        json!([["s", 0, 0], ["a", 0, 0]]),
    );
    let inner = layer("Functional", "inner", inner["config"].clone(), vec![on(&["w", "x"])]);
    let outer = vec![input("x", 4), wide("w", "x", 100_000), inner];
    let outer = ended(outer, json!([["x", 0, 0]]), json!([["inner", 1, 0], ["inner", 1, 1]]));
    expect(&outer, "config.layers[2].config.layers[3]", "weights");
}
