//! What the layers and the model refuse, and the whole text that says so: the lines of the files
//! beside this one, in the order of the cases.

#![allow(clippy::unwrap_used, reason = "a test's helpers fail by panicking")]

use ceratops_core::{Error, Shape, Tensor};
use ceratops_layers::{
    Activation, AdaptiveMaxPooling1D, AlphaDropout, AveragePooling1D, AveragePooling3D,
    BatchNormalization, Conv2D, Cropping1D, Cropping2D, Dense, Dropout, Flatten, GaussianDropout,
    GaussianNoise, GlobalAveragePooling2D, Input, IntoNode, LeakyReLU, MaxPooling1D, MaxPooling2D,
    Node, PReLU, PassOptions, Permute, ReLU, Registry, RepeatVector, Reshape, Sequential, Softmax,
    SpatialDropout1D, SpatialDropout2D, ThresholdedReLU, UpSampling1D, UpSampling2D, ZeroPadding1D,
    ZeroPadding2D, sequential,
};
use serde_json::json;

/// Samples that are a single number.
const NO_AXES: [usize; 0] = [];
const NO_AXIS: [isize; 0] = [];

/// The text of the error that adding `layer` behind an input of samples of shape `sample` gives.
fn refusal(sample: impl Into<Shape>, layer: impl Into<Node>) -> String {
    let mut model = sequential![Input::new(sample)].unwrap();
    text(model.add(layer))
}

fn text<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().to_string()
}

/// Holds each text to its line of a file beside this one, and shows all that differ.
fn assert_lines(texts: &[String], file: &str) {
    let differ = |(text, line): &(&String, &str)| text != line;
    let wrong: Vec<(&String, &str)> = texts.iter().zip(file.lines()).filter(differ).collect();
    let show = |(text, line): &(&String, &str)| format!("{text}\n  expected: {line}\n");
    assert!(wrong.is_empty(), "\n{}", wrong.iter().map(show).collect::<String>());
    assert_eq!(texts.len(), file.lines().count(), "{}", texts.join("\n"));
}

#[test]
fn arguments() {
    let texts = [
        refusal([4], Dense::new(0)),
        refusal([9, 9, 4], Conv2D::new(0, 3)),
        refusal([9, 9, 4], Conv2D::new(2, 0)),
        refusal([9, 9, 4], Conv2D::new(2, 3).strides(0)),
        refusal([9, 9, 4], Conv2D::new(2, 3).dilation_rate([1, 0])),
        refusal([9, 9, 4], Conv2D::new(2, 3).strides(2).dilation_rate(2)),
        refusal([9, 9, 4], Conv2D::new(3, 3).groups(2)),
        refusal([9, 9, 4], Conv2D::new(3, 3).groups(3)),
        refusal([9, 9, 4], Conv2D::new(3, 3).groups(0)),
        refusal([9, 9, 4], MaxPooling2D::new(0)),
        refusal([9, 9, 4], MaxPooling2D::new(2).strides(0)),
        refusal([4], LeakyReLU::new(-0.1)),
        refusal([4], LeakyReLU::new(f64::NAN)),
        refusal([4], ReLU::new().max_value(-1.0)),
        refusal([4], ReLU::new().negative_slope(-0.5)),
        refusal([4], ReLU::new().threshold(-1.0)),
        refusal([4], ThresholdedReLU::new(-1.0)),
        refusal([4], Dropout::new(1.5)),
        refusal([4], Dropout::new(-0.1)),
        refusal([4], Dropout::new(0.5).noise_shape([Some(2), None])),
        refusal([4], Dropout::new(0.5).noise_shape([None])),
        refusal([4, 3], Dropout::new(0.5).noise_shape([None, Some(2), None])),
        refusal([4], BatchNormalization::new().momentum(1.5)),
        refusal([4], BatchNormalization::new().epsilon(-1.0)),
        refusal([4], Reshape::new([-1, -1])),
        refusal([4], Reshape::new([2, -2])),
        refusal([4], Dense::new(3).kernel_initializer("glorot_unifrom")),
        refusal([4], Dense::new(3).kernel_regularizer("l3")),
        refusal([4], Dense::new(3).kernel_constraint("max_nrom")),
        refusal([4], Dense::new(3).activation("rleu")),
        refusal([4], Dense::new(3).activation("ReLU")),
        refusal([4], Activation::new("my_activation")),
        refusal([4], Dense::new(3).activation("glu")),
    ];
    assert_lines(&texts, include_str!("arguments.txt"));
}

/// Whether the shape of the input is known or not.
#[test]
fn unknown_names_are_refused_as_the_layer_is_added() {
    let bn = BatchNormalization::new;
    let cases: [(Node, &str); 16] = [
        (Dense::new(2).kernel_initializer("nope").into(), "initializer"),
        (Dense::new(2).bias_initializer("nope").into(), "initializer"),
        (Dense::new(2).kernel_regularizer("nope").into(), "regularizer"),
        (Dense::new(2).bias_regularizer("nope").into(), "regularizer"),
        (Dense::new(2).activity_regularizer("nope").into(), "regularizer"),
        (Dense::new(2).kernel_constraint("nope").into(), "constraint"),
        (Dense::new(2).bias_constraint("nope").into(), "constraint"),
        (Conv2D::new(2, 3).kernel_regularizer("nope").into(), "regularizer"),
        (Conv2D::new(2, 3).bias_constraint("nope").into(), "constraint"),
        (PReLU::new().alpha_initializer("nope").into(), "initializer"),
        (PReLU::new().alpha_regularizer("nope").into(), "regularizer"),
        (PReLU::new().alpha_constraint("nope").into(), "constraint"),
        (bn().gamma_regularizer("nope").into(), "regularizer"),
        (bn().beta_constraint("nope").into(), "constraint"),
        (bn().moving_mean_initializer("nope").into(), "initializer"),
        (bn().moving_variance_initializer("nope").into(), "initializer"),
    ];
    for (layer, kind) in cases {
        let refused = text(Sequential::new().add(layer));
        assert!(refused.contains(&format!("unknown {kind} `nope`")), "{refused}");
    }
}

/// Those that pool, pad, crop and enlarge.
#[test]
fn volumes() {
    let texts = [
        refusal([4, 2], AveragePooling1D::new(0)),
        refusal([4, 2], MaxPooling1D::new(5)),
        refusal([4, 4, 4, 1], AveragePooling3D::new([2, 5, 1])),
        refusal([4, 4], GlobalAveragePooling2D::new()),
        refusal([4, 4], AdaptiveMaxPooling1D::new(0)),
        refusal([4], ZeroPadding1D::new(1)),
        refusal([4, 4, 1], ZeroPadding2D::new([[0, usize::MAX], [1, 1]])),
        refusal([4, 2], Cropping1D::new([2, 2])),
        refusal([4, 4, 1], Cropping2D::new([[1, 1], [0, 9]])),
        refusal([4, 4, 1], UpSampling2D::new([2, 0])),
        refusal([4, 2], UpSampling1D::new(usize::MAX)),
        refusal([4, 2], RepeatVector::new(2)),
        refusal([4], RepeatVector::new(0)),
        refusal([4, 2], Permute::new([0, 1])),
        refusal([4, 2], Permute::new([2, 1, 3])),
        refusal([4], SpatialDropout1D::new(0.5)),
        refusal([4, 4, 1], SpatialDropout2D::new(1.5)),
        refusal([4], GaussianNoise::new(-1.0)),
        refusal([4], GaussianDropout::new(2.0)),
        refusal([4], AlphaDropout::new(f64::NAN)),
    ];
    assert_lines(&texts, include_str!("volumes.txt"));
}

#[test]
fn shapes() {
    let texts = [
        refusal([1, 1, 64], Conv2D::new(8, 3)),
        refusal([3, 9, 1], Conv2D::new(8, [3, 2]).dilation_rate([2, 1])),
        refusal([1, 1, 64], MaxPooling2D::new(2)),
        refusal([28, 28], Conv2D::new(8, 3)),
        refusal([None, None, None], Conv2D::new(8, 3)),
        refusal([28, 28], MaxPooling2D::new(2)),
        refusal([None], Dense::new(3)),
        refusal(NO_AXES, Dense::new(3)),
        refusal([6], Reshape::new([4])),
        refusal([6], Reshape::new([4, -1])),
        refusal([3, 4], Softmax::new(3)),
        refusal([3], Softmax::new([1, -5])),
        refusal([3], Softmax::new(0)),
        refusal([3], Softmax::new(NO_AXIS)),
        refusal(NO_AXES, Softmax::default()),
        refusal([4, 5, 6], PReLU::new().shared_axes([-1])),
        refusal([4, 5, 6], PReLU::new().shared_axes([0, 1])),
        refusal([4, 5, 6], PReLU::new().shared_axes([4])),
        refusal([None, None, Some(3)], PReLU::new().shared_axes([2])),
        refusal(NO_AXES, PReLU::new()),
        refusal([3, 4], BatchNormalization::new().axis(3)),
        refusal([3], BatchNormalization::new().axis(0)),
        refusal([None], BatchNormalization::new()),
    ];
    assert_lines(&texts, include_str!("shapes.txt"));
}

fn model() -> Sequential {
    sequential![Input::new([4]), Dense::new(8).activation("relu"), Dense::new(3)].unwrap()
}

#[test]
fn models() {
    let dense = || Dense::new(2).named("a");
    let input = || Input::new([4]);
    let zero = || Input::new([0, 2]);
    let built = || sequential![input(), Dense::new(8)].unwrap();
    let moved = || built().pop().unwrap();
    let deferred = || sequential![Dense::new(2)].unwrap();
    let convs = Sequential::from_layers(
        [Node::from(Input::new([8, 8, 1]))]
            .into_iter()
            .chain((0..5).map(|_| Conv2D::new(8, 3).into())),
    );
    let texts = [
        text(sequential![input(), dense(), Flatten::new().named("a")]),
        text(sequential![input().named("a"), dense()]),
        text(sequential![input(), Dense::new(2).named("")]),
        text(sequential![input(), Dense::new(2).named("a/b")]),
        text(sequential![Dense::new(2), input()]),
        text(sequential![input(), Input::new([4])]),
        text(sequential![zero(), Dense::new(2)]),
        text(sequential![Dense::new(2).with_input_shape([0])]),
        text(deferred().build(Shape::of(&[]))),
        text(deferred().build([1, 0])),
        text(deferred().build([None, None])),
        text(built().build([None, Some(5)])),
        text(sequential![Input::new([5]), built()]),
        text(sequential![Input::new([5]), moved()]),
        text(convs),
        text(Sequential::new().pop()),
        text(model().get_layer("dens")),
        text(model().get_layer_mut("output")),
        text(model().set_weights(&[])),
        text(model().set_weights(&model().get_weights()[..3])),
        text(model().layers_mut()[0].set_weights(&model().get_weights())),
        text(model().set_weights(&vec![Tensor::zeros(&[4, 8]); 4])),
    ];
    assert_lines(&texts, include_str!("models.txt"));
}

#[test]
fn data() {
    let image = sequential![Input::new([28, 28, 1]), Flatten::new(), Dense::new(2)].unwrap();
    let column = sequential![Input::new([1]), Dense::new(2)].unwrap();
    let color = sequential![Input::new([32, 32, 3]), Flatten::new()].unwrap();
    let open = sequential![Input::new([None, None, Some(1)]), Conv2D::new(2, 3)].unwrap();
    let x = |shape: &[usize]| Tensor::zeros(shape);
    let options = PassOptions { seed: 0, step: 0, logits: false.into(), whole: false };
    let flat = |_: std::ops::Range<usize>, _: &Tensor| Ok((0.0, Tensor::zeros(&[1])));
    let texts = [
        text(Sequential::new().predict(x(&[1, 2]))),
        text(sequential![Dense::new(2)].unwrap().predict(x(&[1, 2]))),
        text(model().predict(x(&[2, 5]))),
        text(model().predict(x(&[4]))),
        text(model().predict(x(&[]))),
        text(column.predict(x(&[3, 2]))),
        text(image.predict(x(&[28, 28, 1]))),
        text(image.predict(x(&[10, 28, 28]))),
        text(image.predict(x(&[10, 784]))),
        text(image.predict(x(&[10, 1, 28, 28]))),
        text(image.predict(x(&[10, 32, 32, 3]))),
        text(color.predict(x(&[10, 3, 32, 32]))),
        text(open.predict(x(&[1, 2, 9, 1]))),
        text(model().train_pass(&x(&[0, 4]), options, &flat)),
        text(model().train_pass(&x(&[2, 4]), options, &flat)),
    ];
    assert_lines(&texts, include_str!("data.txt"));
}

#[test]
fn configs() {
    let load = |entry| text(Registry::builtin().layer(&entry));
    let class = |name: &str, config| load(json!({ "class_name": name, "config": config }));
    let dense = |config| class("Dense", config);
    let nested = json!({ "class_name": "Sequential", "config": { "layers": [
        { "class_name": "Dense", "config": { "units": 3 } },
        { "class_name": "Dense", "config": { "units": 3, "activation": "sofmax" } },
    ] } });
    let texts = [
        load(json!({})),
        class("Dens", json!({})),
        class("Lambda", json!({})),
        dense(json!([])),
        dense(json!({ "units": 0 })),
        dense(json!({ "units": "many" })),
        dense(json!({ "unit": 3 })),
        dense(json!({ "units": 3, "lora_rank": 4 })),
        dense(json!({ "units": 3, "dtype": "float16" })),
        dense(json!({ "units": 3, "activation": "rleu" })),
        dense(json!({ "units": 3, "activation": { "class_name": "PRelu", "config": {} } })),
        dense(json!({ "units": 3, "kernel_initializer": "glorot" })),
        dense(json!({ "units": 3, "trainable": "no" })),
        load(nested),
        class("Sequential", json!({ "layers": 3 })),
        class("Conv2D", json!({ "filters": 1, "kernel_size": [1, 2, 3] })),
        class("Conv2D", json!({ "filters": 1, "kernel_size": 3, "padding": "full" })),
        class("PReLU", json!({ "shared_axes": "all" })),
    ];
    assert_lines(&texts, include_str!("configs.txt"));
}
