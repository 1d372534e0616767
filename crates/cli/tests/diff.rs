//! `ceratops diff`.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::fs;

use ceratops::{
    LoadWeights, Save, Tensor,
    formats::{Format, save_as},
};
use common::{Folder, MODEL, Run, samples};
use serde_json::Value;

/// A folder with the model `a`, and with `b` in which one number of one weight is another.
fn two(test: &str, weight: usize, by: f32) -> Folder {
    let folder = Folder::with_model(test);
    let mut model = ceratops::load(folder.path("model.json")).unwrap().model;
    model.load_weights(folder.path("w.safetensors")).unwrap();
    for name in ["a", "b"] {
        fs::create_dir_all(folder.path(name)).unwrap();
        model.save(folder.path(name).join("model.json")).unwrap();
        model.params_mut()[weight].value_mut()[1] += by;
    }
    folder
}

fn verdict(run: &Run) -> &str {
    run.out.lines().last().unwrap_or_default()
}

#[test]
fn equal_models_are_the_same() {
    let folder = two("diff_same", 0, 0.0);
    let run = folder.run("diff a b --tolerance 0");
    assert_eq!((run.code, verdict(&run)), (Some(0), "The models are the same."), "{run:?}");
}

#[test]
fn the_models_part_where_a_weight_differs() {
    let folder = two("diff_weight", 2, 0.125);
    let run = folder.run("diff a b");
    assert_eq!(run.code, Some(1), "{run:?}");
    let sentence = "The models part at layer 1 (scores, Dense): its kernel differs by up to 0.125";
    assert!(verdict(&run).starts_with(sentence), "{run:?}");
    assert!(run.out.contains("configs: the same"), "{run:?}");
    assert!(run.out.contains("layer 1 (scores, Dense): kernel differs by up to 0.125"), "{run:?}");
    assert!(run.out.contains(", most at [0, 1]"), "{run:?}");
    assert!(!run.out.contains("layer 0"), "{run:?}");
    // All differences together are within this.
    assert_eq!(folder.run("diff a b --tolerance 0.2").code, Some(0));
    // Where nothing of what differs is asked about, the same comes out.
    folder.array("zeros.npy", &Tensor::zeros(&[2, 4]));
    let folder = two("diff_weight_unseen", 0, 0.125);
    folder.array("zeros.npy", &Tensor::zeros(&[2, 4]));
    let run = folder.run("diff a b --input zeros.npy");
    let sentence = "The models compute the same for these samples, but differ first at layer 0";
    assert!(run.code == Some(1) && verdict(&run).starts_with(sentence), "{run:?}");
}

#[test]
fn configs_are_compared_key_by_key() {
    let folder = Folder::with_model("diff_config");
    folder.write("other.json", MODEL.replace("relu", "elu").replace("scores", "classes"));
    let run = folder.run("diff model.json other.json");
    assert_eq!(run.code, Some(1));
    for line in [
        r#"  layer 0 (hidden, Dense): activation is "relu" in A, "elu" in B"#,
        r#"  layer 1 (scores, Dense): name is "scores" in A, "classes" in B"#,
        "outputs: not compared, neither file holds weights",
        r#"The models differ first at layer 0 (hidden, Dense): its activation is "relu" in A, "elu" in B."#,
    ] {
        assert!(run.out.lines().any(|found| found == line), "{line}\n{}", run.out);
    }
    // With weights, the layer is where they part.
    for (model, folder_name) in [("model.json", "a"), ("other.json", "b")] {
        let mut loaded = ceratops::load(folder.path(model)).unwrap().model;
        let weights = ceratops::load(folder.path("model.json")).unwrap().model.get_weights();
        loaded.set_weights(&weights).unwrap();
        fs::create_dir_all(folder.path(folder_name)).unwrap();
        let path = folder.path(folder_name).join("model.json");
        save_as(&loaded, path, Format::TensorFlowJs, None).unwrap();
    }
    let run = folder.run("diff a b");
    let sentence = r#"The models part at layer 0 (hidden, Dense): its activation is "relu" in A"#;
    assert!(verdict(&run).starts_with(sentence), "{run:?}");
}

#[test]
fn a_layer_may_be_in_one_only() {
    let folder = Folder::with_model("diff_missing");
    let dropout = r#"{"class_name": "Dropout", "config": {"name": "drop", "rate": 0.5}},"#;
    let scores = r#"{"class_name": "Dense", "config": {"name": "scores""#;
    folder.write("more.json", MODEL.replace(scores, &format!("{dropout}{scores}")));
    let run = folder.run("diff model.json more.json");
    assert!(run.out.contains("\n  layer 1 (drop, Dropout): not in A\n"), "{run:?}");
    assert!(!run.out.contains("scores"), "{run:?}");
}

#[test]
fn what_was_found_is_also_json() {
    let folder = two("diff_json", 3, 0.5);
    let run = folder.run("diff a b --format json");
    let json: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, &json["same"]), (Some(1), &Value::from(false)));
    let weight = &json["layers"][0]["weights"][0];
    assert_eq!((&weight["name"], &weight["by"]), (&"bias".into(), &0.5.into()));
    assert!(json["layers"][0]["output"]["by"].as_f64().unwrap() > 0.01);
}

#[test]
fn trouble_is_another_exit_code() {
    let folder = two("diff_trouble", 0, 0.0);
    assert!(folder.fails(2, "diff a none").contains("none"));
    assert!(folder.fails(2, "diff a - --input -").contains("standard input"));
    assert!(folder.fails(2, "diff a b --tolerance -1").contains("at least 0"));
    folder.array("three.npy", &samples(1).reshape(&[2, 2]).unwrap());
    assert!(folder.fails(2, "diff a b --input three.npy").contains("expected shape (None, 4)"));
    assert!(folder.fails(2, "diff a").contains("<B>"));
}
