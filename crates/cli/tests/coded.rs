//! `--table`: a table with words in it is encoded once, and later tables are encoded as it was.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{Folder, project};

const NET: &str = r#"{"class_name": "Sequential", "config": {"name": "net", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 10], "name": "x"}},
    {"class_name": "Dense", "config": {"name": "h", "units": 8, "activation": "relu"}},
    {"class_name": "Dense", "config": {"name": "y", "units": 3, "activation": "softmax"}}]}}"#;

const TRAIN: &str = "train net.json --table penguins.csv --drop-missing --target species \
    --optimizer adam --loss sparse_categorical_crossentropy --metrics accuracy --epochs 30 --learning-rate 0.01 --seed 1";

/// The penguins, and a network that learned them.
fn trained(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("net.json", NET);
    std::fs::copy(project("examples/data/penguins.csv"), folder.path("penguins.csv")).unwrap();
    let run = folder.run(&format!("{TRAIN} --out net.keras"));
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.err.contains("11 of 344 rows left out, where cells are missing"), "{}", run.err);
    let told = "10 features; classes: Adelie, Chinstrap, Gentoo";
    assert!(run.err.contains(told), "{}", run.err);
    folder
}

/// The rows of the penguins that are not Adelie, one of them from an island that nobody has seen.
fn others(folder: &Folder) {
    let all = folder.read("penguins.csv");
    let rows = all.lines().filter(|line| !line.starts_with("Adelie") && !line.contains("NA"));
    let text: Vec<String> = rows.map(str::to_owned).collect();
    let text = text.join("\n").replacen("Gentoo,Biscoe", "Gentoo,Atlantis", 1);
    folder.write("others.csv", text);
}

#[test]
fn a_table_without_one_class_is_encoded_as_the_first_was() {
    let folder = trained("coded_others");
    others(&folder);
    let accuracy = |table: &str| -> f64 {
        let run =
            folder.run(&format!("evaluate net.keras --table {table} --drop-missing --format json"));
        assert_eq!(run.code, Some(0), "{}", run.err);
        let logs: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        logs["accuracy"].as_f64().unwrap()
    };
    assert!(accuracy("penguins.csv") > 0.95);
    assert!(accuracy("others.csv") > 0.95);
    let run = folder.run("evaluate net.keras --table others.csv");
    let told = "column `island`: `Atlantis` (1 row) was not in the table that the encoder was fitted to; it \
                counts as none of its words";
    assert!(run.err.contains(told), "{}", run.err);
}

#[test]
fn answers_have_the_names_of_the_classes() {
    let folder = trained("coded_answers");
    // Without the column that is learned, and in another order.
    folder.write(
        "new.csv",
        "year,sex,body_mass_g,flipper_length_mm,bill_depth_mm,bill_length_mm,island\n\
         2008,male,5500,220,15,49,Biscoe\n",
    );
    let out = folder.ok("predict net.keras --table new.csv --quiet");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        lines[0].split_whitespace().collect::<Vec<_>>(),
        ["sample", "class", "Adelie", "Chinstrap", "Gentoo"]
    );
    assert_eq!(lines[1].split_whitespace().nth(1), Some("Gentoo"), "{out}");
    folder.ok("predict net.keras --table new.csv --output new_answers.csv --quiet");
    assert!(
        folder
            .read("new_answers.csv")
            .starts_with("sample,class,Adelie,Chinstrap,Gentoo\n0,Gentoo,")
    );
}

#[test]
fn what_is_not_there_is_said() {
    let folder = trained("coded_errors");
    let fails = |code: i32, line: &str| folder.fails(code, line);
    let missing = fails(1, "evaluate net.keras --table penguins.csv");
    assert!(missing.contains("line 5") && missing.contains("--drop-missing"), "{missing}");
    folder.write("short.csv", "island,sex\nDream,male\n");
    let error = fails(1, "predict net.keras --table short.csv");
    assert!(error.contains("unknown column `bill_length_mm`"), "{error}");
    std::fs::rename(folder.path("net.keras.table.json"), folder.path("away.json")).unwrap();
    let error = fails(1, "predict net.keras --table penguins.csv");
    assert!(error.contains("net.keras.table.json that says how its tables are encoded"), "{error}");
    folder.write("net.keras.table.json", "{}");
    let error = fails(1, "predict net.keras --table penguins.csv");
    assert!(error.contains("this is no encoder of a table"), "{error}");
    let error =
        fails(2, "train net.json --table penguins.csv --out a.keras --loss mse --optimizer sgd");
    assert!(error.contains("--target COLUMN"), "{error}");
    let error = fails(2, "train net.json --out a.keras --loss mse --optimizer sgd");
    assert!(error.contains("--x"), "{error}");
}

/// What is wrong before the first epoch is said before it, in the program's words.
#[test]
fn what_needs_validation_is_known_before_it_begins() {
    let folder = trained("coded_watch");
    let train = "train net.keras --table penguins.csv --drop-missing --out again.keras";
    for (option, name) in [
        ("--early-stopping 2 --monitor val_loss", "--monitor val_loss"),
        ("--checkpoint c-{val_accuracy}.keras", "--checkpoint c-{val_accuracy}.keras"),
    ] {
        let error = folder.fails(2, &format!("{train} {option}"));
        let told = format!("{name}: nothing is validated on; give --validation-split");
        assert!(error.contains(&told), "{error}");
        folder.ok(&format!("{train} {option} --validation-split 0.2"));
    }
    // The file's loss, and another metric.
    let run = folder.run("evaluate net.keras --table penguins.csv --drop-missing --metrics sparse_top_k_categorical_accuracy");
    assert!(
        run.out.contains("sparse_top_k_categorical_accuracy: ") && run.out.contains("loss: "),
        "{} {}",
        run.out,
        run.err
    );
    let error = folder.fails(2, "evaluate net.keras --table penguins.csv --metrics f1");
    assert!(error.contains("did you mean `f1_score`"), "{error}");
}
