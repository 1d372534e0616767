//! `ceratops diagnose`.

mod common;

use ceratops::{LoadWeights, Tensor, train::Compile, train::Diagnose};
use common::{Folder, labels, samples};
use serde_json::Value;

const DIAGNOSE: &str = "diagnose model.json --weights w.safetensors";
const COMPILED: &str = "--y y.npy --optimizer adam --loss sparse_categorical_crossentropy";

#[test]
fn what_is_printed_is_the_library_s() {
    let folder = Folder::with_model("diagnose_library");
    let mut model = ceratops::load(folder.path("model.json")).unwrap().model;
    model.load_weights(folder.path("w.safetensors")).unwrap();
    let answered = model.diagnose(samples(20)).unwrap();
    assert_eq!(folder.ok(&format!("{DIAGNOSE} --x x.npy")), format!("{answered}\n"));
    let model = model.compile("adam", "sparse_categorical_crossentropy", ()).unwrap();
    let learned = model.diagnose_training(samples(20), labels(20)).unwrap();
    let text = folder.ok(&format!("{DIAGNOSE} --x x.npy {COMPILED}"));
    assert_eq!(text, format!("{learned}\n"));
    assert!(text.starts_with("Diagnosis of \"small\", 20 samples, loss "), "{text}");
    assert!(text.ends_with("Nothing unusual was found.\n"), "{text}");
    let json = folder.ok(&format!("{DIAGNOSE} --x x.npy {COMPILED} --format json"));
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), learned.to_json().unwrap());
}

#[test]
fn a_file_may_say_how_it_was_compiled() {
    let folder = Folder::with_model("diagnose_compiled");
    let loss = "--loss sparse_categorical_crossentropy --optimizer sgd";
    folder.ok(&format!("train model.json --x x.npy --y y.npy {loss} --out trained.keras --quiet"));
    let text = folder.ok("diagnose trained.keras --x x.npy --y y.npy");
    assert!(text.contains("Update/Weight"), "{text}");
    let error = folder.fails(1, &format!("{DIAGNOSE} --x x.npy --y y.npy"));
    assert!(error.contains("model.json") && error.contains("--optimizer"), "{error}");
}

#[test]
fn nan_is_named_where_it_comes_from() {
    let folder = Folder::with_model("diagnose_nan");
    let mut x = samples(20);
    x.as_mut_slice()[9] = f32::NAN;
    folder.array("nan.npy", &x);
    let text = folder.ok(&format!("{DIAGNOSE} --x nan.npy"));
    assert!(text.contains("the first is NaN, in sample 2 at (1,)"), "{text}");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let folder = Folder::with_model("diagnose_refused");
    let error = folder.fails(2, &format!("{DIAGNOSE} --x x.npy --loss mse --optimizer sgd"));
    assert!(error.contains("--y"), "{error}");
    let error = folder.fails(2, &format!("{DIAGNOSE} --x x.npy --y y.npy --loss mse"));
    assert!(error.contains("--optimizer"), "{error}");
    let error = folder.fails(2, "diagnose - --x -");
    assert!(error.contains("standard input"), "{error}");
    folder.array("wide.npy", &Tensor::zeros(&[2, 5]));
    let error = folder.fails(1, &format!("{DIAGNOSE} --x wide.npy"));
    assert!(error.contains("(None, 4), got (2, 5)"), "{error}");
}
