//! Masks as real Keras has them: which it writes into files, what it computes with them, and what
//! the gradients are. The cases are in `tests/golden/masks`, written by `make_masks.py` there.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::{fs, path::PathBuf};

use ceratops_core::{Error, Result, Tensor};
use ceratops_formats::json::{self, Change, Words};
use ceratops_layers::{Logits, Model, ModelPass, Part, PassOptions, Registry, Sequential};
use serde_json::{Value, json};

/// What may differ, relative to the largest number: outputs, and gradients.
const OUTPUTS: f32 = 3e-6;
const GRADIENTS: f32 = 3e-5;

fn cases() -> Vec<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/masks");
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    };
    paths.into_iter().map(read).collect()
}

fn case(name: &str) -> Value {
    cases().into_iter().find(|(own, _)| own == name).unwrap().1
}

fn tensor(value: &Value) -> Tensor {
    let shape: Vec<usize> = serde_json::from_value(value["shape"].clone()).unwrap();
    let data = value["data"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32);
    Tensor::new(&shape, data.collect()).unwrap()
}

fn tensors(value: &Value) -> Vec<Tensor> {
    value.as_array().unwrap().iter().map(tensor).collect()
}

fn difference(a: &Tensor, b: &Tensor) -> f32 {
    if a.shape() != b.shape() {
        return f32::INFINITY;
    }
    let size = b.as_slice().iter().fold(1e-3, |size: f32, b| size.max(b.abs()));
    let largest = |worst: f32, e: f32| if e > worst || e.is_nan() { e } else { worst };
    a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| (a - b).abs() / size).fold(0.0, largest)
}

fn read(document: &Value) -> Result<json::Loaded> {
    json::read(&document.to_string(), &Registry::builtin())
}

fn model(case: &Value) -> Result<Sequential> {
    let mut model = read(&case["model"])?.model;
    model.set_weights(&tensors(&case["weights"]))?;
    for name in case["frozen"].as_array().into_iter().flatten() {
        model.get_layer_mut(name.as_str().unwrap())?.set_trainable(false);
    }
    Ok(model)
}

/// The pass in which the loss is Σ y · r.
fn pass(model: &Sequential, case: &Value, whole: bool) -> Result<ModelPass> {
    let r = tensor(&case["r"]);
    let loss = |part: &Part<'_>| {
        let r = r.batch_slice(part.range.clone())?;
        let sum = part.outputs[0].clone().zip_map(&r, |y, r| y * r)?.sum();
        Ok(vec![(sum, Some(r))])
    };
    let options = PassOptions { seed: 1, step: 0, logits: Logits::NONE, whole };
    model.train_pass_all(&[tensor(&case["x"])], options, &loss)
}

fn faults_of(case: &Value) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut check = |what: &str, a: &Tensor, b: &Tensor, allowed: f32| {
        let difference = difference(a, b);
        if difference.is_nan() || difference > allowed {
            faults.push(format!("{what} differ by {difference:e}"));
        }
    };
    let model = model(case)?;
    check("outputs", &model.predict(tensor(&case["x"]))?, &tensor(&case["outputs"]), OUTPUTS);
    let pass = pass(&model, case, false)?;
    check("outputs in training", &pass.outputs[0], &tensor(&case["outputs_in_training"]), OUTPUTS);
    let (found, expected) = (pass.gradients.iter().flatten(), tensors(&case["gradients"]));
    if found.clone().count() != expected.len() {
        return Err(Error::Model("another number of gradients".into()));
    }
    for (i, (found, expected)) in found.zip(&expected).enumerate() {
        check(&format!("gradients {i}"), found, expected, GRADIENTS);
    }
    let mut weights = model.get_weights();
    for update in &pass.updates {
        weights[update.index] = update.of(&weights[update.index])?;
    }
    for (i, (found, expected)) in weights.iter().zip(tensors(&case["after"])).enumerate() {
        check(&format!("weights {i} after the pass"), found, &expected, OUTPUTS);
    }
    Ok(faults)
}

#[test]
fn a_pass_with_masks_is_that_of_keras() {
    let (mut faults, cases) = (Vec::new(), cases());
    assert!(cases.len() > 60);
    for (name, case) in cases {
        match faults_of(&case) {
            Ok(found) => faults.extend(found.iter().map(|fault| format!("{name}: {fault}"))),
            Err(error) => faults.push(format!("{name}: {error}")),
        }
    }
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
}

/// The operations are gone, which is noted, and what is written has none: Keras makes them anew.
#[test]
fn operations_that_are_masks_are_dropped_and_not_written() {
    for (name, case) in cases() {
        let loaded = read(&case["model"]).unwrap();
        let operations = [
            "NotEqual",
            "Any",
            "LogicalOr",
            "ExpandDims",
            "ZerosLike",
            "OnesLike",
            "ConvertToTensor",
        ];
        let count = |document: &Value| {
            let text = document.to_string();
            let named = |name: &&str| text.matches(&format!(r#""class_name":"{name}""#)).count();
            operations.iter().map(named).sum::<usize>()
        };
        let noted = |note: &&json::Note| {
            note.change == Change::Ignored && note.text.starts_with("a mask, which reaches")
        };
        let notes = loaded.report.notes.iter().filter(noted).count();
        assert!(notes >= count(&case["model"]), "{name}: {notes}");
        for words in [Words::Keras3, Words::Keras3Short, Words::Keras2] {
            // Keras 2 has no such layer, which writing says.
            if words == Words::Keras2 && name == "masks_gqa" {
                continue;
            }
            let written = json::write_as(&loaded.model, words, &Default::default()).unwrap();
            assert_eq!(count(&written.document), 0, "{name}");
            let again = json::read(&written.document.to_string(), &Registry::builtin());
            let mut again = again.unwrap_or_else(|e| panic!("{name}: {e}")).model;
            again.set_weights(&tensors(&case["weights"])).unwrap();
            // Where masks are others for the reader, that is said.
            let others = written.notes.iter().any(|note| note.text.contains("not all readers"));
            let expected = tensor(&case["outputs"]);
            let difference = difference(&again.predict(tensor(&case["x"])).unwrap(), &expected);
            assert!(others || difference < OUTPUTS, "{name} in {words:?}: {difference}");
        }
    }
}

/// A sample's answer is the same to the bit whatever stands beside it: a chunk may be cut anywhere.
#[test]
fn masked_samples_do_not_look_at_each_other() {
    for (name, case) in cases() {
        let (model, x) = (model(&case).unwrap(), tensor(&case["x"]));
        let all = model.predict(&x).unwrap();
        let part = |range| model.predict(x.batch_slice(range).unwrap()).unwrap();
        let parts = Tensor::concat(&[part(0..3), part(3..4), part(4..12)]).unwrap();
        assert!(difference(&parts, &all) < 1e-6, "{name}");
        let (cut, whole) =
            (pass(&model, &case, false).unwrap(), pass(&model, &case, true).unwrap());
        assert_eq!(cut.masks, whole.masks, "{name}");
        for (cut, whole) in cut.gradients.iter().flatten().zip(whole.gradients.iter().flatten()) {
            assert!(difference(cut, whole) < GRADIENTS, "{name}");
        }
    }
}

fn layer<'a>(document: &'a mut Value, class_name: &str) -> &'a mut Value {
    let layers = document["config"]["layers"].as_array_mut().unwrap();
    layers.iter_mut().rfind(|layer| layer["class_name"] == class_name).unwrap()
}

/// Another mask than the one that flows is refused by the name of the layer.
#[test]
fn a_mask_of_ones_own_is_refused() {
    let refuse = |document: &Value| read(document).unwrap_err().to_string();
    let document = &case("masks_lstm_last")["model"];
    for change in [
        // Another number than that of Masking.
        |document: &mut Value| {
            layer(document, "NotEqual")["inbound_nodes"][0]["args"][1] = json!(0.5);
        },
        |document: &mut Value| layer(document, "Any")["config"]["axis"] = json!(1),
        |document: &mut Value| layer(document, "Any")["config"]["keepdims"] = json!(true),
        // No mask at all flows there.
        |document: &mut Value| layer(document, "Masking")["class_name"] = json!("Activation"),
        // The input itself.
        |document: &mut Value| {
            let input = layer(document, "Masking")["inbound_nodes"][0]["args"][0].clone();
            layer(document, "LSTM")["inbound_nodes"][0]["kwargs"]["mask"] = input;
        },
    ] {
        let mut document = document.clone();
        change(&mut document);
        if document["config"]["layers"].to_string().contains("Activation") {
            layer(&mut document, "Activation")["config"] =
                json!({"name": "masking", "activation": "tanh"});
        }
        let error = refuse(&document);
        assert!(error.contains("\"lstm\"") && error.contains("mask = "), "{error}");
        assert!(error.contains("Masking"), "{error}");
    }
    // One mask of two.
    let mut document = case("masks_join_add")["model"].clone();
    let one = layer(&mut document, "LogicalOr")["inbound_nodes"][0]["args"][0].clone();
    layer(&mut document, "LSTM")["inbound_nodes"][0]["kwargs"]["mask"] = one;
    assert!(refuse(&document).contains("mask = "));
    // Keras 2 has it among the arguments of the call.
    let mut document = case("masks_keras2_lstm_last")["model"].clone();
    layer(&mut document, "LSTM")["inbound_nodes"][0][0][3] = json!({"mask": ["x", 0, 0]});
    let error = refuse(&document);
    assert!(error.contains("mask = ") && error.contains("Masking"), "{error}");
}

/// An operation that something else reads stays.
#[test]
fn an_operation_that_is_more_than_a_mask_stays() {
    let mut document = case("masks_lstm_last")["model"].clone();
    document["config"]["output_layers"] = json!([["dense_1", 0, 0], ["any", 0, 0]]);
    let model = read(&document).unwrap().model;
    assert_eq!(model.output_names(), ["dense_1", "any"]);
    assert_eq!(model.get_layer("not_equal").unwrap().class_name(), "NotEqual");
}

/// Errors name the place in the file, operations counted.
#[test]
fn errors_find_their_place_among_operations() {
    for name in ["masks_lstm_last", "masks_join_concatenate"] {
        let mut document = case(name)["model"].clone();
        layer(&mut document, "LSTM")["config"]["units"] = json!("x");
        let layers = document["config"]["layers"].as_array().unwrap();
        let place = layers.iter().position(|layer| layer["class_name"] == "LSTM").unwrap();
        let error = read(&document).unwrap_err().to_string();
        assert!(error.starts_with(&format!("config.layers[{place}].config.units")), "{error}");
    }
}

/// As Keras 3.15 lists them when it opens what is written; in its own file, which counts operations
/// on the way to the output, `a` comes before `b`.
#[test]
fn layers_are_saved_in_the_order_that_keras_finds_without_operations() {
    let names = |model: &Model| -> Vec<String> {
        model.layers().iter().map(|node| node.name().to_owned()).collect()
    };
    let case = case("masks_join_half_in_time");
    let model = model(&case).unwrap();
    assert_eq!(names(&model)[..4], ["masking", "masking_1", "a", "b"]);
    let ordered = model.in_keras_order().unwrap();
    assert_eq!(names(&ordered)[..4], ["masking_1", "masking", "b", "a"]);
    assert_eq!(ordered.in_keras_order().map(|model| names(&model)), None);
    let x = tensor(&case["x"]);
    assert_eq!(ordered.predict(&x).unwrap(), model.predict(&x).unwrap());
}
