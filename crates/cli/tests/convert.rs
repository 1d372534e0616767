//! `ceratops convert`.

mod common;

use common::{Folder, project};
use serde_json::Value;

/// The kinds of files that hold a whole model, and a name for each.
const WHOLE: [&str; 4] = ["a.keras", "b.h5", "web/model.json", "c.keras"];

#[test]
fn a_model_goes_from_kind_to_kind_and_back() {
    let folder = Folder::with_model("convert_around");
    folder.ok("convert model.json start --to tfjs --weights w.safetensors");
    let mut from = "start".to_owned();
    for to in WHOLE {
        std::fs::create_dir_all(folder.path("web")).unwrap();
        folder.ok(&format!("convert {from} {to}"));
        folder.ok(&format!("diff start {to} --tolerance 0"));
        from = to.into();
    }
}

#[test]
fn the_standard_output_takes_one_file() {
    let folder = Folder::with_model("convert_stdout");
    let keras2: Value =
        serde_json::from_str(&folder.ok("convert model.json - --to keras2-json")).unwrap();
    assert_eq!(keras2["config"]["layers"][0]["config"]["batch_input_shape"][1], 4);
    let (_, bytes) = folder.pipe("convert model.json - --to safetensors", b"");
    assert_eq!(bytes, std::fs::read(folder.path("w.safetensors")).unwrap());
    let error = folder.fails(2, "convert model.json -");
    assert!(error.contains("--to"), "{error}");
    let error = folder.fails(2, "convert model.json - --to tfjs");
    assert!(error.contains("several files"), "{error}");
}

#[test]
fn it_says_when_weights_are_fresh() {
    let folder = Folder::with_model("convert_fresh");
    let run = folder.run("convert model.json fresh.safetensors");
    assert_eq!(run.err, "note: the model came without weights; those written are fresh ones\n");
    let run = folder.run("convert model.json fresh.safetensors --quiet");
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let run = folder.run("convert model.json given.safetensors --weights w.safetensors");
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
}

#[test]
fn a_chain_keeps_its_outputs() {
    let folder = Folder::new("convert_outputs");
    for file in ["k2_outputs.json", "k3_outputs.json", "tfjs_outputs.json"] {
        std::fs::copy(project(&format!("tests/json/graphs/{file}")), folder.path(file)).unwrap();
        for (out, to) in [("o.keras", ""), ("o.h5", ""), ("o.json", ""), ("web", " --to tfjs")] {
            let run = folder.run(&format!("convert {file} {out}{to}"));
            assert!(run.code == Some(0) && !run.err.contains("outputs"), "{out}: {}", run.err);
            let outputs = ceratops::load(folder.path(out)).unwrap().model.output_names();
            // The hard_sigmoid of TensorFlow.js is layers of their own in an .h5.
            assert!(["d", "d_re_lu"].contains(&outputs[0].as_str()), "{file} {out}");
            assert_eq!(outputs[1..], ["c"], "{file} {out}");
        }
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let folder = Folder::with_model("convert_refused");
    assert!(folder.fails(1, "convert model.json out.txt").contains("ends in one of"));
    assert!(folder.fails(2, "convert model.json out --to keras9").contains("keras2-json"));
    assert!(folder.fails(1, "convert none.json out.npz").contains("none.json"));
    assert!(folder.fails(1, "convert w.safetensors out.npz").contains("weights alone"));
    assert!(folder.fails(1, "convert model.json none/out.npz").contains("no folder none"));
    assert!(folder.fails(1, "convert model.json . --to npz").contains("this is a folder"));
    // TensorFlow.js has no such function; nothing is left behind.
    folder.write("squashed.json", common::MODEL.replace("relu", "sparsemax"));
    assert!(folder.fails(1, "convert squashed.json web --to tfjs").contains("sparsemax"));
    assert!(!folder.path("web").exists());
}
