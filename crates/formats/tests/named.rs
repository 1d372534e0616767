//! Weights find their places by name, or by order where that can be trusted; all or none.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod scratch;

use std::fs::File;

use ceratops_core::{Result, Tensor};
use ceratops_formats::{By, load_weights, npy, read_weights, save};
use ceratops_layers::{
    Bidirectional, Dense, GRUCell, Input, IntoNode, LSTM, LSTMCell, Node, PReLU, RNN, Sequential,
    sequential,
};
use scratch::*;

/// Two layers of five weights of different shapes.
fn model() -> Sequential {
    let (first, last) = (Dense::new(3).named("first"), Dense::new(2).named("last"));
    sequential![Input::new([4]), first, PReLU::new(), last].unwrap()
}

const NAMES: [&str; 5] =
    ["first/kernel", "first/bias", "p_re_lu/alpha", "last/kernel", "last/bias"];

/// A tensor for each of the model's weights: all numbers are 1 in the first, 2 in the second.
fn values(model: &Sequential) -> Vec<Tensor> {
    let weights = model.get_weights();
    (1..=weights.len()).zip(weights).map(|(n, w)| Tensor::full(w.shape(), n as f32)).collect()
}

/// Loads tensors under these names from a `.npz` file, and says what the weights are then.
fn loaded(test: &str, model: &Sequential, named: &[(&str, Tensor)], by: By) -> Result<Vec<f32>> {
    let path = scratch(test).join("weights.npz");
    let named: Vec<(String, Tensor)> =
        named.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    npy::write_npz(File::create(&path).unwrap(), &named).unwrap();
    let mut model = model.clone();
    let before = model.get_weights();
    let result = load_weights(&mut model, &path, by);
    if result.is_err() {
        assert_eq!(model.get_weights(), before, "all or none");
    }
    result.map(|_| model.get_weights().iter().map(|weight| weight.as_slice()[0]).collect())
}

#[test]
fn names_in_every_spelling() {
    let (model, values) = (model(), values(&model()));
    let spellings: [fn(&str, &str, usize) -> String; 8] = [
        |layer, weight, _| format!("{layer}/{weight}"),
        |layer, weight, _| format!("{layer}.{weight}"),
        |layer, weight, _| format!("{layer}/{weight}:0"),
        // Keras 2 in `.h5`, its groups and data sets.
        |layer, weight, _| format!("{layer}/{layer}/{weight}:0"),
        // Keras 3, the model's name in front.
        |layer, weight, _| format!("sequential_3/{layer}/{weight}"),
        |layer, weight, _| format!("{layer}/sequential_3/{layer}/{weight}"),
        // TensorFlow 2.2 for cells.
        |layer, weight, _| format!("{layer}/{layer}_cell/{weight}"),
        // TensorFlow.js, converted from Keras 3.
        |layer, _, index| format!("{layer}/{index}"),
    ];
    for (i, spelling) in spellings.iter().enumerate() {
        let index = [0, 1, 0, 0, 1];
        let name = |n: usize| {
            let (layer, weight) = NAMES[n].split_once('/').unwrap();
            spelling(layer, weight, index[n])
        };
        let names: Vec<String> = (0..5).map(name).collect();
        // The order does not matter.
        let mut named: Vec<(&str, Tensor)> =
            names.iter().map(String::as_str).zip(values.clone()).collect();
        named.reverse();
        for by in [By::Position, By::Name] {
            let test = format!("named_spelling_{i}");
            assert_eq!(loaded(&test, &model, &named, by).unwrap(), [1.0, 2.0, 3.0, 4.0, 5.0]);
        }
    }
}

#[test]
fn other_names_in_a_trusted_order() {
    let (model, values) = (model(), values(&model()));
    let named = |names: [&'static str; 5]| -> Vec<(&str, Tensor)> {
        names.into_iter().zip(values.clone()).collect()
    };
    let in_order = [1.0, 2.0, 3.0, 4.0, 5.0];
    let names = ["dense_8/kernel", "dense_8/bias", "act/alpha", "dense_10/kernel", "dense_10/bias"];
    assert_eq!(loaded("named_order", &model, &named(names), By::Position).unwrap(), in_order);

    // NumPy's own names, in any order.
    let mut arrays = named(["arr_0", "arr_1", "arr_2", "arr_3", "arr_4"]);
    arrays.reverse();
    assert_eq!(loaded("named_arr", &model, &arrays, By::Position).unwrap(), in_order);

    for (test, names, lacks) in [
        // Numbers of layers that fall.
        (
            "named_fall",
            ["dense_10/kernel", "dense_10/bias", "act/alpha", "dense_8/kernel", "dense_8/bias"],
            "it lacks first/kernel, first/bias, p_re_lu/alpha, last/kernel, last/bias",
        ),
        // Weights that are called otherwise.
        (
            "named_other",
            ["a/kernel", "a/bias", "a/beta", "b/kernel", "b/bias"],
            "has beyond the model's a/kernel, a/bias, a/beta, b/kernel, b/bias",
        ),
        (
            "named_gap",
            ["arr_0", "arr_1", "arr_2", "arr_3", "arr_5"],
            "has beyond the model's arr_0",
        ),
    ] {
        let error = loaded(test, &model, &named(names), By::Position).unwrap_err().to_string();
        assert!(error.contains(lacks), "{error}");
    }
}

#[test]
fn an_alphabet_is_no_order() {
    let dense = |name: &str| Dense::new(2).use_bias(false).named(name);
    let model = sequential![Input::new([2]), dense("one"), dense("two")].unwrap();
    let values = values(&model);
    let named = |names: [&'static str; 2]| -> Vec<(&str, Tensor)> {
        names.into_iter().zip(values.clone()).collect()
    };
    let sorted = loaded("named_sorted", &model, &named(["a/kernel", "b/kernel"]), By::Position);
    assert!(sorted.is_err());
    let natural = loaded("named_natural", &model, &named(["b/kernel", "a/kernel"]), By::Position);
    assert_eq!(natural.unwrap(), [1.0, 2.0]);
}

#[test]
fn by_name_takes_whole_layers_only() {
    let (model, values) = (model(), values(&model()));
    let before: Vec<f32> = model.get_weights().iter().map(|weight| weight.as_slice()[0]).collect();
    let pick = |places: &[usize]| -> Vec<(&str, Tensor)> {
        places.iter().map(|&i| (NAMES[i], values[i].clone())).collect()
    };
    let mut some = pick(&[3, 4]);
    some.push(("other/kernel", Tensor::scalar(1.0)));
    let error = loaded("named_some", &model, &some, By::Name).unwrap_err().to_string();
    assert!(error.contains("the file names no weights for first"), "{error}");
    let after = loaded("named_some", &model, &some, By::KnownNames).unwrap();
    assert_eq!(after, [before[0], before[1], before[2], 4.0, 5.0]);

    let error = loaded("named_part", &model, &pick(&[0, 2]), By::Name).unwrap_err().to_string();
    let expected = "weight \"bias\" of layer \"first\" (Dense) is not in the file";
    assert!(error.contains(expected), "{error}");

    let others = [("x/kernel", values[0].clone())];
    let error = loaded("named_none", &model, &others, By::Name).unwrap_err().to_string();
    assert!(error.contains("no weight of the model"), "{error}");
}

#[test]
fn faults_are_told_with_their_place() {
    let (model, values) = (model(), values(&model()));
    let mut named: Vec<(&str, Tensor)> = NAMES.into_iter().zip(values).collect();
    let spare = std::mem::replace(&mut named[3].1, Tensor::zeros(&[3, 5]));
    let error = loaded("named_shape", &model, &named, By::Position).unwrap_err().to_string();
    let expected = "weight \"kernel\" of layer \"last\" (Dense), \"last/kernel\" in the file: \
                    expected shape (3, 2), got (3, 5)";
    assert!(error.contains(expected), "{error}");

    named[3].1 = spare.clone();
    named.push(("extra/kernel", Tensor::scalar(1.0)));
    let error = loaded("named_extra", &model, &named, By::Position).unwrap_err().to_string();
    assert!(error.contains("has beyond the model's extra/kernel"), "{error}");

    named[5] = ("model/last/kernel", spare);
    let error = loaded("named_twice", &model, &named, By::Name).unwrap_err().to_string();
    let expected = "\"last/kernel\" and \"model/last/kernel\" both mean weight \"kernel\"";
    assert!(error.contains(expected), "{error}");
}

#[test]
fn nested_models_have_names_of_their_own() {
    let inner = || sequential![Input::new([4]), Dense::new(4).named("dense")].unwrap();
    let model = sequential![
        Input::new([4]),
        inner().named("encoder"),
        inner().named("decoder"),
        Dense::new(4).named("dense"),
        Dense::new(4).named("head")
    ]
    .unwrap();
    let path = scratch("named_nested").join("net.safetensors");
    save(&model, &path, None).unwrap();
    let names: Vec<String> = read_weights(&path).unwrap().into_iter().map(|(n, _)| n).collect();
    let kernels: Vec<&str> =
        names.iter().filter(|n| n.ends_with("kernel")).map(String::as_str).collect();
    assert_eq!(
        kernels,
        ["encoder/dense/kernel", "decoder/dense/kernel", "dense/kernel", "head/kernel"]
    );
    let mut again = model.clone();
    again.set_weights(&values(&model)).unwrap();
    load_weights(&mut again, &path, By::Position).unwrap();
    assert_eq!(again.get_weights(), model.get_weights());
}

/// A weight of an object within a layer has that object's name before its own, as TensorFlow.js has it.
#[test]
fn what_a_layer_holds_has_its_own_names() {
    let folder = scratch("named_parts");
    let names = |layer: Node| {
        let model = sequential![Input::new([4, 2]), layer].unwrap();
        let path = folder.join("weights.npz");
        save(&model, &path, None).unwrap();
        let arrays = npy::read_npz(File::open(&path).unwrap()).unwrap();
        let mut again = model.clone();
        again.draw_weights(5).unwrap();
        load_weights(&mut again, &path, By::Name).unwrap();
        assert_eq!(values(&again), values(&model));
        arrays.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    let both = names(Bidirectional::new(LSTM::new(2)).into());
    assert_eq!(both[0], "bidirectional/forward_lstm/kernel");
    assert_eq!(both[5], "bidirectional/backward_lstm/bias");
    let stacked = RNN::stacked([LSTMCell::new(3).into(), GRUCell::new(2).into()]);
    let stacked = names(stacked.into());
    assert_eq!(
        (&*stacked[0], &*stacked[4]),
        ("rnn/RNNCell_0/kernel", "rnn/RNNCell_1/recurrent_kernel")
    );
    assert_eq!(names(RNN::new(LSTMCell::new(3)).into())[0], "rnn/kernel");
}
