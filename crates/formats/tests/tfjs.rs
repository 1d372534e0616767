//! Folders of TensorFlow.js: read as TF.js reads them, written as it writes them.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod scratch;

use std::{
    fs,
    path::{Path, PathBuf},
};

use ceratops_core::{Result, Tensor};
use ceratops_formats::{By, Format, load, load_weights, read_weights, save, save_as};
use ceratops_layers::{Dense, Input, IntoNode, Sequential, sequential};
use scratch::*;
use serde_json::{Value, json};

#[test]
fn a_model_that_tensorflow_js_saved() {
    for path in [fixture("tfjs"), fixture("tfjs/model.json")] {
        let loaded = load(path).unwrap();
        assert_eq!(loaded.format, Format::TensorFlowJs);
        assert!(loaded.has_weights);
        let x = expected("tfjs/expected.json", "x", &[2, 4]);
        let y = expected("tfjs/expected.json", "y", &[2, 2]);
        assert_near(&loaded.model.predict(x).unwrap(), &y, 1e-6);

        let training = loaded.training.unwrap();
        assert_eq!(training.config["optimizer_config"]["class_name"], "Adam");
        let optimizer = training.optimizer.unwrap();
        assert_eq!(optimizer.iterations, 3);
        assert_eq!(optimizer.learning_rate, None);
        let names: Vec<&str> = optimizer.slots.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[..2], ["first/kernel/m", "first/bias/m"]);
        assert_eq!(names.len(), 10);
        assert!(optimizer.slots.iter().all(|(_, slot)| slot.as_slice().iter().any(|&x| x != 0.0)));
    }
}

#[test]
fn it_goes_back_as_it_came() {
    let folder = scratch("tfjs_back");
    let loaded = load(fixture("tfjs")).unwrap();
    save_as(&loaded.model, &folder, Format::TensorFlowJs, loaded.training.as_ref()).unwrap();
    assert_eq!(names(&folder), ["group1-shard1of1.bin", "model.json"]);
    let bytes = |path: PathBuf| fs::read(path).unwrap();
    assert_eq!(bytes(folder.join("group1-shard1of1.bin")), bytes(fixture("tfjs/weights.bin")));
    let document = |path: PathBuf| -> Value { serde_json::from_slice(&bytes(path)).unwrap() };
    let (old, new) = (document(fixture("tfjs/model.json")), document(folder.join("model.json")));
    assert_eq!(new["weightsManifest"][0]["weights"], old["weightsManifest"][0]["weights"]);
    for key in ["format", "convertedBy", "trainingConfig"] {
        assert_eq!(new[key], old[key], "{key}");
    }
    assert_eq!(load(&folder).unwrap().training, loaded.training);
}

#[test]
fn training_in_the_words_of_keras_is_not_told_to_tensorflow_js() {
    let folder = scratch("tfjs_keras_words");
    let mut loaded = load(fixture("tfjs")).unwrap();
    let training = loaded.training.as_mut().unwrap();
    training.config = json!({"loss": "mse", "optimizer": {"class_name": "Adam", "config": {}}});
    save_as(&loaded.model, &folder, Format::TensorFlowJs, loaded.training.as_ref()).unwrap();
    let document: Value =
        serde_json::from_slice(&fs::read(folder.join("model.json")).unwrap()).unwrap();
    assert_eq!(document.get("trainingConfig"), None);
    assert_eq!(document["weightsManifest"][0]["weights"].as_array().unwrap().len(), 5);
}

/// A network of a little more than two shards.
fn large() -> Sequential {
    sequential![Input::new([1100]), Dense::new(1000), Dense::new(1000)].unwrap()
}

#[test]
fn numbers_are_split_into_shards_of_four_mebibytes() {
    let folder = scratch("tfjs_shards").join("new/web");
    let model = large();
    save_as(&model, &folder, Format::TensorFlowJs, None).unwrap();
    let shards = ["1of3", "2of3", "3of3"].map(|shard| format!("group1-shard{shard}.bin"));
    assert_eq!(names(&folder), [shards.as_slice(), &["model.json".into()]].concat());
    let sizes = shards.map(|shard| fs::metadata(folder.join(shard)).unwrap().len());
    let total = 4 * model.count_params() as u64;
    assert_eq!(sizes, [4 << 20, 4 << 20, total - (8 << 20)]);
    assert_eq!(load(&folder).unwrap().model.get_weights(), model.get_weights());
}

#[test]
fn the_path_is_a_folder_or_its_model_json() {
    let model = sequential![Input::new([2]), Dense::new(1)].unwrap();
    let folder = scratch("tfjs_paths");
    save(&model, folder.join("model.json"), None).unwrap();
    assert_eq!(names(&folder), ["group1-shard1of1.bin", "model.json"]);
    save_as(&model, folder.join("web"), Format::TensorFlowJs, None).unwrap();
    assert_eq!(names(&folder.join("web")), ["group1-shard1of1.bin", "model.json"]);
    let wrong = save_as(&model, folder.join("net.keras"), Format::TensorFlowJs, None);
    let error = wrong.unwrap_err().to_string();
    assert!(error.contains("expected a folder, or the path of its model.json"), "{error}");
}

#[test]
fn a_failure_leaves_what_was_there() {
    let folder = scratch("tfjs_failure");
    let model = sequential![Input::new([2]), Dense::new(1)].unwrap();
    save_as(&model, &folder, Format::TensorFlowJs, None).unwrap();
    let before = fs::read(folder.join("model.json")).unwrap();
    // A folder is in the way of the last shard.
    fs::create_dir(folder.join("group1-shard3of3.bin")).unwrap();
    assert!(save_as(&large(), &folder, Format::TensorFlowJs, None).is_err());
    let left = ["group1-shard1of1.bin", "group1-shard3of3.bin", "model.json"];
    assert_eq!(names(&folder), left);
    assert_eq!(fs::read(folder.join("model.json")).unwrap(), before);
}

#[test]
fn layers_that_tensorflow_js_cannot_tell_apart_get_other_names() {
    let inner = sequential![Input::new([4]), Dense::new(4).named("dense")].unwrap();
    let model = sequential![Input::new([4]), inner.named("inner"), Dense::new(4).named("dense")];
    let (model, folder) = (model.unwrap(), scratch("tfjs_twins"));
    let notes = save_as(&model, &folder, Format::TensorFlowJs, None).unwrap();
    assert!(notes[0].to_string().contains("`inner_dense`"), "{}", notes[0]);
    let again = load(&folder).unwrap().model;
    assert_eq!(again.get_weights(), model.get_weights());
    let names: Vec<String> = again.leaves().into_iter().map(|(path, _)| path).collect();
    assert_eq!(names, ["inner/inner_dense", "dense"]);
}

/// Writes a folder whose weights are these, and reads them.
fn read(test: &str, manifest: Value, shards: &[(&str, &[u8])]) -> Result<Vec<(String, Tensor)>> {
    let folder = scratch(test);
    for (name, bytes) in shards {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let document = json!({"modelTopology": {}, "weightsManifest": manifest});
    fs::write(folder.join("model.json"), document.to_string()).unwrap();
    read_weights(&folder)
}

#[test]
fn numbers_of_every_type() {
    let spec = |name: &str, dtype: &str, quantization: Value| {
        let mut spec = json!({"name": name, "shape": [2], "dtype": dtype});
        if !quantization.is_null() {
            spec["quantization"] = quantization;
        }
        spec
    };
    let byte = json!({"dtype": "uint8", "scale": 0.5, "min": -1.0});
    let short = json!({"dtype": "uint16", "scale": 0.25, "min": 2.0});
    let manifest = json!([{"paths": ["a.bin"], "weights": [
        spec("f", "float32", json!(null)),
        spec("i", "int32", json!(null)),
        spec("u", "uint8", json!(null)),
        spec("b", "bool", json!(null)),
        spec("f_byte", "float32", byte.clone()),
        spec("f_short", "float32", short.clone()),
        spec("f_half", "float32", json!({"dtype": "float16", "original_dtype": "float32"})),
        // Halves are rounded up, as JavaScript does.
        spec("i_byte", "int32", byte),
        spec("i_short", "int32", short),
    ]}]);
    let bytes = [
        [1.5f32, -2.0].map(f32::to_le_bytes).as_flattened(),
        [-7i32, 70_000].map(i32::to_le_bytes).as_flattened(),
        &[3, 255, 0, 1, 4, 255],
        [3u16, 65_535].map(u16::to_le_bytes).as_flattened(),
        &[0x00, 0x3c, 0x00, 0xc1],
        &[1, 6],
        [2u16, 5].map(u16::to_le_bytes).as_flattened(),
    ]
    .concat();
    let values = read("tfjs_types", manifest, &[("a.bin", &bytes)]).unwrap();
    let values: Vec<Vec<f32>> = values.into_iter().map(|(_, value)| value.into()).collect();
    let expected = [
        [1.5, -2.0],
        [-7.0, 70_000.0],
        [3.0, 255.0],
        [0.0, 1.0],
        [1.0, 126.5],
        [2.75, 16_385.75],
        [1.0, -2.5],
        [0.0, 2.0],
        [3.0, 3.0],
    ];
    assert_eq!(values, expected);
}

#[test]
fn groups_of_shards_that_cut_a_number() {
    let weight = |name: &str| json!({"name": name, "shape": [1], "dtype": "float32"});
    let manifest = json!([
        {"paths": ["x/a", "x/b"], "weights": [weight("a"), weight("b")]},
        {"paths": ["c"], "weights": [weight("c")]},
    ]);
    let bytes = [1.0f32, 2.0, 3.0].map(f32::to_le_bytes);
    let bytes = bytes.as_flattened();
    let shards = [("x/a", &bytes[..3]), ("x/b", &bytes[3..8]), ("c", &bytes[8..])];
    let values = read("tfjs_groups", manifest, &shards).unwrap();
    let expected = [("a", 1.0), ("b", 2.0), ("c", 3.0)];
    assert_eq!(values, expected.map(|(name, x)| (name.to_owned(), Tensor::from([x]))));
}

#[test]
fn manifests_that_lie() {
    let with = |paths: Value, shape: Value, dtype: &str| json!([{"paths": paths, "weights": [{"name": "w", "shape": shape, "dtype": dtype}]}]);
    let one = |path: &str| with(json!([path]), json!([2]), "float32");
    let quantized = |quantization: Value| {
        let mut manifest = with(json!(["a"]), json!([8]), "float32");
        manifest[0]["weights"][0]["quantization"] = quantization;
        manifest
    };
    for (manifest, expected) in [
        (one("../a"), "leads out of the folder"),
        (one("/etc/hostname"), "leads out of the folder"),
        (one("x/../../a"), "leads out of the folder"),
        (one("missing"), "missing: "),
        (with(json!(["a", "a"]), json!([4]), "float32"), "is named twice"),
        (with(json!(["a"]), json!([3]), "float32"), "8 bytes are left for shape [3]"),
        (
            with(json!(["a"]), json!([1]), "float32"),
            "a hold more than the 4 bytes that the weights take",
        ),
        (with(json!(["a"]), json!([u64::MAX, 4]), "float32"), "8 bytes are left"),
        (with(json!(["a"]), json!([-2]), "float32"), "weightsManifest[0]"),
        (with(json!(["a"]), json!([2]), "string"), "dtype string; expected float32"),
        (with(json!(["a"]), json!([1]), "complex64"), "dtype complex64; expected float32"),
        (quantized(json!({"dtype": "uint8"})), "without its `scale` and `min`"),
        (quantized(json!({"dtype": "int4"})), "dtype float32 as int4; expected"),
        (json!([{"paths": ["a"]}]), "weightsManifest[0]: missing field `weights`"),
        (json!([7]), "weightsManifest[0]"),
    ] {
        let error = read("tfjs_lies", manifest, &[("a", &[0; 8])]).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn weights_alone_go_into_a_model() {
    let mut model = load(fixture("tfjs/model.json")).unwrap().model;
    let trained = model.get_weights();
    let zeros: Vec<Tensor> = trained.iter().map(|w| Tensor::zeros(w.shape())).collect();
    model.set_weights(&zeros).unwrap();
    load_weights(&mut model, Path::new(&fixture("tfjs")), By::Name).unwrap();
    assert_eq!(model.get_weights(), trained);
}

#[test]
fn two_models_may_share_a_folder() {
    let folder = scratch("tfjs_two");
    for (name, seed) in [("a", 1), ("b", 2)] {
        let mut model = Sequential::with_seed(seed);
        model.add(Input::new([3])).unwrap().add(Dense::new(2)).unwrap();
        let path = folder.join(name).with_extension("json");
        save_as(&model, &path, Format::TensorFlowJs, None).unwrap();
    }
    for (name, seed) in [("a", 1), ("b", 2)] {
        let mut model = Sequential::with_seed(seed);
        model.add(Input::new([3])).unwrap().add(Dense::new(2)).unwrap();
        let loaded = load(folder.join(name).with_extension("json")).unwrap();
        assert_eq!(loaded.model.get_weights(), model.get_weights(), "{name}");
    }
}
