//! Tables of words, integers and numbers, for models that look them up themselves.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use ceratops::{Tensor, formats::npy};
use common::{Folder, project};

const FILES: [&str; 4] = ["table.keras", "table.csv", "table.npz", "table_bytes.npz"];

/// A folder with the files that real Keras wrote.
fn folder(test: &str) -> Folder {
    let folder = Folder::new(test);
    for file in FILES {
        folder.write(file, std::fs::read(project("tests/files/preprocessing").join(file)).unwrap());
    }
    folder
}

fn answers() -> Tensor {
    npy::read(project("tests/files/preprocessing/table_answers.npy")).unwrap()
}

#[test]
fn a_table_in_every_form_gets_keras_answers() {
    let folder = folder("tables");
    folder.ok("convert table.keras table.h5");
    for model in ["table.keras", "table.h5"] {
        for table in &FILES[1..] {
            folder.ok(&format!("predict {model} --input {table} --output p.npy"));
            let apart = folder.tensor("p.npy").zip_map(&answers(), |a, b| (a - b).abs()).unwrap();
            assert!(apart.as_slice().iter().all(|x| *x < 1e-6), "{model} {table}: {apart:?}");
        }
    }
}

#[test]
fn a_table_trains_measures_and_is_diagnosed() {
    let folder = folder("table_training");
    folder.ok("train table.keras --x table.csv --y table.csv --epochs 2 --out again.keras");
    folder.ok("train table.keras --x table.npz --y table.csv:rich --epochs 2 --out other.keras");
    let diff = folder.ok("diff again.keras other.keras --input table.csv");
    assert!(diff.contains("are the same"), "{diff}");
    let diff = folder.ok("diff again.keras other.keras");
    assert!(diff.contains("are the same"), "{diff}");
    let found = folder.ok("evaluate again.keras --x table_bytes.npz --y table.csv");
    assert!(found.contains("loss"), "{found}");
    let found = folder.ok("diagnose again.keras --x table.csv");
    assert!(!found.contains("not finite"), "{found}");
    folder.ok("plot activations again.keras --input table.csv -o outputs.svg");
}

#[test]
fn what_does_not_fit_is_told_by_column_and_line() {
    let folder = folder("table_errors");
    let table = folder.read("table.csv");
    for (from, to, expected) in [
        ("sex", "gender", "no column is named `sex`"),
        ("33,51.5", "?,51.5", "line 2, column `age`: expected a finite number, got `?`"),
        ("51.5", "", "line 2, column `income`: expected a finite number, got an empty cell"),
        ("Bern,m,", "Bern,", "expected 9 cells"),
    ] {
        assert!(table.contains(from), "{from}");
        folder.write("bad.csv", table.replacen(from, to, 1));
        let error = folder.fails(1, "predict table.keras --input bad.csv --output p.npy");
        assert!(error.contains(expected) && error.contains("bad.csv"), "{from}: {error}");
    }
    let error = folder.fails(1, "predict table.keras --input table.csv:city --output p.npy");
    assert!(error.contains("age, city, colour"), "{error}");
    let error = folder.fails(1, "train table.keras --x table.csv --y table.csv:poor --out o.keras");
    assert!(error.contains("poor"), "{error}");
}

#[test]
fn a_single_input_takes_the_columns_in_their_order() {
    let folder = Folder::with_model("table_numbers");
    folder.write("x.csv", "a,b,c,d\n1,2,3,4\n5,6,7,8.5\n");
    folder.write("more.csv", "a,b,c,d,y\n1,2,3,4,0\n5,6,7,8.5,1\n");
    let x = Tensor::from([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.5]]);
    folder.array("x.npy", &x);
    folder.ok("predict model.json --weights w.safetensors --input x.npy --output expected.npy");
    for table in ["x.csv", "more.csv:a,b,c,d"] {
        folder.ok(&format!(
            "predict model.json --weights w.safetensors --input {table} --output p.npy"
        ));
        assert_eq!(folder.tensor("p.npy"), folder.tensor("expected.npy"));
    }
    let error = folder
        .fails(1, "predict model.json --weights w.safetensors --input more.csv --output p.npy");
    assert!(error.contains("5 columns") && error.contains("more.csv"), "{error}");
}
