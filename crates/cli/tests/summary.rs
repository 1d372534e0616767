//! `ceratops summary`.

mod common;

use std::fs;

use common::{Folder, Run, project};
use serde_json::{Value, json};

/// The summary of a case.
fn summary(case: &str, arguments: &str) -> String {
    let folder = project("tests/summaries").join(case);
    let model = folder.join("model.json");
    let line = format!("summary {} {arguments}", model.display());
    let run = Folder::new(&format!("summary_{case}")).run(&line);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{line}");
    run.out
}

#[test]
fn it_is_what_keras_prints() {
    for (case, arguments, file) in [
        ("lenet", "", "keras3.txt"),
        ("lenet", "--style keras2", "keras2.txt"),
        ("lenet_line_length_60", "--line-length 60", "keras3.txt"),
        ("frozen_show_trainable", "--trainable", "keras3.txt"),
    ] {
        let keras = project("tests/summaries").join(case).join(file);
        let keras = fs::read_to_string(keras).unwrap();
        assert_eq!(summary(case, arguments).trim_end(), keras.trim_end(), "{case}");
    }
}

#[test]
fn it_is_as_wide_as_the_terminal() {
    let folder = Folder::with_model("summary_wide");
    let width = |columns: &str| {
        let mut command = folder.command("summary model.json");
        let run = Run::of(command.env("COLUMNS", columns).output().unwrap());
        run.out.lines().nth(1).unwrap().chars().count()
    };
    assert_eq!([width("50"), width("70"), width("200")], [46, 66, 88]);
}

#[test]
fn nested_layers_are_shown_on_demand() {
    let (plain, expanded) = (summary("nested", ""), summary("nested", "--expand-nested"));
    assert!(expanded.lines().count() > plain.lines().count());
    assert!(expanded.contains('└'), "{expanded}");
}

#[test]
fn it_is_also_json() {
    let folder = Folder::with_model("summary_json");
    let value: Value =
        serde_json::from_str(&folder.ok("summary model.json --format json")).unwrap();
    assert_eq!(value["total_params"], 4 * 8 + 8 + 8 * 3 + 3);
    assert_eq!(value["layers"][1]["name"], "scores");
    assert_eq!(value["layers"][1]["output_shape"], json!([null, 3]));
}

#[test]
fn the_model_may_come_by_the_standard_input() {
    let folder = Folder::new("summary_stdin");
    let (run, _) = folder.pipe("summary -", common::MODEL.as_bytes());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.starts_with("Model: \"small\"\n"), "{run:?}");
    // One that has files beside it must be there itself.
    folder.write("model.json", common::MODEL);
    folder.ok("convert model.json web --to tfjs -q");
    let (run, _) = folder.pipe("summary -", folder.read("web/model.json").as_bytes());
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("shard1of1.bin is beside it"), "{run:?}");
}

#[test]
fn verbose_says_how_the_file_was_read() {
    let folder = Folder::with_model("summary_verbose");
    let run = folder.run("summary model.json --verbose");
    assert!(run.err.starts_with("model.json: Keras "), "{run:?}");
    assert_eq!(folder.run("summary model.json").err, "");
}
