//! Documents of functional models, in the words of Keras 3.

use std::time::{Duration, Instant};

use ceratops_core::Result;
use ceratops_formats::ModelJson;
use ceratops_layers::Model;
use serde_json::{Value, json};

/// A tensor: which output of which call of a layer.
pub(crate) fn tensor(layer: &str, call: impl Into<Value>, output: impl Into<Value>) -> Value {
    json!({"class_name": "__keras_tensor__", "config": {
        "shape": [null, 4], "dtype": "float32",
        "keras_history": [layer, call.into(), output.into()],
    }})
}

/// A call on a list of tensors, or on one.
pub(crate) fn call(args: Value) -> Value {
    json!({"args": [args], "kwargs": {}})
}

/// A call on the first output of the first call of each of these layers.
pub(crate) fn on(layers: &[&str]) -> Value {
    let tensors: Vec<Value> = layers.iter().map(|layer| tensor(layer, 0, 0)).collect();
    call(tensors.into())
}

pub(crate) fn layer(class_name: &str, name: &str, mut config: Value, calls: Vec<Value>) -> Value {
    config["name"] = name.into();
    json!({
        "module": "keras.layers", "class_name": class_name, "name": name, "config": config,
        "registered_name": null, "inbound_nodes": calls,
    })
}

pub(crate) fn input(name: &str, len: u64) -> Value {
    layer("InputLayer", name, json!({"batch_shape": [null, len], "dtype": "float32"}), vec![])
}

pub(crate) fn dense(name: &str, from: &str) -> Value {
    layer("Dense", name, json!({"units": 4}), vec![call(tensor(from, 0, 0))])
}

pub(crate) fn add(name: &str, from: &[&str]) -> Value {
    layer("Add", name, json!({}), vec![on(from)])
}

/// A model from the input `x` to the first output of the first call of `output`.
pub(crate) fn model(layers: Vec<Value>, output: &str) -> Value {
    ended(layers, json!([["x", 0, 0]]), json!([[output, 0, 0]]))
}

pub(crate) fn ended(layers: Vec<Value>, inputs: Value, outputs: Value) -> Value {
    json!({
        "module": "keras.src.models.functional", "class_name": "Functional",
        "config": {"name": "model", "trainable": true, "layers": layers, "input_layers": inputs,
            "output_layers": outputs},
        "registered_name": "Functional", "keras_version": "3.15.0",
    })
}

/// The residual model of `x`, `d` and `a = x + d`, which hostile documents are made of.
pub(crate) fn residual() -> Value {
    model(vec![input("x", 4), dense("d", "x"), add("a", &["x", "d"])], "a")
}

/// What becomes of a document; within moments, and said in few words.
pub(crate) fn load(document: &Value) -> Result<Model> {
    let start = Instant::now();
    let result = Model::from_json(&document.to_string());
    let took = start.elapsed();
    assert!(took < Duration::from_secs(20), "took {took:?}");
    if let Err(error) = &result {
        let text = error.to_string();
        assert!(text.len() < 2_000, "{} characters: {}", text.len(), &text[..200]);
    }
    result
}

/// Why a document is refused.
pub(crate) fn refused(document: &Value) -> String {
    match load(document) {
        Ok(_) => String::from("loaded"),
        Err(error) => error.to_string(),
    }
}
