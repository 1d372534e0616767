//! Operations in files: read as Keras 2 and 3 and TensorFlow record them, written as Keras 3 has them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helpers fail by panicking")]

use std::{fs, path::PathBuf};

use ceratops_core::Tensor;
use ceratops_formats::json::{self, Words};
use ceratops_layers::{Operation, Registry};
use serde_json::{Value, json};

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden")
}

fn tensor(array: &Value) -> Tensor {
    let list = |key: &str| array[key].as_array().unwrap().iter();
    let shape: Vec<usize> = list("shape").map(|n| n.as_u64().unwrap() as usize).collect();
    Tensor::new(&shape, list("data").map(|n| n.as_f64().unwrap() as f32).collect()).unwrap()
}

fn assert_near(found: &Tensor, expected: &Tensor, what: &str) {
    assert_eq!(found.shape(), expected.shape(), "{what}");
    for (a, b) in found.as_slice().iter().zip(expected.as_slice()) {
        assert!((a - b).abs() <= 2e-6 * b.abs().max(1.0), "{what}: {a} and {b}");
    }
}

/// What Keras of TensorFlow 2.0 to 2.3 wrote.
#[test]
fn nodes_of_graphs_of_tensorflow_open() {
    let text = fs::read_to_string(golden().join("nodes.json")).unwrap();
    let cases: Value = serde_json::from_str(&text).unwrap();
    let (x, z) = (tensor(&cases["x"]), tensor(&cases["z"]));
    let models = cases.as_object().unwrap().iter().filter(|(_, case)| case.get("model").is_some());
    let mut count = 0;
    for (name, case) in models {
        let read = json::read(&case["model"].to_string(), &Registry::builtin());
        let model = read.unwrap_or_else(|e| panic!("{name}: {e}")).model;
        let y = model.predict([("x", &x), ("z", &z)]).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_near(&y, &tensor(&case["y"]), name);
        count += 1;
    }
    assert!(count > 40, "{count}");
}

fn cases(prefix: &str) -> Vec<(String, Value)> {
    let files = fs::read_dir(golden().join("training")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.starts_with(prefix)).collect();
    names.sort();
    let read = |name: String| {
        let text = fs::read_to_string(golden().join("training").join(&name)).unwrap();
        (name, serde_json::from_str(&text).unwrap())
    };
    names.into_iter().map(read).collect()
}

/// The layers of a document by their names, whole numbers as fractions, and no dtype of tensors, which
/// Keras does not read.
fn layers(document: &Value) -> Vec<(String, Value)> {
    fn plain(value: &Value) -> Value {
        match value {
            Value::Number(number) => json!(number.as_f64()),
            Value::Array(items) => items.iter().map(plain).collect(),
            // The places that Take takes are given as a list too, which means the same.
            Value::Object(_) if value["config"]["dtype"] == "int64" => {
                plain(&value["config"]["value"])
            }
            Value::Object(items) => {
                let is_tensor = items.contains_key("keras_history");
                let kept = items.iter().filter(|(key, _)| !is_tensor || *key != "dtype");
                Value::Object(kept.map(|(key, value)| (key.clone(), plain(value))).collect())
            }
            other => other.clone(),
        }
    }
    let layers = document["config"]["layers"].as_array().unwrap();
    layers.iter().map(|layer| (layer["name"].to_string(), plain(layer))).collect()
}

/// Key for key, for all that stay operations; the others are layers that compute the same.
#[test]
fn operations_are_written_as_keras_3_wrote_them() {
    let (mut same, mut classes) = (0, Vec::new());
    for (name, case) in cases("graph_op_").into_iter().filter(|(name, _)| !name.contains("_tf_")) {
        let model = json::read(&case["model"].to_string(), &Registry::builtin()).unwrap().model;
        let written = json::write_as(&model, Words::Keras3, &Default::default()).unwrap().document;
        let original = layers(&case["model"]);
        for (layer, entry) in layers(&written) {
            if !entry["module"].as_str().unwrap().starts_with("keras.src.ops") {
                continue;
            }
            let expected = original.iter().find(|(name, _)| *name == layer).unwrap();
            assert_eq!(entry, expected.1, "{name}: {layer}");
            classes.push(entry["class_name"].as_str().unwrap().to_owned());
            same += 1;
        }
        let again = json::read(&written.to_string(), &Registry::builtin()).unwrap().model;
        let twice = json::write_as(&again, Words::Keras3, &Default::default()).unwrap().document;
        assert_eq!(twice, written, "{name}");
    }
    classes.sort();
    classes.dedup();
    assert!(same > 100 && classes.len() > 60, "{same} of {} classes", classes.len());
}

/// What is written for Keras 2 is what is read from there.
#[test]
fn functions_of_tensorflow_come_back() {
    for (name, case) in cases("graph_op_tf_") {
        let model = json::read(&case["model"].to_string(), &Registry::builtin()).unwrap().model;
        let written = json::write_as(&model, Words::Keras2, &Default::default());
        let written = written.unwrap_or_else(|e| panic!("{name}: {e}")).document;
        let again = json::read(&written.to_string(), &Registry::builtin());
        let mut again = again.unwrap_or_else(|e| panic!("{name}: {e}")).model;
        let weights: Vec<Tensor> = case["weights"].as_array().unwrap().iter().map(tensor).collect();
        again.set_weights(&weights).unwrap();
        let y = again.predict(tensor(&case["x"])).unwrap();
        assert_near(&y, &tensor(&case["outputs_before"]), &name);
        // All operations of that case are layers.
        if name.contains("resize") {
            continue;
        }
        for words in [Words::TensorFlowJs, Words::Portable] {
            let error = json::write_as(&model, words, &Default::default()).unwrap_err().to_string();
            assert!(error.contains("TensorFlow.js has no operations"), "{name}: {error}");
        }
    }
}

/// An `.h5` of Keras 3 has no modules: there the arguments tell operations from layers of the same name.
#[test]
fn operations_without_a_module_are_found() {
    for (name, case) in cases("graph_op_").into_iter().filter(|(name, _)| !name.contains("_tf_")) {
        let mut document = case["model"].clone();
        for layer in document["config"]["layers"].as_array_mut().unwrap() {
            let layer = layer.as_object_mut().unwrap();
            layer.retain(|key, _| key != "module" && key != "registered_name");
        }
        let read = json::read(&document.to_string(), &Registry::builtin());
        let mut model = read.unwrap_or_else(|e| panic!("{name}: {e}")).model;
        let weights: Vec<Tensor> = case["weights"].as_array().unwrap().iter().map(tensor).collect();
        model.set_weights(&weights).unwrap();
        let y = model.predict(tensor(&case["x"])).unwrap();
        assert_near(&y, &tensor(&case["outputs_before"]), &name);
    }
}

/// In the order of the document, and whatever else there is to say against the model.
#[test]
fn unknown_operations_are_named_first() {
    let read = |layer: Value| {
        let document = json!({"class_name": "Functional", "keras_version": "2.15.0", "config": {
            "name": "m", "layers": [layer, {"class_name": "Dense", "config": {"units": "x"}}],
            "input_layers": 3, "output_layers": 3}});
        json::read(&document.to_string(), &Registry::builtin()).unwrap_err().to_string()
    };
    let lambda = json!({"class_name": "TFOpLambda", "config": {"name": "r", "function": "image.rgb_to_yuv"}});
    assert!(read(lambda).contains("Keras' operation tf.image.rgb_to_yuv is not there"));
    let node = json!({"class_name": "TensorFlowOpLayer", "config": {"name": "r", "node_def": {"op": "Svd"}}});
    assert!(read(node).contains("Keras' operation Svd of TensorFlow is not there"));
    let conv = json!({"module": "keras.src.ops.nn", "class_name": "Conv", "config": {}});
    assert!(read(conv).contains("Keras' operation Conv is not there"));
    assert!(!Operation::is_known("Conv") && Operation::is_known("GetItem"));
}
