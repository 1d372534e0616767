//! Normalization and Rescaling in files: read as real Keras wrote them, and written as Keras does.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod scratch;

use std::{
    fs,
    path::{Path, PathBuf},
};

use ceratops_core::Tensor;
use ceratops_formats::{
    By, Format, ModelJson,
    json::{self, Words},
    load, load_weights, save, save_as,
};
use ceratops_layers::{Dense, Input, Normalization, Rescaling, Sequential, sequential};
use scratch::scratch;
use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/files/preprocessing").join(name)
}

fn value(name: &str) -> Value {
    serde_json::from_slice(&fs::read(fixture(name)).unwrap()).unwrap()
}

fn tensor(rows: &Value) -> Tensor {
    let rows: Vec<Vec<f32>> = serde_json::from_value(rows.clone()).unwrap();
    Tensor::new(&[rows.len(), rows[0].len()], rows.concat()).unwrap()
}

/// What Keras says the model of that dialect answers.
fn check(model: &Sequential, dialect: &str, what: &str) {
    let expected = value("expected.json");
    let y = model.predict(tensor(&expected["x"])).unwrap();
    let expected = tensor(&expected[dialect]);
    for (a, b) in y.as_slice().iter().zip(expected.as_slice()) {
        assert!((a - b).abs() <= 1e-6 * b.abs().max(1.0), "{what}: {y} {expected}");
    }
}

#[test]
fn files_of_keras_answer_as_in_keras() {
    for dialect in ["keras3", "keras2"] {
        for ending in ["keras", "h5"] {
            let what = format!("{dialect}.{ending}");
            let model = load(fixture(&what)).unwrap().model;
            check(&model, dialect, &what);
            assert_eq!(model.params().len(), 3 + 3 + 2, "{what}");
            let mut fresh = Sequential::from_json(&model.to_json().unwrap()).unwrap();
            load_weights(&mut fresh, fixture(&format!("{dialect}.weights.h5")), By::Position)
                .unwrap();
            check(&fresh, dialect, &format!("{what}, weights"));
        }
    }
}

#[test]
fn what_is_written_is_read_again() {
    let folder = scratch("preprocessing");
    let model = load(fixture("keras3.keras")).unwrap().model;
    for name in ["m.keras", "m.h5", "m.weights.h5", "m.safetensors", "m.npz"] {
        let path = folder.join(name);
        save(&model, &path, None).unwrap();
        let again = if name == "m.keras" || name == "m.h5" {
            load(&path).unwrap().model
        } else {
            let mut fresh = Sequential::from_json(&model.to_json().unwrap()).unwrap();
            load_weights(&mut fresh, &path, By::Position).unwrap();
            fresh
        };
        check(&again, "keras3", name);
    }
}

/// Without the shape that the layer was adapted to, which Keras keeps with its number of samples.
fn without_builds(mut document: Value) -> Value {
    let layers = document["config"]["layers"].as_array_mut().unwrap();
    for layer in layers {
        let layer = layer.as_object_mut().unwrap();
        layer.shift_remove("build_config");
        // Numbers that may be fractions are written as such.
        let config = layer["config"].as_object_mut().unwrap();
        config.shift_remove("batch_input_shape");
    }
    document
}

#[test]
fn the_json_is_that_of_keras() {
    for (name, words) in [("keras3.json", Words::Keras3), ("keras2.json", Words::Keras2)] {
        let theirs = value(name);
        let model = Sequential::from_json(&theirs.to_string()).unwrap();
        let ours = json::write_as(&model, words, &Default::default()).unwrap().document;
        assert_eq!(without_builds(ours.clone()), without_builds(theirs.clone()), "{name}");
        if words == Words::Keras3 {
            // What is not adapted has the shapes that Keras says.
            for (ours, theirs) in ours["config"]["layers"]
                .as_array()
                .unwrap()
                .iter()
                .zip(theirs["config"]["layers"].as_array().unwrap())
                .filter(|(layer, _)| layer["config"]["name"] != "first")
            {
                assert_eq!(ours["build_config"], theirs["build_config"], "{name}");
            }
        }
    }
}

#[test]
fn arrays_of_numpy_are_numbers() {
    let document = r#"{"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [
        {"module": "keras.layers", "class_name": "InputLayer",
         "config": {"batch_shape": [null, 2], "dtype": "float32", "name": "i"}},
        {"module": "keras.layers", "class_name": "Rescaling", "config": {"name": "r", "scale":
            {"class_name": "__numpy__", "config": {"value": [1.0, 2.0], "dtype": "float64"}},
            "offset": 0.0}}]}}"#;
    let model = Sequential::from_json(document).unwrap();
    assert_eq!(model.predict([[3.0, 4.0]]).unwrap(), Tensor::from([[3.0, 8.0]]));
    for (wrong, message) in [
        (r#""scale": [[1.0], [1.0, 2.0]]"#, "expected lists of the same length"),
        (r#""scale": "large""#, "expected a number, or lists of numbers"),
        (r#""scale": []"#, "expected a finite number"),
    ] {
        let start = document.find("\"scale\"").unwrap();
        let end = document.find(",\n            \"offset\"").unwrap();
        let document = format!("{}{wrong}{}", &document[..start], &document[end..]);
        let error = Sequential::from_json(&document).unwrap_err().to_string();
        assert!(error.contains("config.layers[1].config") && error.contains(message), "{error}");
    }
}

#[test]
fn a_normalization_of_too_many_places_is_refused_before_it_is_made() {
    let document = r#"{"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [
        {"module": "keras.layers", "class_name": "InputLayer",
         "config": {"batch_shape": [null, 65536, 65536], "dtype": "float32", "name": "i"}},
        {"module": "keras.layers", "class_name": "Normalization",
         "config": {"name": "n", "axis": [1, -1]}}]}}"#;
    let error = Sequential::from_json(document).unwrap_err().to_string();
    assert!(error.contains("with this Normalization the model would have more than"), "{error}");
}

#[test]
fn tensorflow_js_takes_rescalings() {
    let model = sequential![Input::new([2]), Rescaling::new([0.5, 2.0]).offset(1.0), Dense::new(1)];
    for words in [Words::TensorFlowJs, Words::Portable] {
        let document = json::write_as(model.as_ref().unwrap(), words, &Default::default()).unwrap();
        let again = Sequential::from_json(&document.document.to_string()).unwrap();
        assert_eq!(again.layers()[0].class_name(), "Rescaling");
    }
}

/// From an `.h5` Keras 3 drops every list of axes that has not a single one.
#[test]
fn axes_that_keras_3_would_lose_are_refused_in_its_h5() {
    let folder = scratch("preprocessing_axes");
    for (axes, kept) in [(vec![-1], true), (vec![], false), (vec![1, 2], false)] {
        let layer = Normalization::new().axis(axes);
        let model = sequential![Input::new([2, 3]), layer].unwrap();
        let path = folder.join("m.h5");
        match save_as(&model, &path, Format::Keras3H5, None) {
            Ok(_) => assert!(kept),
            Err(error) => {
                let error = error.to_string();
                assert!(!kept && error.contains("Keras 3 reads a list of axes as -1"), "{error}");
            }
        }
        // Keras 2 reads them.
        let notes = save(&model, &path, None).unwrap();
        assert_eq!(notes.is_empty(), kept, "{notes:?}");
        save(&model, folder.join("m.keras"), None).unwrap();
    }
}

/// Python writes infinities as words, which JSON does not have. Keras counts -1, 0, 1 and inf as 1, 2, 2 and 3.
#[test]
fn boundaries_may_be_infinite() {
    let model = |boundaries: &str| {
        let text = format!(
            r#"{{"class_name": "Sequential", "config": {{"name": "m", "layers": [
            {{"class_name": "InputLayer", "config": {{"batch_shape": [null, 4], "name": "x"}}}},
            {{"class_name": "Discretization", "config": {{"name": "d", "bin_boundaries": {boundaries}}}}}]}}}}"#
        );
        Sequential::from_json(&text)
    };
    let y = model("[-Infinity, 0.0, Infinity]").unwrap();
    let y = y.predict([[-1.0, 0.0, 1.0, f32::INFINITY]]).unwrap();
    assert_eq!(y.as_slice(), [1.0, 2.0, 2.0, 3.0]);
    let error = model("[0.0, NaN]").unwrap_err().to_string();
    assert!(error.contains("NaN is no number that Discretization can compute with"), "{error}");
}
