//! Models of real Keras that begin with images, words or texts: read, answered, written and read again.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod scratch;

use std::{
    fs,
    path::{Path, PathBuf},
};

use ceratops_core::{Inputs, Tensor, Text};
use ceratops_formats::{
    Format, ModelJson,
    json::{self, Words},
    load, save, save_as,
};
use ceratops_layers::{
    Input, Model, RandomContrast, RandomShear, Sequential, StringLookup, sequential,
};
use scratch::scratch;
use serde_json::{Value, json};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/files/preprocessing").join(name)
}

fn value(name: &str) -> Value {
    serde_json::from_slice(&fs::read(fixture(name)).unwrap()).unwrap()
}

fn rows(rows: &Value) -> Vec<f32> {
    let rows: Vec<Vec<f32>> = serde_json::from_value(rows.clone()).unwrap();
    rows.concat()
}

fn assert_near(y: &Tensor, expected: &Value, what: &str) {
    let expected = rows(expected);
    assert_eq!(y.len(), expected.len(), "{what}");
    for (a, b) in y.as_slice().iter().zip(&expected) {
        assert!((a - b).abs() <= 1e-5 * b.abs().max(1.0), "{what}: {y:?} {expected:?}");
    }
}

#[test]
fn the_model_of_the_tutorial_answers_as_in_keras() {
    let expected = value("potatoes.json");
    let x: Vec<f32> = serde_json::from_value(expected["x"].clone()).unwrap();
    let x = Tensor::new(&[2, 6, 5, 3], x).unwrap();
    for name in ["potatoes.keras", "potatoes.h5"] {
        let model = load(fixture(name)).unwrap().model;
        assert_near(&model.predict(&x).unwrap(), &expected[name], name);
        for format in [Format::Keras, Format::H5] {
            let file = scratch(&format!("{name}.{format:?}")).join("again");
            save_as(&model, &file, format, None).unwrap();
            let again = load(&file).unwrap().model;
            assert_near(&again.predict(&x).unwrap(), &expected[name], name);
        }
    }
}

/// What the model of lookups is asked.
fn questions(asked: &Value) -> Inputs {
    let strings = |key: &str| -> Vec<String> {
        let list = asked[key].as_array().unwrap().iter();
        list.map(|s| s.as_str().or_else(|| s[0].as_str()).unwrap().to_owned()).collect()
    };
    let numbers = |key: &str| Tensor::new(&[3, 1], rows(&asked[key])).unwrap();
    let named = [
        ("word", Text::from(strings("word")).into()),
        ("id", numbers("id")),
        ("real", numbers("real")),
        ("text", Text::from(strings("text")).into()),
    ];
    Inputs::from(named)
}

#[test]
fn vocabularies_are_found_in_the_archive() {
    let expected = value("lookups.json");
    let model = load(fixture("lookups.keras")).unwrap().model;
    let y = model.predict(questions(&expected)).unwrap();
    assert_near(&y, &expected["y"], "lookups.keras");
    for ending in ["keras", "h5"] {
        let file = scratch(&format!("lookups_{ending}")).join(format!("again.{ending}"));
        save(&model, &file, None).unwrap();
        let again = load(&file).unwrap().model;
        assert_near(&again.predict(questions(&expected)).unwrap(), &expected["y"], ending);
    }
    let again = Model::from_json(&model.to_json().unwrap());
    assert!(again.unwrap().get_layer("string_lookup").is_ok());
}

#[test]
fn numbers_of_keras_2_keep_their_meaning() {
    let layer = |factor: Value, version: &str| {
        let entry = json!({"class_name": "RandomContrast", "config": {
            "name": "c", "factor": factor, "batch_input_shape": [null, 4, 4, 1], "rng_type": "stateful",
        }});
        let document = json!({"class_name": "Sequential", "keras_version": version,
            "backend": "tensorflow", "config": {"name": "s", "layers": [entry]}});
        let model = Sequential::from_json(&document.to_string()).unwrap();
        model.layers()[0].downcast_ref::<RandomContrast>().unwrap().factor
    };
    // There a number goes both ways, and only up in Keras 3.
    assert_eq!(layer(json!(0.2), "2.15.0"), [0.2, 0.2].into());
    assert_eq!(layer(json!([0.5, 0.1]), "2.15.0"), [0.5, 0.1].into());
}

#[test]
fn what_a_reader_lacks_is_refused_or_put_in_its_words() {
    let model = sequential![Input::new([4, 4, 1]), RandomShear::new(0.2, [0.1, 0.3])].unwrap();
    let keras3 = json::write_as(&model, Words::Keras3, &Default::default()).unwrap().document;
    let config = &keras3["config"]["layers"][1]["config"];
    assert_eq!((&config["x_factor"], &config["y_factor"]), (&json!(0.2), &json!([0.1, 0.3])));
    let refused = |model: &Sequential, words: Words| {
        json::write_as(model, words, &Default::default()).unwrap_err().to_string()
    };
    assert!(refused(&model, Words::Keras2).contains("Keras 2 has no RandomShear"));
    let hashed = StringLookup::new().vocabulary(["a"]).num_oov_indices(2).salt(3);
    let model = sequential![Input::text([1]), hashed].unwrap();
    assert!(refused(&model, Words::Keras2And3).contains("salt"));
    assert!(refused(&model, Words::TensorFlowJs).contains("TensorFlow.js"));
}
