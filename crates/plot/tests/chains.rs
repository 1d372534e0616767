//! The pictures of chains, byte for byte: what draws graphs draws them as before.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs, path::Path};

use ceratops_layers::{
    BatchNormalization, CallLayer, Conv2D, Dense, Dropout, Flatten, Input, IntoNode, Model, PReLU,
    Sequential, sequential,
};
use ceratops_plot as plot;

#[track_caller]
fn check(name: &str, model: &Model) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chains").join(name);
    let known = fs::read_to_string(path).unwrap();
    assert!(plot::model(model).unwrap().to_svg() == known, "{name} is another picture");
}

#[test]
fn a_chain_of_convolutions_with_a_nested_one() {
    let block = sequential![Dense::new(8).activation(PReLU::new()), Dropout::new(0.5)].unwrap();
    let inner = sequential![Dense::new(3), sequential![Dense::new(2)].unwrap()].unwrap();
    let model = sequential![
        Input::new([28, 28, 1]),
        Conv2D::new(4, 3).activation("relu").frozen(),
        BatchNormalization::new(),
        Flatten::new(),
        block.named("block"),
        inner.named("a model of a rather long name, which is longer than what is in it"),
        Dense::new(10).activation("softmax").named("scores"),
    ];
    check("convolutions.svg", &model.unwrap());
}

#[test]
fn a_chain_whose_shapes_are_not_known() {
    let known = sequential![Input::new([4]), Dense::new(4)].unwrap();
    check("unknown.svg", &sequential![Dense::new(8), known, Dropout::new(0.5)].unwrap());
    check("empty.svg", &sequential![Dense::new(1), Sequential::new()].unwrap());
}

#[test]
fn a_functional_chain() {
    let x = Input::new([4]).tensor();
    let y = Dense::new(2).call(Dense::new(300).activation("tanh").call(&x).unwrap()).unwrap();
    check("functional.svg", &Model::new([&x], [&y]).unwrap().with_name("functional"));
}
