//! `ceratops evaluate`.

mod common;

use ceratops::{LoadWeights, Tensor, train::Compile};
use common::{Folder, labels, project, samples};
use serde_json::Value;

const EVALUATE: &str = "evaluate model.json --weights w.safetensors --y y.npy";
const LOSS: &str = "--loss sparse_categorical_crossentropy --metrics accuracy";

#[test]
fn the_figures_are_the_library_s() {
    let folder = Folder::with_model("evaluate_library");
    let mut model = ceratops::load(folder.path("model.json")).unwrap().model;
    model.load_weights(folder.path("w.safetensors")).unwrap();
    let model = model.compile("sgd", "sparse_categorical_crossentropy", "accuracy").unwrap();
    let logs = model.evaluate(samples(20), labels(20)).unwrap();
    assert_eq!(folder.ok(&format!("{EVALUATE} --x x.npy {LOSS}")), format!("{logs}\n"));
    let json = folder.ok(&format!("{EVALUATE} --x x.npy {LOSS} --format json"));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["loss"], logs["loss"]);
    assert_eq!(json["accuracy"], logs["accuracy"]);
}

#[test]
fn nan_is_named_where_it_comes_from() {
    let folder = Folder::with_model("evaluate_nan");
    let mut x = samples(20);
    x.as_mut_slice()[9] = f32::NAN;
    folder.array("nan.npy", &x);
    let text = folder.ok(&format!("{EVALUATE} --x nan.npy {LOSS}"));
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].ends_with("loss: nan"), "{text}");
    assert_eq!(lines[1..], ["1 of 20 samples hold NaN", "1 of 20 outputs hold NaN"]);
}

#[test]
fn what_does_not_go_together_is_refused() {
    let folder = Folder::with_model("evaluate_refused");
    folder.array("short.npy", &samples(3));
    let error = folder.fails(1, &format!("{EVALUATE} --x short.npy {LOSS}"));
    assert!(error.contains("x has 3 samples, y has 20"), "{error}");
    let error = folder.fails(1, &format!("{EVALUATE} --x x.npy"));
    assert!(error.contains("model.json") && error.contains("--loss"), "{error}");
    let error = folder.fails(2, &format!("{EVALUATE} --x x.npy --loss sparse_crossentropy"));
    assert!(error.contains("unknown loss `sparse_crossentropy`"), "{error}");
    let error = folder.fails(2, &format!("{EVALUATE} --x x.npy --loss mse --metrics mae,acuracy"));
    assert!(error.contains("`acuracy`; did you mean `accuracy`?"), "{error}");
    let error = folder.fails(1, &format!("{EVALUATE} --x x.npy --metrics accuracy"));
    assert!(error.contains("--loss"), "{error}");
    let error = folder.fails(2, &format!("{EVALUATE} --x -").replace("model.json", "-"));
    assert!(error.contains("standard input"), "{error}");
}

#[test]
fn several_outputs_want_labels_for_each() {
    let folder = Folder::new("evaluate_outputs");
    let model = project("tests/json/graphs/k3_outputs.json");
    std::fs::copy(model, folder.path("outputs.json")).unwrap();
    folder.ok("convert outputs.json w.npz");
    folder.array("x.npy", &Tensor::zeros(&[2, 6, 6, 1]));
    folder.array("y.npy", &Tensor::zeros(&[2, 2]));
    let rest = "outputs.json --weights w.npz --x x.npy --y y.npy --loss mse";
    for command in ["evaluate", "diagnose --optimizer sgd"] {
        let error = folder.fails(1, &format!("{command} {rest}"));
        assert!(error.contains("y.npy: this is one array, and the model has d, c"), "{error}");
    }
}

#[test]
fn what_is_unknown_is_said_in_words_of_the_program() {
    let folder = Folder::with_model("evaluate_unknown");
    let model = folder.read("model.json");
    for (old, new, part) in [
        ("relu", "my>act", "unknown activation `my>act`; `ceratops activations` lists"),
        ("Dense", "Mine", "unknown layer class `Mine`"),
    ] {
        folder.write("model.json", model.replacen(old, new, 1));
        let error = folder.fails(1, &format!("{EVALUATE} --x x.npy {LOSS}"));
        assert!(error.contains(part), "{error}");
        assert!(!error.contains("regist") && !error.contains("Registry"), "{error}");
    }
}
