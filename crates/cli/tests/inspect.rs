//! `ceratops inspect`.

mod common;

use ceratops::Save;
use common::Folder;
use serde_json::{Value, json};

#[test]
fn an_architecture_has_shapes_and_no_numbers() {
    let folder = Folder::with_model("inspect_architecture");
    let text = folder.ok("inspect model.json");
    for line in [
        "file      model.json",
        "format    json",
        "model     \"small\", 67 params",
        "shapes    (None, 4) -> (None, 3)",
        "weights   none: this is an architecture",
        "0 hidden (Dense)  kernel  (4, 8)",
        "                  bias    (8,)",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

#[test]
fn weights_have_their_least_and_greatest_numbers() {
    let folder = Folder::with_model("inspect_weights");
    folder.ok("convert model.json web --to tfjs --weights w.safetensors");
    let weights = |file: &str| -> Vec<Value> {
        let json: Value =
            serde_json::from_str(&folder.ok(&format!("inspect {file} --format json"))).unwrap();
        json["weights"].as_array().unwrap().clone()
    };
    let (model, alone) = (weights("web"), weights("w.safetensors"));
    assert_eq!(model.len(), 4);
    for (model, alone) in model.iter().zip(&alone) {
        let full = format!("{}/{}", model["layer"], model["name"]).replace('"', "");
        assert_eq!(alone["name"], full);
        for key in ["shape", "min", "max", "nan"] {
            assert_eq!(model[key], alone[key], "{full} {key}");
        }
    }
    assert_eq!(model[1]["min"], json!(0.0));
    assert!(model[0]["min"].as_f64().unwrap() < -0.1);
    let text = folder.ok("inspect w.safetensors");
    assert!(text.contains("model     none: a safetensors file holds weights alone"), "{text}");
    assert!(text.contains("hidden/kernel  (4, 8)  -0."), "{text}");
}

#[test]
fn what_is_neither_model_nor_weights_fails() {
    let folder = Folder::new("inspect_neither");
    folder.write("text.h5", "nothing of the kind");
    folder.write("empty.keras", "");
    let text = "text.h5: this is a text that begins with \"nothing of the kind\"";
    assert!(folder.fails(1, "inspect text.h5").contains(text));
    assert!(folder.fails(1, "inspect empty.keras").contains("empty.keras"));
    assert!(folder.fails(1, "inspect none.keras").contains("none.keras"));
    assert!(folder.fails(1, "inspect .").contains("neither config.json"));
}

/// Layers that are not here, in a graph that branches, within a model and in a wrapper.
const UNRUNNABLE: &str = r#"{"class_name": "Functional", "config": {"name": "far", "layers": [
    {"class_name": "InputLayer", "name": "in", "inbound_nodes": [],
     "config": {"name": "in", "batch_shape": [null, 6, 4]}},
    {"class_name": "Bidirectional", "name": "both", "inbound_nodes": [[["in", 0, 0, {}]]],
     "config": {"name": "both", "merge_mode": "sum", "layer":
        {"class_name": "GRU", "config": {"name": "gru", "units": 3, "use_bias": true}}}},
    {"class_name": "Add", "name": "add", "config": {"name": "add"},
     "inbound_nodes": [{"args": [[
        {"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "keras_history": ["both", 0, 0]}},
        {"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "keras_history": ["both", 0, 0]}}
     ]], "kwargs": {}}]},
    {"class_name": "Mine", "name": "own", "config": {"name": "own", "k": null, "p": 2, "trainable": false},
     "inbound_nodes": [[["add", 0, 0, {}]]]}
], "input_layers": [["in", 0, 0]], "output_layers": [["own", 0, 0]]}}"#;

#[test]
fn a_model_that_cannot_be_run_is_shown_as_its_file_describes_it() {
    let folder = Folder::new("inspect_unrunnable");
    folder.write("far.json", UNRUNNABLE);
    let text = folder.ok("inspect far.json");
    for line in [
        "model     \"far\" (Functional), 5 layers",
        "layer                   from        input shape           config",
        "0 in (InputLayer)                   (None, 6, 4)",
        "1 both (Bidirectional)  in                                merge_mode=sum",
        "1.0 gru (GRU)                                             units=3 use_bias=true",
        "2 add (Add)             both, both  (None, 3), (None, 3)",
        "3 own (Mine)            add                               p=2 trainable=false",
        "weights   none: this is an architecture",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(
        text.contains("run       not here: config.layers[3].class_name: unknown layer"),
        "{text}"
    );
    let json: Value = serde_json::from_str(&folder.ok("inspect far.json --format json")).unwrap();
    let layers = json["layers"].as_array().unwrap();
    assert_eq!(layers[2]["place"], "1.0");
    assert_eq!(layers[2]["config"]["units"], 3);
    assert_eq!(layers[3]["from"], json!(["both", "both"]));
    assert_eq!(json["weights"], json!([]));
}

#[test]
fn infinities_are_no_null() {
    let folder = Folder::with_model("inspect_infinite");
    let mut model = ceratops::load(folder.path("model.json")).unwrap().model;
    let mut weights = model.get_weights();
    weights[0].as_mut_slice()[0] = f32::INFINITY;
    weights[0].as_mut_slice()[1] = f32::NEG_INFINITY;
    weights[1].as_mut_slice().fill(f32::NAN);
    model.set_weights(&weights).unwrap();
    model.save(folder.path("infinite.keras")).unwrap();
    let json = folder.ok("inspect infinite.keras --format json");
    assert!(json.contains(r#""min":-1e999,"max":1e999,"nan":0"#), "{json}");
    assert!(json.contains(r#""min":null,"max":null,"nan":8"#), "{json}");
    folder.ok("convert model.json plain.keras");
    let differ = folder.run("diff plain.keras infinite.keras --format json");
    assert_eq!(differ.code, Some(1));
    assert!(differ.out.contains(r#""by":1e999,"at":[0,0]"#), "{}", differ.out);
}

/// Two layers that read the input, whose outputs are added; or a chain of them, and the sum of both.
fn branching(second: &str) -> String {
    let tensor = |name: &str| json!({"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}});
    let dense = |name: &str, from: &str| {
        json!({"class_name": "Dense", "name": name, "config": {"name": name, "units": 4},
               "inbound_nodes": [{"args": [tensor(from)], "kwargs": {}}]})
    };
    json!({"module": "keras.src.models.functional", "class_name": "Functional", "config": {
        "name": "m", "layers": [
            {"class_name": "InputLayer", "name": "x", "inbound_nodes": [],
             "config": {"batch_shape": [null, 4], "name": "x"}},
            dense("a", "x"), dense("b", second),
            {"class_name": "Add", "name": "sum", "config": {"name": "sum"},
             "inbound_nodes": [{"args": [[tensor("a"), tensor("b")]], "kwargs": {}}]},
        ],
        "input_layers": [["x", 0, 0]], "output_layers": [["sum", 0, 0]],
    }})
    .to_string()
}

#[test]
fn models_that_branch_otherwise_differ() {
    let folder = Folder::new("inspect_branching");
    folder.write("side.json", branching("x"));
    folder.write("row.json", branching("a"));
    assert!(folder.ok("inspect side.json").contains("shapes    (None, 4) -> (None, 4)"));
    let json: Value = serde_json::from_str(&folder.ok("inspect side.json --format json")).unwrap();
    assert_eq!(json["output_shape"], json!([null, 4]));
    let two = branching("x").replace(r#"[["sum",0,0]]"#, r#"[["sum",0,0],["a",0,0]]"#);
    folder.write("two.json", two);
    let json: Value = serde_json::from_str(&folder.ok("inspect two.json --format json")).unwrap();
    assert_eq!(json["output_shape"], json!([[null, 4], [null, 4]]));
    assert!(folder.ok("diff side.json side.json").contains("configs: the same"));
    let differ = folder.run("diff side.json row.json");
    assert_eq!(differ.code, Some(1));
    assert!(
        differ.out.contains(r#"the connections: b is "x[0][0]" in A, "a[0][0]" in B"#),
        "{}",
        differ.out
    );
}
