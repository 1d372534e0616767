//! Legacy `.h5` and `.weights.h5` of Keras 2 and 3: what they answer, and what becomes of them when
//! they are written again.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use ceratops_core::Tensor;
use ceratops_formats::{By, Format, ModelJson, load, load_weights, read_weights, save, save_as};
use ceratops_layers::{
    Attention, BatchNormalization, CallLayer, Dense, GroupQueryAttention, Input, IntoNode,
    KerasTensor, LSTM, LayerNormalization, Model, MultiHeadAttention, Sequential, Softmax,
    sequential,
};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests")
}

fn file(name: &str) -> PathBuf {
    root().join("files/h5").join(name)
}

/// A path for a file that a test writes.
fn fresh(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("h5");
    fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

/// The architecture in a document of the tests, with fresh weights.
fn architecture(name: &str) -> Sequential {
    let text = fs::read_to_string(root().join("json").join(name)).unwrap();
    Sequential::from_json(&text).unwrap()
}

/// Compares the model's answer to two samples of 2 sin(0.37 i) with what Keras answers.
#[track_caller]
fn expect_answer(model: &Sequential, key: &str) {
    let text = fs::read_to_string(file("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let expected: Vec<f32> = serde_json::from_value(expected[key].clone()).unwrap();
    let mut shape: Vec<usize> =
        model.input_shape().unwrap().axes().iter().map(|axis| axis.unwrap_or(2)).collect();
    shape[0] = 2;
    let numbers =
        (0..shape.iter().product()).map(|i: usize| (2.0 * (0.37 * i as f64).sin()) as f32);
    let answer = model.predict(Tensor::new(&shape, numbers.collect()).unwrap()).unwrap();
    assert_eq!(answer.len(), expected.len());
    for (got, wanted) in answer.as_slice().iter().zip(&expected) {
        assert!((got - wanted).abs() <= 1e-6, "{key}: {got} != {wanted}");
    }
}

#[test]
fn whole_models_answer_as_in_keras() {
    for (name, key) in [
        ("k2b.h5", "k2b"),
        ("k3b.h5", "k3b"),
        ("nested_k2.h5", "nested_k2"),
        ("nested_k3.h5", "nested_k3"),
        // The hard_sigmoid of Keras 2 is 0.2 x + 0.5.
        ("hs.h5", "hs"),
    ] {
        let loaded = load(file(name)).unwrap();
        assert!(loaded.has_weights);
        expect_answer(&loaded.model, key);
    }
}

#[test]
fn weights_find_their_places_in_an_architecture() {
    for (document, weights, key) in [
        ("k2_seq.json", "k2w.h5", "k2"),
        ("k2b.json", "k2b_legacy.h5", "k2b"),
        ("k2b.json", "k2b.h5", "k2b"),
        ("k2b.json", "k2b.weights.h5", "k2b"),
        ("k3b.json", "k3b.h5", "k3b"),
        ("k3b.json", "k3b.weights.h5", "k3b"),
    ] {
        let mut model = architecture(document);
        load_weights(&mut model, file(weights), By::Position).unwrap();
        expect_answer(&model, key);
    }
    for key in ["nested_k2", "nested_k3"] {
        let mut model = load(file(&format!("{key}.h5"))).unwrap().model;
        for param in model.params_mut() {
            param.value_mut().fill(0.5);
        }
        load_weights(&mut model, file(&format!("{key}.weights.h5")), By::Position).unwrap();
        expect_answer(&model, key);
    }
}

#[test]
fn written_again_they_answer_the_same() {
    for key in ["k2b", "k3b", "nested_k2", "nested_k3", "hs"] {
        let loaded = load(file(&format!("{key}.h5"))).unwrap();
        let (whole, weights) = (fresh(&format!("{key}.h5")), fresh(&format!("{key}.weights.h5")));
        // In the words of Keras 2, which count an axis from the start.
        save(&loaded.model, &whole, loaded.training.as_ref()).unwrap();
        expect_answer(&load(&whole).unwrap().model, key);
        save_as(&loaded.model, &whole, Format::Keras3H5, loaded.training.as_ref()).unwrap();
        save(&loaded.model, &weights, loaded.training.as_ref()).unwrap();
        let mut again = load(&whole).unwrap();
        expect_answer(&again.model, key);
        assert_eq!(again.model.to_json().unwrap(), loaded.model.to_json().unwrap());
        for param in again.model.params_mut() {
            param.value_mut().fill(0.5);
        }
        load_weights(&mut again.model, &weights, By::Position).unwrap();
        expect_answer(&again.model, key);
    }
}

/// The number of updates, the learning rate, the names and sizes of the first and last slot.
#[test]
fn what_the_optimizer_remembers_is_read() {
    let of = |name| load(file(name)).unwrap().training.unwrap();
    let keras3 = of("k3b.h5");
    assert_eq!(keras3.config["optimizer_config"]["class_name"], "Adam");
    let keras3 = keras3.optimizer.unwrap();
    assert_eq!((keras3.iterations, keras3.learning_rate, keras3.slots.len()), (1, Some(0.001), 14));
    assert_eq!(keras3.slots[0].0, "adam_1/sequential_conv2d_kernel_momentum");
    assert_eq!(keras3.slots[1].1.shape(), [3, 3, 1, 2]);

    let keras2 = of("k2b.h5").optimizer.unwrap();
    assert_eq!((keras2.iterations, keras2.learning_rate, keras2.slots.len()), (1, None, 14));
    assert_eq!(keras2.slots[13].0, "Adam/v/dense/bias:0");
    assert!(load(file("hs.h5")).unwrap().training.is_none());
}

#[test]
fn what_the_optimizer_remembers_is_written() {
    let loaded = load(file("k3b.h5")).unwrap();
    let path = fresh("training.h5");
    save_as(&loaded.model, &path, Format::Keras3H5, loaded.training.as_ref()).unwrap();
    assert_eq!(load(&path).unwrap().training, loaded.training);
}

#[test]
fn weights_are_loaded_by_name() {
    let mut model = sequential![
        Input::new([18]),
        Dense::new(5).named("other"),
        Dense::new(18).named("back"),
        Dense::new(3).named("dense")
    ]
    .unwrap();
    let before = model.get_layer("other").unwrap().get_weights();
    expect_refusal(&mut model, "k2b_legacy.h5", By::Name, &["no weights for other, back"]);
    let notes = load_weights(&mut model, file("k2b_legacy.h5"), By::KnownNames).unwrap();
    let notes: Vec<String> = notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "layer \"other\": missing: the file names no weights for it; it keeps its own",
            "layer \"back\": missing: the file names no weights for it; it keeps its own"
        ]
    );
    let weights = read_weights(file("k2b_legacy.h5")).unwrap();
    let (_, bias) = weights.iter().find(|(name, _)| name == "dense/bias:0").unwrap();
    assert_eq!(model.get_layer("dense").unwrap().get_weights()[1], *bias);
    assert_eq!(model.get_layer("other").unwrap().get_weights(), before);
    // Keras gives these files no names to go by.
    let error = load_weights(&mut model, file("k2b.weights.h5"), By::Name).unwrap_err();
    assert!(error.to_string().contains("by class and place"), "{error}");
}

#[track_caller]
fn expect_refusal(model: &mut Sequential, weights: &str, by: By, parts: &[&str]) {
    let before = model.get_weights();
    let error = load_weights(model, file(weights), by).unwrap_err().to_string();
    for part in parts {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
    assert_eq!(model.get_weights(), before, "nothing may have changed");
}

#[test]
fn weights_of_another_model_are_refused() {
    let small = |units| sequential![Input::new([18]), Dense::new(units)].unwrap();
    let legacy = "k2b_legacy.h5";
    let counted = ["the model has 1 layers with weights (dense)", "the file 4 (conv2d, p_re_lu,"];
    expect_refusal(&mut small(3), legacy, By::Position, &counted);
    let shape = [
        "weight \"kernel\" of layer \"dense\" (Dense), \"dense/kernel:0\" in the file",
        "(18, 4)",
        "(18, 3)",
    ];
    expect_refusal(&mut small(4), legacy, By::Name, &shape);
    let mut normalized =
        sequential![Input::new([2]), BatchNormalization::new().named("dense")].unwrap();
    let count = ["has 4 weights (gamma, beta, moving_mean, moving_variance)", "2 for \"dense\""];
    expect_refusal(&mut normalized, legacy, By::Name, &count);

    let new = "k2b.weights.h5";
    expect_refusal(&mut small(3), new, By::Position, &["/layers/batch_normalization", "no layer"]);
    let place = ["weight \"kernel\"", "/layers/dense/vars/0", "(18, 4)", "(18, 3)"];
    expect_refusal(&mut small(4), new, By::Position, &place);
    let mut two = sequential![Input::new([18]), Dense::new(3), Dense::new(3)].unwrap();
    let missing = ["layer \"dense_1\" (Dense) has 2 weights", "/layers/dense_1"];
    expect_refusal(&mut two, new, By::Position, &missing);
    let mut unbuilt = sequential![Dense::new(3)].unwrap();
    expect_refusal(&mut unbuilt, new, By::Position, &["the model has no weights yet"]);
}

#[test]
fn weights_alone_are_no_model() {
    for name in ["k2b_legacy.h5", "k3b.weights.h5"] {
        let error = load(file(name)).unwrap_err().to_string();
        assert!(error.contains("holds weights alone"), "{error}");
    }
}

/// What Keras 3 would compute otherwise is not written for Keras 2 and 3 alike.
#[test]
fn what_an_h5_says_it_says_to_keras_2_and_keras_3() {
    let path = fresh("readers.h5");
    let axes = sequential![Input::new([2, 3]), Softmax::new([1, 2])].unwrap();
    for format in [Format::H5, Format::Keras3H5] {
        let error = save_as(&axes, &path, format, None).unwrap_err().to_string();
        assert!(error.contains("reads a list of axes as -1"), "{error}");
    }

    // Keras 3 refuses an LSTM for it.
    let lstm = sequential![Input::new([None, Some(2)]), LSTM::new(2)].unwrap();
    assert!(save(&lstm, &path, None).unwrap().is_empty());
    let says = |words: &str| {
        let bytes = fs::read(&path).unwrap();
        bytes.windows(words.len()).any(|window| window == words.as_bytes())
    };
    assert!(!says("time_major"));

    // No layers can take the place of a function within it, and Keras 3 has another of this name.
    let lstm = LSTM::new(2).recurrent_activation("keras2>hard_sigmoid");
    let lstm = sequential![Input::new([None, Some(2)]), lstm].unwrap();
    let notes = save(&lstm, &path, None).unwrap();
    assert!(notes[0].to_string().contains("refuses the file"), "{notes:?}");
    assert!(says("time_major") && says("\"recurrent_activation\":\"hard_sigmoid\""));
}

/// What Keras 3 cannot open is said when it is written.
#[test]
fn what_keras_3_refuses_from_an_h5_is_noted() {
    let path = fresh("refused.h5");
    let x = || Input::new([3, 4]).named("x").tensor();
    let model = |call: &dyn Fn(&KerasTensor) -> KerasTensor| {
        let x = x();
        Model::new([&x], [&call(&x)]).unwrap()
    };
    let attention = model(&|x| Attention::new().call([x, x]).unwrap());
    let heads = model(&|x| MultiHeadAttention::new(2, 3).call([x, x]).unwrap());
    let norm = model(&|x| LayerNormalization::new().axis([1, 2]).call(x).unwrap());
    for (model, format, refused) in [
        (&attention, Format::H5, true),
        (&attention, Format::Keras3H5, true),
        (&attention, Format::Keras, false),
        (&heads, Format::H5, true),
        (&heads, Format::Keras3H5, false),
        (&norm, Format::H5, true),
    ] {
        let notes = save_as(model, &path, format, None).unwrap();
        let said: Vec<String> = notes.iter().map(ToString::to_string).collect();
        let noted = said.iter().any(|note| note.contains("Keras 3") && note.contains("refuses"));
        assert_eq!(noted, refused, "{format}: {said:?}");
    }
    let error = save_as(&norm, &path, Format::Keras3H5, None).unwrap_err().to_string();
    assert!(error.contains("write a .keras file"), "{error}");
}

/// Within Keras, the class has another name than its users know, and an `.h5` has that.
#[test]
fn an_h5_has_the_name_that_a_class_has_within_keras() {
    let x = Input::new([3, 4]).named("x").tensor();
    let shared = GroupQueryAttention::new(3, 2, 1).use_causal_mask(true);
    let model = Model::new([&x], [&shared.call([&x, &x]).unwrap()]).unwrap();
    let path = fresh("grouped.h5");
    save_as(&model, &path, Format::Keras3H5, None).unwrap();
    let bytes = fs::read(&path).unwrap();
    let name = b"\"class_name\":\"GroupedQueryAttention\"";
    assert!(bytes.windows(name.len()).any(|window| window == name));
    let again = load(&path).unwrap().model;
    let x = Tensor::from([[[1.0, 2.0, 3.0, 4.0], [0.5; 4], [-1.0, 0.0, 1.0, 2.0]]]);
    assert_eq!(again.predict(&x).unwrap(), model.predict(&x).unwrap());
}

/// 0.2 x + 0.5, cut at 0 and 1, whatever its name means to a reader.
#[test]
fn the_hard_sigmoid_of_keras_2_stays_so_in_every_file() {
    let layers = || Dense::new(3).activation("keras2>hard_sigmoid").named("d");
    let model = sequential![Input::new([3]), layers()].unwrap();
    let x = Tensor::from([[-3.0, -2.5, -1.0], [0.0, 0.5, 1.0], [2.5, 3.0, 100.0]]);
    let expected = model.predict(&x).unwrap();
    let of = |format: Format, name: &str| {
        let path = fresh(name);
        save_as(&model, &path, format, None).unwrap();
        load(&path).unwrap().model
    };
    // Where one reader is meant, it is one function again.
    for (format, name) in [(Format::Keras, "hs.keras"), (Format::Keras3H5, "hs3.h5")] {
        let again = of(format, name);
        assert_eq!(again.layers().len(), 1, "{format}");
        assert_eq!(again.predict(&x).unwrap(), expected, "{format}");
    }
    let again = of(Format::H5, "hs2.h5");
    let names: Vec<&str> = again.layers().iter().map(|node| node.name()).collect();
    assert_eq!(names, ["d", "d_rescaling", "d_re_lu"]);
    let y = again.predict(&x).unwrap();
    for (y, expected) in y.as_slice().iter().zip(expected.as_slice()) {
        assert!((y - expected).abs() <= 1e-7 * (1.0 + expected.abs()), "{y}, {expected}");
    }
}
