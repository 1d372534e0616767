//! What a file's own Keras opens is opened here, and computes and learns the same
//! (`tests/files/accepted/make.py`).

#![allow(clippy::unwrap_used, reason = "a test")]

use std::{fs, path::PathBuf};

use ceratops::{
    formats::{Format, Loaded, save_as},
    prelude::*,
    train::optimizers::SGD,
};
use serde_json::Value;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/files/accepted").join(name)
}

fn expected() -> serde_json::Map<String, Value> {
    serde_json::from_slice(&fs::read(file("expected.json")).unwrap()).unwrap()
}

/// The tensor of lists within lists.
fn tensor(value: &Value) -> Tensor {
    let (mut shape, mut numbers) = (Vec::new(), vec![value]);
    while let Some(items) = numbers[0].as_array() {
        shape.push(items.len());
        numbers = numbers.into_iter().flat_map(|v| v.as_array().unwrap()).collect();
    }
    let numbers = numbers.into_iter().map(|number| number.as_f64().unwrap() as f32).collect();
    Tensor::new(&shape, numbers).unwrap()
}

#[track_caller]
fn assert_near(ours: &Tensor, theirs: &Tensor, tolerance: f32, what: &str) {
    assert_eq!(ours.shape(), theirs.shape(), "{what}");
    for (a, b) in ours.as_slice().iter().zip(theirs.as_slice()) {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{what}: {a} is not {b}");
    }
}

fn load(name: &str) -> Loaded {
    ceratops::load(file(name)).unwrap()
}

#[test]
fn every_file_answers_as_its_own_keras_does() {
    let expected = expected();
    assert!(expected.len() > 20);
    for (name, case) in expected {
        // What Keras computed in 16 bits is as rough as they are.
        let tolerance = match name.as_str() {
            rough if rough.contains("bfloat16") => 4e-2,
            rough if rough.contains("float16") => 4e-3,
            _ => 1e-5,
        };
        let y = load(&name).model.predict(tensor(&case["x"])).unwrap();
        assert_near(&y, &tensor(&case["y"]), tolerance, &name);
    }
}

/// In Keras 2 the mode of a call holds in `fit`, too: `false` leaves the moving statistics alone.
#[test]
fn they_learn_as_their_own_keras_does() {
    let mut learned = 0;
    for (name, case) in expected() {
        if case.get("trained").is_none() {
            continue;
        }
        let epochs = if name.starts_with("mode") { 3 } else { 2 };
        let mut model = load(&name).model.compile(SGD::new(0.1), "mse", ()).unwrap();
        for _ in 0..epochs {
            model.train_on_batch(tensor(&case["x"]), tensor(&case["labels"])).unwrap();
        }
        let theirs = case["trained"].as_array().unwrap();
        assert_eq!(model.get_weights().len(), theirs.len(), "{name}");
        for (ours, theirs) in model.get_weights().iter().zip(theirs) {
            assert_near(ours, &tensor(theirs), 2e-4, &name);
        }
        learned += 1;
    }
    assert_eq!(learned, 5);
}

/// Keras 2 can say of a call what mode it has; who cannot is told, or gets no file.
#[test]
fn a_mode_is_written_for_who_can_read_it() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    for (name, mode) in [("mode_false.h5", false), ("mode_true.h5", true)] {
        let (loaded, case) = (load(name), &expected()[name]);
        let x = tensor(&case["x"]);
        let again = folder.join(name);
        save_as(&loaded.model, &again, Format::H5, None).unwrap();
        let again = ceratops::load(&again).unwrap().model;
        assert_eq!(again.get_layer("base").unwrap().training(), Some(mode));
        assert_eq!(again.predict(x.clone()).unwrap(), loaded.model.predict(x.clone()).unwrap());
        for format in [Format::Keras, Format::Keras3H5, Format::TensorFlowJs] {
            let path = folder.join(format!("{name}.{}", format.name()));
            let saved = save_as(&loaded.model, &path, format, None);
            if mode {
                let error = saved.unwrap_err().to_string();
                assert!(error.contains("\"base\": it is in training mode always"), "{error}");
            } else {
                let notes = saved.unwrap();
                let said = "\"base\" is never in training mode";
                assert!(notes.iter().any(|note| note.to_string().contains(said)), "{notes:?}");
                let read = ceratops::load(&path).unwrap().model;
                assert_near(&read.predict(x.clone()).unwrap(), &tensor(&case["y"]), 1e-5, name);
            }
        }
    }
}

/// A penalty of somebody's own is needed by who trains, and by nobody else.
#[test]
fn what_only_training_needs_is_refused_there() {
    let case = &expected()["own_regularizer.h5"];
    let x = tensor(&case["x"]);
    let mut model = load("own_regularizer.h5").model.compile("sgd", "mse", ()).unwrap();
    let y = model.predict(x.clone()).unwrap();
    let error = model.train_on_batch(x, y).unwrap_err().to_string();
    assert!(error.contains("unknown regularizer `mine>Small`"), "{error}");
    assert!(error.contains("the weight \"kernel\""), "{error}");

    let report = load("own_initializer.h5").report.to_string();
    let said = "kernel_initializer: kept, but not known here: the weights are to come from a file";
    assert!(report.contains(said), "{report}");
}

#[test]
fn renormalization_is_not_trained() {
    let case = &expected()["renorm.h5"];
    let x = tensor(&case["x"]);
    for name in ["renorm.h5", "renorm.keras"] {
        let mut model = load(name).model.compile("sgd", "mse", ()).unwrap();
        let error = model.train_on_batch(x.clone(), x.clone()).unwrap_err().to_string();
        assert!(error.contains("renormalization (renorm=true) cannot be trained"), "{error}");
    }
    // All seven weights and the limits go to Keras again.
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("renorm_again.keras");
    let model = load("renorm.h5").model;
    save_as(&model, &path, Format::Keras, None).unwrap();
    let again = ceratops::load(&path).unwrap().model;
    assert_eq!(again.get_weights(), model.get_weights());
    assert_eq!(
        (again.to_json().unwrap(), again.get_weights().len()),
        (model.to_json().unwrap(), 7)
    );
    assert!(again.to_json().unwrap().contains(r#""renorm":true,"renorm_clipping":{"rmax":2.0}"#));
}

#[test]
fn a_policy_is_told_of() {
    let report = load("mixed_bfloat16.keras").report.to_string();
    let said = "dtype: read as float32, in which `mixed_bfloat16` is computed here";
    assert_eq!(report.matches(said).count(), 1, "{report}");
}

#[test]
fn a_batch_size_is_written_again() {
    let json = load("batch.h5").model.to_json().unwrap();
    assert!(json.contains(r#""batch_shape":[2,4]"#), "{json}");
}
