//! `ceratops predict`.

mod common;

use std::fs;

use ceratops::{LoadWeights, Tensor, formats::npy, prelude::*};
use common::{Folder, samples};

const PREDICT: &str = "predict model.json --weights w.safetensors";

#[test]
fn the_output_is_the_library_s() {
    let folder = Folder::with_model("predict_library");
    let mut model = ceratops::load(folder.path("model.json")).unwrap().model;
    model.load_weights(folder.path("w.safetensors")).unwrap();
    let expected = model.predict(samples(20)).unwrap();
    assert_eq!(folder.ok(&format!("{PREDICT} --input x.npy --output out.npy")), "");
    assert_eq!(folder.tensor("out.npy"), expected);
    // In batches, the last of which is shorter.
    folder.ok(&format!("{PREDICT} --input x.npy --output out.npy --batch-size 7 --threads 2"));
    assert_eq!(folder.tensor("out.npy"), expected);
}

#[test]
fn arrays_come_and_go_in_npz_and_by_the_standard_streams() {
    let folder = Folder::with_model("predict_streams");
    folder.ok(&format!("{PREDICT} --input x.npy --output out.npy"));
    let expected = fs::read(folder.path("out.npy")).unwrap();

    let x = fs::read(folder.path("x.npy")).unwrap();
    let (run, bytes) = folder.pipe(&format!("{PREDICT} --input - --output -"), &x);
    assert_eq!((run.code, bytes), (Some(0), expected.clone()), "{}", run.err);

    let write = |name: &str, arrays: &[(String, Tensor)]| {
        npy::write_npz(fs::File::create(folder.path(name)).unwrap(), arrays).unwrap();
    };
    let other = ("other".to_owned(), Tensor::zeros(&[1, 4]));
    write("named.npz", &[other.clone(), ("x".into(), samples(20))]);
    write("called.npz", &[other, ("mine".into(), samples(20))]);
    for input in ["named.npz", "named.npz:x", "called.npz:mine"] {
        folder.ok(&format!("{PREDICT} --input {input} --output out.npz"));
        let file = fs::File::open(folder.path("out.npz")).unwrap();
        let arrays = npy::read_npz(file).unwrap();
        assert_eq!(arrays.len(), 1);
        assert_eq!((arrays[0].0.as_str(), &arrays[0].1), ("scores", &folder.tensor("out.npy")));
    }
    let error = folder.fails(1, &format!("{PREDICT} --input called.npz --output out.npy"));
    assert!(error.contains("no array is named `x`; the file holds other, mine"), "{error}");
}

#[test]
fn several_outputs_become_several_arrays() {
    let folder = Folder::with_model("predict_outputs");
    // A functional chain that gives the outputs of both of its layers.
    let node = |from: &str| format!(r#"[[["{from}", 0, 0, {{}}]]]"#);
    folder.write(
        "two.json",
        format!(
            r#"{{"class_name": "Functional", "keras_version": "2.21.0", "config": {{"name": "two",
            "layers": [
            {{"class_name": "InputLayer", "name": "in", "inbound_nodes": [],
              "config": {{"batch_input_shape": [null, 4], "name": "in"}}}},
            {{"class_name": "Dense", "name": "hidden", "inbound_nodes": {},
              "config": {{"name": "hidden", "units": 8, "activation": "relu"}}}},
            {{"class_name": "Dense", "name": "scores", "inbound_nodes": {},
              "config": {{"name": "scores", "units": 3, "activation": "softmax"}}}}],
            "input_layers": [["in", 0, 0]],
            "output_layers": [["scores", 0, 0], ["hidden", 0, 0]]}}}}"#,
            node("in"),
            node("hidden"),
        ),
    );
    folder.ok(&format!("{PREDICT} --input x.npy --output one.npy"));
    let two = "predict two.json --weights w.safetensors --input x.npy --batch-size 8";
    folder.ok(&format!("{two} --output folder"));
    assert_eq!(folder.tensor("folder/0_scores.npy"), folder.tensor("one.npy"));
    assert_eq!(folder.tensor("folder/1_hidden.npy").shape(), [20, 8]);
    folder.ok(&format!("{two} --output both.npz"));
    let arrays = npy::read_npz(fs::File::open(folder.path("both.npz")).unwrap()).unwrap();
    let names: Vec<&str> = arrays.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["scores", "hidden"]);
    for place in ["-", "both.npy"] {
        let error = folder.fails(1, &format!("{two} --output {place}"));
        assert!(error.contains("the model has 2 outputs"), "{error}");
    }
}

#[test]
fn an_architecture_alone_knows_nothing() {
    let folder = Folder::with_model("predict_architecture");
    let error = folder.fails(1, "predict model.json --input x.npy --output out.npy");
    assert!(error.contains("model.json: ") && error.contains("--weights"), "{error}");
    assert!(!folder.path("out.npy").exists());
}

#[test]
fn samples_that_do_not_fit_are_refused() {
    let folder = Folder::with_model("predict_refused");
    folder.array("three.npy", &Tensor::zeros(&[5, 3]));
    folder.array("one.npy", &Tensor::zeros(&[4]));
    folder.array("scalar.npy", &Tensor::scalar(1.0));
    let refused = |x: &str| folder.fails(1, &format!("{PREDICT} --input {x} --output out.npy"));
    let error = refused("three.npy");
    assert!(error.contains("expected shape (None, 4), got (5, 3)"), "{error}");
    assert!(refused("one.npy").contains("one sample"));
    assert!(refused("scalar.npy").contains("expected shape (None, 4), got ()"));
    assert!(!folder.path("out.npy").exists());
    // No samples make no output, which is none the less one.
    folder.array("none.npy", &Tensor::zeros(&[0, 4]));
    folder.ok(&format!("{PREDICT} --input none.npy --output out.npy"));
    assert_eq!(folder.tensor("out.npy").shape(), [0, 3]);
}

#[test]
fn a_stateful_model_goes_on_from_batch_to_batch() {
    let folder = Folder::new("predict_stateful");
    let input = Input::new([4, 2]).batch_size(3);
    let model = sequential![input, GRU::new(2).stateful(true)].unwrap();
    model.save(folder.path("model.keras")).unwrap();
    let numbers = (0..9 * 8).map(|i| (i as f32 * 0.7).sin()).collect();
    let x = Tensor::new(&[9, 4, 2], numbers).unwrap();
    folder.array("x.npy", &x);
    for batch_size in [3, 4, 1024] {
        folder.ok(&format!(
            "predict model.keras --input x.npy --output y.npy --batch-size {batch_size}"
        ));
        model.reset_states();
        assert_eq!(folder.tensor("y.npy"), model.predict(&x).unwrap(), "{batch_size}");
    }
}
