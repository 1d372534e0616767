//! What `ceratops predict` writes: the ending of the name decides.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use ceratops::{Save, Tensor, prelude::*};
use common::Folder;
use serde_json::Value;

/// A model of one layer, whose numbers are simple: y = activation(x · kernel).
fn folder(name: &str, kernel: Tensor, activation: &str) -> Folder {
    let folder = Folder::new(name);
    let (inputs, units) = (kernel.shape()[0], kernel.shape()[1]);
    let dense = Dense::new(units).activation(activation).use_bias(false).named("y");
    let mut model = sequential![Input::new([inputs]), dense].unwrap();
    model.set_weights(&[kernel]).unwrap();
    model.save(folder.path("m.keras")).unwrap();
    folder
}

fn probabilities(name: &str) -> Folder {
    // softmax of (0, 0) and of (200, 0)
    let folder = folder(name, Tensor::from([[200.0, 0.0]]), "softmax");
    ceratops::formats::npy::write(folder.path("x.npy"), &Tensor::from([[0.0], [1.0]])).unwrap();
    folder
}

const PREDICT: &str = "predict m.keras --input x.npy";

#[test]
fn a_csv_has_a_line_for_each_sample() {
    let folder = probabilities("answers_csv");
    folder.ok(&format!("{PREDICT} --output y.csv"));
    assert_eq!(folder.read("y.csv"), "sample,class,y_0,y_1\n0,0,0.5,0.5\n1,0,1,0\n");
    folder.write("names.txt", "a \"b\", c\ndog\n");
    folder.ok(&format!("{PREDICT} --output y.csv --classes names.txt"));
    let expected = "sample,class,\"a \"\"b\"\", c\",dog\n0,\"a \"\"b\"\", c\",0.5,0.5\n\
                    1,\"a \"\"b\"\", c\",1,0\n";
    assert_eq!(folder.read("y.csv"), expected);
}

#[test]
fn json_has_an_object_for_each_sample() {
    let folder = probabilities("answers_json");
    folder.write("names.txt", "cat\ndog\n");
    folder.ok(&format!("{PREDICT} --output y.JSON --classes names.txt"));
    let found: Value = serde_json::from_str(&folder.read("y.JSON")).unwrap();
    let expected = serde_json::json!([
        {"y": [0.5, 0.5], "class": "cat"}, {"y": [1, 0], "class": "cat"},
    ]);
    assert_eq!(found, expected);
}

#[test]
fn without_an_output_a_table_is_printed() {
    let folder = probabilities("answers_table");
    let table = folder.ok(PREDICT);
    let rows = ["     0      0  0.5000  0.5000\n", "     1      0  1.0000  0.0000\n"].concat();
    assert_eq!(table, format!("sample  class     y_0     y_1\n{rows}"));
    let many = Tensor::zeros(&[25, 1]);
    ceratops::formats::npy::write(folder.path("x.npy"), &many).unwrap();
    let table = folder.ok(PREDICT);
    assert_eq!(table.lines().count(), 22, "{table}");
    assert!(table.ends_with("… 5 more: --all shows them, --output Y.csv writes them\n"), "{table}");
    assert_eq!(folder.ok(&format!("{PREDICT} --all")).lines().count(), 26);
}

#[test]
fn numbers_that_are_no_probabilities_have_no_class() {
    let folder = folder("answers_numbers", Tensor::from([[1.0, f32::INFINITY]]), "linear");
    let x = Tensor::from([[1.0], [0.0]]);
    ceratops::formats::npy::write(folder.path("x.npy"), &x).unwrap();
    folder.ok(&format!("{PREDICT} --output y.csv"));
    assert_eq!(folder.read("y.csv"), "sample,y_0,y_1\n0,1,inf\n1,0,NaN\n");
    folder.ok(&format!("{PREDICT} --output y.json"));
    assert_eq!(folder.read("y.json"), "[{\"y\":[1,1e999]},\n{\"y\":[0,null]}]\n");
    let error = folder.fails(1, &format!("{PREDICT} --output y.csv --classes x.npy"));
    assert!(error.contains("x.npy"), "{error}");
}

#[test]
fn an_ending_that_says_nothing_is_refused() {
    let folder = probabilities("answers_endings");
    for name in ["y.txt", "y", "y.npy.gz"] {
        let error = folder.fails(1, &format!("{PREDICT} --output {name}"));
        assert!(error.contains("name a .npy, .npz, .csv or .json file"), "{error}");
        assert!(!folder.path(name).exists());
    }
    folder.write("names.txt", "cat\n\ndog\n");
    let error = folder.fails(1, &format!("{PREDICT} --classes names.txt"));
    assert!(error.contains("names.txt, line 2: expected the name of a class"), "{error}");
    folder.write("names.txt", "cat\n");
    let error = folder.fails(1, &format!("{PREDICT} --classes names.txt --output y.csv"));
    assert!(error.contains("1 names, for \"y\" of shape [2, 2]"), "{error}");
}

/// A model may put out words.
#[test]
fn words_are_written_as_words() {
    let folder = Folder::new("answers_words");
    let lookup = StringLookup::new().vocabulary(["a, b", "longer word"]).invert(true).named("w");
    sequential![Input::new([1]), lookup].unwrap().save(folder.path("m.keras")).unwrap();
    let x = Tensor::from([[1.0], [2.0], [0.0]]);
    ceratops::formats::npy::write(folder.path("x.npy"), &x).unwrap();
    let predict = "predict m.keras --input x.npy --batch-size 1";
    folder.ok(&format!("{predict} --output y.csv"));
    assert_eq!(folder.read("y.csv"), "sample,w\n0,\"a, b\"\n1,longer word\n2,[UNK]\n");
    folder.ok(&format!("{predict} --output y.json"));
    let found: Value = serde_json::from_str(&folder.read("y.json")).unwrap();
    assert_eq!(
        found,
        serde_json::json!([{"w": ["a, b"]}, {"w": ["longer word"]}, {"w": ["[UNK]"]}])
    );
    assert!(folder.ok(predict).contains("longer word"));
    folder.ok(&format!("{predict} --output y.npy"));
}
