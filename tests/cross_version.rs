//! What the versions of Keras and TensorFlow.js cannot read of each other, or read wrongly, is read
//! here, and computes what its writer computed (`tests/files/versions/make.py`).

#![allow(clippy::unwrap_used, reason = "a test")]

use std::{fs, path::PathBuf};

use ceratops::prelude::*;
use serde_json::Value;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/files/versions").join(name)
}

/// Fails unless `model` predicts what the writer of the file `name` predicted.
#[track_caller]
fn assert_predicts(model: &Sequential, name: &str) {
    let text = fs::read_to_string(file("expected.json")).unwrap();
    let expected = &serde_json::from_str::<Value>(&text).unwrap()[name];
    let shape: Vec<usize> = serde_json::from_value(expected["shape"].clone()).unwrap();
    let count: usize = shape.iter().product();
    let x = (0..count).map(|i| (2.0 * (0.37 * i as f64).sin()) as f32).collect();
    let y = model.predict(Tensor::new(&shape, x).unwrap()).unwrap();
    let rows: Vec<Vec<f32>> = serde_json::from_value(expected["output"].clone()).unwrap();
    let expected = rows.concat();
    assert_eq!(y.len(), expected.len(), "{name}");
    for (ours, theirs) in y.as_slice().iter().zip(expected) {
        assert!((ours - theirs).abs() <= 1e-6, "{name}: {ours} is not {theirs}");
    }
}

#[track_caller]
fn assert_loads(name: &str) {
    let loaded = ceratops::load(file(name)).unwrap();
    assert!(loaded.has_weights, "{name}");
    assert_predicts(&loaded.model, name);
}

#[track_caller]
fn assert_takes(architecture: &str, weights: &str) {
    let loaded = ceratops::load(file(architecture)).unwrap();
    assert!(!loaded.has_weights, "{architecture}");
    let mut model = loaded.model;
    model.load_weights(file(weights)).unwrap();
    assert_predicts(&model, weights);
}

/// Keras 3 and TensorFlow.js refuse all of these but the `.h5`.
#[test]
fn what_keras_2_writes() {
    assert_loads("k2.keras");
    assert_loads("k2.h5");
    assert_takes("k2.json", "k2.weights.h5");
    assert_takes("k2.json", "k2_legacy_weights.h5");
}

/// tf_keras and TensorFlow.js refuse all of these.
#[test]
fn what_keras_3_writes() {
    assert_loads("k3.keras");
    assert_loads("k3.h5");
    assert_takes("k3.json", "k3.weights.h5");
}

/// Architecture and weights may come from different versions, whatever the weights came in.
#[test]
fn weights_of_one_version_for_the_model_of_another() {
    assert_takes("k3.json", "k2.weights.h5");
    assert_takes("k3.json", "k2_legacy_weights.h5");
    assert_takes("k3.json", "k2.h5");
    assert_takes("k2.json", "k3.weights.h5");
    assert_takes("k2.json", "k3.keras");
}

/// Keras 3 knows no ThresholdedReLU, and refuses an LSTM of Keras 2 for its `time_major`.
#[test]
fn layers_that_keras_3_refuses() {
    assert_loads("k2_thresholded.h5");
    assert_loads("k2_lstm.h5");
}

/// Keras 3 loads this and computes x / 6 + 0.5; its writer meant 0.2 x + 0.5.
#[test]
fn hard_sigmoid_means_what_its_writer_meant() {
    assert_loads("k2_hard_sigmoid.h5");
    let report = ceratops::load(file("k2_hard_sigmoid.h5")).unwrap().report.to_string();
    assert!(report.contains("hard_sigmoid"), "{report}");
}

/// TensorFlow.js has no ELU with another alpha than 1.
#[test]
fn elu_with_an_alpha() {
    assert_loads("k2_elu.h5");
}

/// TensorFlow.js passes over the word of Keras 3 and computes with its default, 0.3.
#[test]
fn a_layer_of_keras_3_in_a_file_of_keras_2() {
    let model = ceratops::load(file("mixed.json")).unwrap().model;
    assert_predicts(&model, "mixed.json");
}
