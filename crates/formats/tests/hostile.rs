//! Whatever a document says, loading it ends with a model or an error.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use ceratops_formats::{
    ModelJson, json,
    json::{Words, WriteOptions},
    layer_from_json,
};
use ceratops_layers::{Registry, Sequential};
use common::*;
use serde_json::{Value, json};

#[test]
fn a_document_may_end_anywhere() {
    for document in [K2_SEQ_MIN, K1_LENET, TFJS] {
        let document = document.trim_end();
        for end in 0..document.len() {
            let result = Sequential::from_json(&document[..end]);
            assert!(result.is_err(), "loaded {}", &document[..end]);
        }
    }
}

#[test]
fn a_document_may_be_deep() {
    for (open, close) in [
        ("[", "]"),
        ("{\"class_name\":\"Sequential\",\"config\":[", "]}"),
        ("{\"modelTopology\":", "}"),
        ("{\"class_name\":\"Activation\",\"config\":{\"activation\":", "}}"),
    ] {
        for depth in [1, 20, 40, 100, 100_000] {
            let document = open.repeat(depth) + "null" + &close.repeat(depth);
            assert!(Sequential::from_json(&document).is_err());
            let _ = layer_from_json(&document, &Registry::builtin());
        }
    }
    // A string of JSON in a string of JSON, and so on, is opened once.
    let mut quoted = K2_LIST.to_owned();
    for _ in 0..5 {
        quoted = Value::String(quoted).to_string();
    }
    assert!(Sequential::from_json(&quoted).is_err());
}

const WORDS: [Words; 3] = [Words::Keras2, Words::Portable, Words::TensorFlowJs];

/// Each value of each document is replaced in turn by every one of these.
#[test]
fn any_value_may_be_anything() {
    let values = [
        json!(null),
        json!([]),
        json!({}),
        json!(-1),
        json!(0),
        json!(2.5),
        json!(1e30),
        json!(1_000_000_000_000_000_u64),
        json!(u64::MAX),
        json!(i64::MIN),
        json!("x"),
        json!(""),
        json!(true),
        json!([null]),
        json!([-1, 1e30, "x", {}]),
        json!([[u64::MAX, u64::MAX], [u64::MAX]]),
        json!({"class_name": "x"}),
        json!({"class_name": "Dense", "config": {"units": 1}}),
        json!({"class_name": "Sequential", "config": []}),
    ];
    let (mut loaded, mut refused) = (0, 0);
    for document in [K1_LENET, K2_LIST, K3_SEQ, K3B, TFJS, PORTABLE_C, K2_OUTPUTS, K3_CHAIN] {
        let document = value(document);
        for path in paths(&document) {
            for value in &values {
                let mut changed = document.clone();
                *changed.pointer_mut(&path).unwrap() = value.clone();
                match Sequential::from_json(&changed.to_string()) {
                    Ok(model) => {
                        loaded += 1;
                        assert!(model.to_json().is_ok(), "{path} {value}");
                        // Of all models that come about, every fifth will do.
                        for words in WORDS.into_iter().filter(|_| loaded % 5 == 0) {
                            let _ = json::write_as(&model, words, &WriteOptions::default());
                        }
                    }
                    Err(error) => {
                        refused += 1;
                        assert!(error.to_string().len() < 10_000, "{path} {value}");
                    }
                }
            }
        }
    }
    assert!(loaded > 1_000 && refused > 1_000, "{loaded} loaded, {refused} refused");
}

/// Many layers take no more than a moment, nor do many names that must be made.
#[test]
fn a_document_may_be_long() {
    for config in [json!({"alpha": 0.1}), json!({"alpha": 0.1, "input_shape": [4]})] {
        let layers = vec![json!({"class_name": "LeakyReLU", "config": config}); 2_000];
        let document = json!({"class_name": "Sequential", "config": layers});
        let model = Sequential::from_json(&document.to_string()).unwrap();
        assert_eq!(model.layers()[1_999].name(), "leaky_re_lu_1999");
    }
}

/// Sizes are multiplied with care.
#[test]
fn sizes_may_overflow() {
    let half = 1_u64 << 32;
    for layer in [
        json!({"class_name": "Flatten", "config": {}}),
        json!({"class_name": "Reshape", "config": {"target_shape": [4]}}),
        json!({"class_name": "Reshape", "config": {"target_shape": [half, half, -1]}}),
        json!({"class_name": "PReLU", "config": {}}),
        json!({"class_name": "Conv2D", "config": {"filters": half, "kernel_size": half}}),
        json!({"class_name": "MaxPooling2D", "config": {"pool_size": half, "padding": "same"}}),
        json!({"class_name": "Dense", "config": {"units": u64::MAX}}),
    ] {
        let mut layer = layer;
        layer["config"]["batch_input_shape"] = json!([null, half, half, 2]);
        let document = json!({"class_name": "Sequential", "config": [
            layer, {"class_name": "Flatten", "config": {}},
            {"class_name": "Dense", "config": {"units": half}},
        ]});
        assert!(Sequential::from_json(&document.to_string()).is_err(), "{document}");
    }
}

/// Many layers of which each would fit are refused before the first is made.
#[test]
fn weights_are_counted_before_they_are_made() {
    let dense = json!({"class_name": "Dense", "config": {"units": 30_000}});
    let act = json!({"class_name": "PReLU", "config": {}});
    let inner = json!({"class_name": "Sequential", "config": [dense, dense]});
    let held = json!({"class_name": "Dense", "config": {"units": 30_000, "activation": act}});
    let convolution = json!({"class_name": "Conv2D", "config": {
        "filters": 1_000_000, "kernel_size": [100, 100]}});
    let image = json!({"class_name": "Reshape", "config": {"target_shape": [100, 100, 3]}});
    for (layers, place) in [
        (json!([dense, dense, dense]), "config[3]"),
        (json!([inner, held]), "config[2]"),
        (json!([dense, inner]), "config[2].config[1]"),
        (json!([image, convolution]), "config[2]"),
        (json!([{"class_name": "PReLU", "config": {}}, dense, dense, dense]), "config[4]"),
    ] {
        let mut config = json!([
            {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 30_000]}}
        ]);
        config.as_array_mut().unwrap().extend(layers.as_array().unwrap().clone());
        let document = json!({"class_name": "Sequential", "config": config});
        let started = std::time::Instant::now();
        let error = Sequential::from_json(&document.to_string()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{place}: with this ")), "{error}");
        assert!(error.contains("more than 2147483648 weights"), "{error}");
        assert!(started.elapsed().as_secs() < 5, "{error}");
    }
}

/// Numbers that are none, or too large for any.
#[test]
fn numbers_may_be_anything() {
    let document = |alpha: &str| {
        let entry =
            r#"{"class_name": "LeakyReLU", "config": {"batch_input_shape": [null, 4], "alpha": "#;
        format!(r#"{{"class_name": "Sequential", "config": [{entry}{alpha}}}}}]}}"#)
    };
    assert!(Sequential::from_json(&document("0.5")).is_ok());
    for alpha in
        ["NaN", "Infinity", "-Infinity", "\"NaN\"", "\"inf\"", "1e400", "-1", "0x10", "1e-"]
    {
        assert!(Sequential::from_json(&document(alpha)).is_err(), "{alpha}");
    }
    // A long number is a number.
    let long = format!("0.{}", "3".repeat(100_000));
    assert!(Sequential::from_json(&document(&long)).is_ok());
}

/// A graph of many layers, in the worst order, takes no more than a moment; so do many outputs.
#[test]
fn a_graph_may_be_long() {
    let count = 3_000;
    let layer = |i: usize| {
        let inbound = if i == 0 { json!([]) } else { json!([[[format!("l{}", i - 1), 0, 0, {}]]]) };
        let (class_name, config) = match i {
            0 => ("InputLayer", json!({"batch_input_shape": [null, 4]})),
            _ => ("LeakyReLU", json!({"alpha": 0.5})),
        };
        json!({"class_name": class_name, "name": format!("l{i}"), "config": config,
            "inbound_nodes": inbound})
    };
    let layers: Vec<Value> = (0..count).rev().map(layer).collect();
    let outputs: Vec<Value> = (1..count).map(|i| json!([format!("l{i}"), 0, 0])).collect();
    let document = json!({"class_name": "Functional", "keras_version": "2.15.0", "config": {
        "layers": layers, "input_layers": [["l0", 0, 0]], "output_layers": outputs}});
    let loaded = json::read(&document.to_string(), &Registry::builtin()).unwrap();
    assert_eq!(loaded.model.output_names().len(), count - 1);
    assert_eq!(loaded.model.layers().len(), count - 1);
}

/// Each key of each document is left out in turn.
#[test]
fn any_key_may_be_missing() {
    for (_, document) in LOADABLE {
        let document = value(document);
        for path in paths(&document) {
            let (parent, key) = path.rsplit_once('/').unwrap_or_default();
            let mut changed = document.clone();
            if let Some(Value::Object(object)) = changed.pointer_mut(parent) {
                object.remove(key);
                let _ = Sequential::from_json(&changed.to_string());
            }
        }
    }
}

/// The JSON pointers of all values in `document`.
fn paths(document: &Value) -> Vec<String> {
    let below = |step: String, value: &Value| {
        paths(value).into_iter().map(move |path| format!("/{step}{path}"))
    };
    let mut all = vec![String::new()];
    match document {
        Value::Object(object) => {
            all.extend(object.iter().flat_map(|(key, value)| below(key.clone(), value)));
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            all.extend(items.flat_map(|(i, value)| below(i.to_string(), value)));
        }
        _ => {}
    }
    all
}

#[test]
fn a_document_that_would_fill_the_memory_is_refused() {
    let document = format!("[{}0]", "0,".repeat(5 << 20));
    let error = json::read(&document, &Registry::builtin()).unwrap_err().to_string();
    assert!(error.contains("is no architecture"), "{error}");
}
