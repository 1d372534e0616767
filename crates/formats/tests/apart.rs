//! Models and weights that came apart, were written by older versions, or lost a part: they answer as
//! real Keras does, or are refused; see `tests/files/apart/make_apart.py`.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use ceratops_core::Tensor;
use ceratops_formats::{By, Loaded, load, load_weights, save};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    model: String,
    weights: Option<String>,
    x_shape: Vec<usize>,
    x: Vec<f32>,
    y_shape: Vec<usize>,
    y: Vec<f32>,
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/files/apart").join(name)
}

/// A path for a file that a test writes.
fn fresh(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("apart");
    fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

fn cases() -> Vec<Case> {
    serde_json::from_str(&fs::read_to_string(file("expected.json")).unwrap()).unwrap()
}

fn opened(case: &Case) -> Loaded {
    let mut loaded = load(file(&case.model)).unwrap();
    if let Some(weights) = &case.weights {
        let notes = load_weights(&mut loaded.model, file(weights), By::Position);
        loaded.report.notes.extend(notes.unwrap());
    }
    loaded
}

/// The largest difference from the answer, in parts of the largest number in it.
fn distance(case: &Case, loaded: &Loaded) -> f32 {
    let y = loaded.model.predict(Tensor::new(&case.x_shape, case.x.clone()).unwrap()).unwrap();
    assert_eq!(y.shape(), case.y_shape, "{}", case.name);
    let largest = case.y.iter().fold(1.0_f32, |most, y| most.max(y.abs()));
    let apart = y.as_slice().iter().zip(&case.y).map(|(a, b)| (a - b).abs() / largest);
    apart.fold(0.0, |most, apart| if apart > most || apart.is_nan() { apart } else { most })
}

#[test]
fn answers_are_those_of_keras() {
    let cases = cases();
    assert!(cases.len() > 80);
    for case in &cases {
        let apart = distance(case, &opened(case));
        assert!(apart < 1e-5, "{}: off by {apart}", case.name);
    }
}

#[test]
fn what_is_written_of_them_answers_alike() {
    let wanted = ["chains", "shared", "slash", "Keras 1", "CuDNN", "LoRA"];
    for case in cases().iter().filter(|case| wanted.iter().any(|w| case.name.contains(w))) {
        let loaded = opened(case);
        for ending in ["keras", "h5", "safetensors"] {
            let path = fresh(&format!("{}.{ending}", case.name.replace([' ', '/', '.'], "_")));
            save(&loaded.model, &path, None).unwrap();
            let again = if ending == "safetensors" {
                let mut again = loaded.clone();
                let zeros: Vec<Tensor> =
                    loaded.model.get_weights().iter().map(|w| Tensor::zeros(w.shape())).collect();
                again.model.set_weights(&zeros).unwrap();
                load_weights(&mut again.model, &path, By::Position).unwrap();
                again
            } else {
                load(&path).unwrap()
            };
            let apart = distance(case, &again);
            assert!(apart < 1e-5, "{} as {ending}: off by {apart}", case.name);
        }
    }
}

#[test]
fn weights_of_a_functional_model_go_back_to_it() {
    for words in ["k2", "k3"] {
        let loaded = load(file(&format!("chains_{words}.keras"))).unwrap();
        let path = fresh(&format!("functional_{words}.weights.h5"));
        save(&loaded.model, &path, None).unwrap();
        let names: Vec<String> =
            ceratops_formats::read_weights(&path).unwrap().into_iter().map(|(n, _)| n).collect();
        // The keys of Keras, measured: two Sequential, three Functional.
        for key in ["sequential", "sequential_1", "functional", "functional_1", "functional_2"] {
            let name = format!("layers/{key}/layers/dense/vars/0");
            assert!(names.contains(&name), "{name} is not in {names:?}");
        }
        let mut again = load(file(&format!("chains_{words}.json"))).unwrap();
        load_weights(&mut again.model, &path, By::Position).unwrap();
        assert_eq!(again.model.get_weights(), loaded.model.get_weights());
    }
}

#[test]
fn layers_that_may_have_traded_places_are_refused() {
    for (weights, model) in
        [("unnamed", "free"), ("unnamed", "a"), ("numbered_a", "free"), ("numbered_free", "a")]
    {
        let mut model = load(file(&format!("nested_k2_{model}.json"))).unwrap().model;
        let before = model.get_weights();
        let error = load_weights(&mut model, file(&format!("{weights}.h5")), By::Position);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("of its layers (a, n, b, c) cannot be told"), "{error}");
        assert_eq!(model.get_weights(), before);
    }
    // Frozen alike, the numbers in the names confirm the order.
    let mut model = load(file("nested_k2_a.json")).unwrap().model;
    load_weights(&mut model, file("numbered_a.h5"), By::Position).unwrap();
}

#[test]
fn what_was_made_of_the_weights_is_told() {
    let notes = |name: &str| {
        let cases = cases();
        let case = cases.iter().find(|case| case.name == name).unwrap();
        opened(case).report.to_string()
    };
    let shared = notes("k3 shared .keras");
    assert!(shared.contains("layer \"dense_1\": missing: the weights of its PReLU"), "{shared}");
    let theano = notes("Keras 1 with Theano, th");
    assert!(theano.contains("turned by 180 degrees"), "{theano}");
    let lora = notes("LoRA merged");
    assert!(lora.contains("lora_rank: ignored: the kernel has its LoRA merged"), "{lora}");
    let channels_first = notes("Keras 1, channels first");
    assert!(!channels_first.contains("turned"), "{channels_first}");
}

#[test]
fn damaged_training_is_a_note() {
    for (name, expected) in [
        ("cut", "the training's config: ignored: this is not JSON"),
        ("missing", "what the optimizer remembers: ignored: weight_names lists"),
        ("negative", "what the optimizer remembers: ignored: an optimizer made -1 updates"),
        ("numbers", "the training's config: ignored: the attribute training_config is no text"),
    ] {
        let loaded = load(file(&format!("training_{name}.h5"))).unwrap();
        let lost = loaded.training_lost().unwrap();
        assert!(lost.contains(expected), "{name}: {lost}");
        assert!(loaded.report.to_string().contains(expected));
    }
    assert_eq!(load(file("training.h5")).unwrap().training_lost(), None);
    // An optimizer that is not known here is read as it is.
    let foreign = load(file("training_foreign.h5")).unwrap();
    assert_eq!(foreign.training_lost(), None);
    let optimizer = &foreign.training.unwrap().config["optimizer_config"]["class_name"];
    assert_eq!(optimizer, "Custom>Sofia");
}

#[test]
fn a_quantized_model_is_refused_by_its_mode() {
    let policy = r#"{"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8"}}"#;
    for (dtype, mode) in [(policy, "int8"), (r#""int4_from_mixed_bfloat16""#, "int4")] {
        let layer = format!(
            r#"{{"class_name": "Dense", "config": {{"units": 2, "dtype": {dtype},
                "batch_input_shape": [null, 3]}}}}"#
        );
        let model = format!(r#"{{"class_name": "Sequential", "config": {{"layers": [{layer}]}}}}"#);
        let path = fresh("quantized.json");
        fs::write(&path, model).unwrap();
        let error = load(&path).unwrap_err().to_string();
        assert!(error.contains(&format!("Dense is quantized ({mode})")), "{error}");
    }
}

#[test]
fn a_slash_is_kept_for_keras_2_alone() {
    let loaded = load(file("slash.h5")).unwrap();
    let names = |loaded: &Loaded| -> Vec<String> {
        loaded.model.layers().iter().map(|node| node.name().to_owned()).collect()
    };
    assert_eq!(names(&loaded), ["in", "in/two"]);
    let (h5, keras) = (fresh("slash.h5"), fresh("slash.keras"));
    assert_eq!(save(&loaded.model, &h5, None).unwrap(), []);
    assert_eq!(names(&load(&h5).unwrap()), ["in", "in/two"]);
    let notes: Vec<String> =
        save(&loaded.model, &keras, None).unwrap().iter().map(ToString::to_string).collect();
    let why = "only Keras 2 takes a name with a `/`";
    assert_eq!(
        notes,
        [
            format!("config.layers[0].config.name: written as `in_put`: {why}"),
            format!("config.layers[2].config.name: written as `in_two`: {why}")
        ]
    );
    assert_eq!(names(&load(&keras).unwrap()), ["in", "in_two"]);
}

#[test]
fn a_user_block_may_look_like_another_file() {
    let whole = fs::read(file("block_512.h5")).unwrap();
    let path = fresh("block.h5");
    for block in [&b"{\"notes\": 1}"[..], b"[1, 2]", b"backend: x\n", b"%PDF-1.4", b"\x80\x04\x95"]
    {
        let mut bytes = whole.clone();
        bytes[..block.len()].copy_from_slice(block);
        fs::write(&path, bytes).unwrap();
        load(&path).unwrap();
    }
}
