//! The words of other versions for convolutions.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use ceratops_core::{Result, Shape};
use ceratops_formats::{
    ModelJson,
    json::{self, Loaded, Words, Written},
};
use ceratops_layers::{
    Conv1D, Conv2DTranspose, Conv3D, DepthwiseConv2D, Input, Model, Padding, Registry,
    SeparableConv1D, SeparableConv2D, sequential,
};
use serde_json::{Value, json};

fn read(document: &Value) -> Loaded {
    json::read(&document.to_string(), &Registry::builtin()).unwrap()
}

fn keras1(layers: Value) -> Loaded {
    read(&json!({"class_name": "Sequential", "keras_version": "1.2.2", "config": layers}))
}

fn keras2(layers: Value) -> Loaded {
    let config = json!({"name": "m", "layers": layers});
    read(&json!({"class_name": "Sequential", "keras_version": "2.15.0", "config": config}))
}

fn write(model: &Model, words: Words) -> Result<Written> {
    json::write_as(model, words, &Default::default())
}

/// What a layer of the model says in Keras 3.
fn said(loaded: &Loaded, layer: usize, key: &str) -> Value {
    let entry = loaded.model.layers()[layer].to_entry().unwrap();
    entry["config"][key].clone()
}

#[test]
fn the_words_of_keras_1() {
    let line = json!({"name": "line", "nb_filter": 4, "filter_length": 3, "subsample_length": 2,
        "border_mode": "same", "init": "he_normal", "activation": "relu", "bias": true,
        "W_regularizer": null, "input_dim": 2, "input_length": 9});
    let atrous = json!({"name": "atrous", "nb_filter": 2, "filter_length": 2, "atrous_rate": 2,
        "border_mode": "valid", "bias": false});
    let loaded = keras1(json!([
        {"class_name": "Convolution1D", "config": line},
        {"class_name": "AtrousConvolution1D", "config": atrous},
    ]));
    assert_eq!(*loaded.model.output_shape().unwrap(), Shape::batched([3, 2]));
    assert_eq!(said(&loaded, 0, "strides"), json!([2]));
    assert_eq!(said(&loaded, 1, "dilation_rate"), json!([2]));

    let separable = json!({"name": "s", "nb_filter": 4, "nb_row": 3, "nb_col": 2, "init": "he_normal",
        "border_mode": "valid", "subsample": [1, 1], "depth_multiplier": 2, "dim_ordering": "tf",
        "depthwise_regularizer": null, "pointwise_regularizer": null, "b_regularizer": null,
        "bias": true, "batch_input_shape": [null, 6, 5, 3]});
    let deconvolution = json!({"name": "d", "nb_filter": 2, "nb_row": 3, "nb_col": 3,
        "output_shape": [null, 9, 9, 2], "border_mode": "valid", "subsample": [2, 2],
        "dim_ordering": "tf", "bias": true});
    let loaded = keras1(json!([
        {"class_name": "SeparableConvolution2D", "config": separable},
        {"class_name": "Deconvolution2D", "config": deconvolution},
    ]));
    assert_eq!(*loaded.model.output_shape().unwrap(), Shape::batched([9, 9, 2]));
    for key in ["depthwise_initializer", "pointwise_initializer"] {
        assert_eq!(said(&loaded, 0, key)["class_name"], "HeNormal", "{key}");
    }
    assert!(loaded.report.to_string().contains("output_shape"), "{}", loaded.report);

    // Of two shapes that have the same input, Keras 2 calculates the smaller, or with `same` the larger.
    for (border, told, padding) in [
        ("valid", [10, 9], json!([1, 0])),
        ("same", [7, 8], json!([0, 1])),
        ("same", [8, 8], json!(null)),
    ] {
        let deconvolution = json!({"name": "d", "nb_filter": 2, "nb_row": 3, "nb_col": 3,
            "output_shape": [null, 2, told[0], told[1]], "border_mode": border, "subsample": [2, 2],
            "dim_ordering": "th", "batch_input_shape": [null, 1, 4, 4]});
        let loaded = keras1(json!([{"class_name": "Deconvolution2D", "config": deconvolution}]));
        let expected = Shape::batched([2, told[0], told[1]]);
        assert_eq!(*loaded.model.output_shape().unwrap(), expected, "{border}");
        assert_eq!(said(&loaded, 0, "output_padding"), padding, "{border}");
    }

    let volume = json!({"name": "v", "nb_filter": 2, "kernel_dim1": 3, "kernel_dim2": 2,
        "kernel_dim3": 1, "subsample": [1, 2, 1], "border_mode": "valid", "dim_ordering": "th",
        "batch_input_shape": [null, 1, 4, 4, 4]});
    let loaded = keras1(json!([{"class_name": "Convolution3D", "config": volume}]));
    assert_eq!(said(&loaded, 0, "kernel_size"), json!([3, 2, 1]));
    assert_eq!(*loaded.model.output_shape().unwrap(), Shape::batched([2, 2, 2, 4]));
}

/// Keras 2 writes what would govern a kernel that the layer does not have.
#[test]
fn the_words_of_keras_2() {
    let uniform = json!({"class_name": "GlorotUniform", "config": {"seed": null}});
    let depthwise = json!({"name": "d", "kernel_size": [3, 3], "groups": 1, "filters": null,
        "kernel_initializer": uniform, "kernel_regularizer": null, "depth_multiplier": 1,
        "batch_input_shape": [null, 6, 6, 2]});
    let separable = json!({"name": "s", "filters": 3, "kernel_size": [2, 2], "groups": 1,
        "kernel_initializer": uniform, "kernel_regularizer": null, "kernel_constraint": null});
    let transposed = json!({"name": "t", "filters": 2, "kernel_size": [2, 2], "strides": [2, 2],
        "groups": 1, "output_padding": null});
    let loaded = keras2(json!([
        {"class_name": "DepthwiseConv2D", "config": depthwise},
        {"class_name": "SeparableConvolution2D", "config": separable},
        {"class_name": "Deconvolution2D", "config": transposed},
    ]));
    assert_eq!(*loaded.model.output_shape().unwrap(), Shape::batched([6, 6, 2]));
    let grouped = json!({"name": "d", "kernel_size": [3, 3], "groups": 2});
    let config = json!({"layers": [{"class_name": "DepthwiseConv2D", "config": grouped}]});
    let document = json!({"class_name": "Sequential", "config": config}).to_string();
    let error = json::read(&document, &Registry::builtin()).unwrap_err().to_string();
    assert!(error.contains("groups"), "{error}");
}

/// What a reader computes otherwise, or not at all, is not written for it.
#[test]
fn what_others_cannot_run_is_refused() {
    let causal = sequential![Input::new([9, 2]), Conv1D::new(3, 3).padding(Padding::Causal)];
    let dilated = sequential![Input::new([9, 9, 2]), DepthwiseConv2D::new(3).dilation_rate(2)];
    let volume = Conv3D::new(2, 1).strides(2).padding(Padding::Same);
    let strided = sequential![Input::new([4, 4, 4, 2]), volume];
    let padded = Conv2DTranspose::new(3, 3).strides(2).output_padding(1);
    let padded = sequential![Input::new([4, 4, 2]), padded];
    let separable = sequential![Input::new([9, 2]), SeparableConv1D::new(3, 3)];
    for (model, key) in [
        (causal, "padding"),
        (dilated, "dilation_rate"),
        (strided, "strides"),
        (padded, "output_padding"),
        (separable, "no such layer"),
    ] {
        let error = write(&model.unwrap(), Words::TensorFlowJs).unwrap_err().to_string();
        assert!(error.contains(key), "{error}");
    }
    let causal = SeparableConv1D::new(3, 3).padding(Padding::Causal);
    let model = sequential![Input::new([9, 2]), causal].unwrap();
    let error = model.to_json().unwrap_err().to_string();
    assert!(error.contains("config.layers[1].config.padding"), "{error}");
    assert!(write(&model, Words::Keras2).is_ok());
    let plain = SeparableConv2D::new(3, 3).depth_multiplier(2);
    let model = sequential![Input::new([9, 9, 2]), plain].unwrap();
    assert!(write(&model, Words::TensorFlowJs).is_ok());
}
