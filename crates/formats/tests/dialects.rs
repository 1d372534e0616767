//! What each dialect's documents are read as.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use ceratops_core::{Closing, Tensor};
use ceratops_formats::{
    ModelJson, json,
    json::{Change, Dialect, Report},
};
use ceratops_layers::{
    BatchNormalization, Conv2D, Dense, Dropout, LeakyReLU, MaxPooling2D, PReLU, Registry,
    Sequential, ThresholdedReLU,
};
use common::*;
use serde_json::{Value, json};

fn load(document: &str) -> json::Loaded {
    json::read(document, &Registry::builtin()).unwrap()
}

/// The config of the layer as Keras 3 would have it.
fn config(model: &Sequential, layer: usize) -> Value {
    model.layers()[layer].to_entry().unwrap()["config"].clone()
}

/// The activation of a single Dense in a model with these keys at its top.
fn activation_of(activation: &Value, top: &[(&str, &str)]) -> Value {
    let dense = json!({"class_name": "Dense", "config": {"units": 1, "activation": activation}});
    let mut document = json!({"class_name": "Sequential", "config": {"layers": [dense]}});
    for (key, text) in top {
        document[*key] = (*text).into();
    }
    config(&load(&document.to_string()).model, 0)["activation"].clone()
}

#[test]
fn documents_are_told_apart() {
    use Dialect::{Keras1, Keras2, Keras3, TensorFlowJs};
    for (name, document, dialect, version, layers, params) in [
        ("k1_lenet", K1_LENET, Keras1, Some("1.2.2"), 10, 37_060),
        ("k2_list", K2_LIST, Keras2, Some("2.2.2"), 2, 15),
        ("k2_seq", K2_SEQ, Keras2, Some("2.21.0"), 12, 15_778),
        ("k2_dotkeras_config", K2_DOTKERAS, Keras2, None, 12, 15_778),
        ("k2b", K2B, Keras2, Some("2.21.0"), 7, 87),
        ("k3_seq", K3_SEQ, Keras3, None, 11, 15_778),
        ("k3b", K3B, Keras3, None, 7, 87),
        ("tfjs_model", TFJS, TensorFlowJs, Some("tfjs-layers 4.22.0"), 12, 15_778),
        ("abalone_tfjs", ABALONE_TFJS, TensorFlowJs, Some("tfjs-layers 1.3.2"), 3, 3_051),
        ("lenet_k222", LENET_K222, Keras2, Some("2.2.2"), 9, 44_426),
        ("lenet_tfjs", LENET_TFJS, Keras2, Some("2.2.2"), 9, 44_426),
        ("portable_A", PORTABLE_A, Keras2, Some("2.15.0"), 8, 121),
        ("portable_B", PORTABLE_B, Keras2, Some("2.15.0"), 8, 121),
        ("portable_C", PORTABLE_C, Keras2, Some("2.15.0"), 8, 121),
    ] {
        let json::Loaded { model, report, .. } = load(document);
        assert_eq!((report.dialect, report.version.as_deref()), (dialect, version), "{name}");
        assert_eq!((model.layers().len(), model.count_params()), (layers, params), "{name}");
    }
}

#[test]
fn keys_tell_where_no_version_does() {
    let policy = json!({"class_name": "DTypePolicy", "config": {"name": "float32"}});
    let bare = json!({"class_name": "Sequential", "config": {"layers": []}});
    let with = |path: &str, key: &str, value: Value| {
        let mut document = bare.clone();
        document.pointer_mut(path).unwrap()[key] = value;
        document
    };
    let dense = |key: &str, value: Value| {
        let mut dense = json!([{"class_name": "Dense", "config": {"units": 2}}]);
        dense[0]["config"][key] = value;
        with("/config", "layers", dense)
    };
    for (document, dialect) in [
        (bare.clone(), Dialect::Keras2),
        (with("", "module", "keras".into()), Dialect::Keras3),
        (with("", "keras_version", "1.0.8".into()), Dialect::Keras1),
        (with("", "keras_version", "2.2.4-tf".into()), Dialect::Keras2),
        (with("", "keras_version", "3.0.0".into()), Dialect::Keras3),
        (with("", "keras_version", "tfjs-layers 1.3.2".into()), Dialect::TensorFlowJs),
        (with("/config", "trainable", true.into()), Dialect::Keras3),
        (with("/config", "dtype", "float32".into()), Dialect::Keras3),
        (dense("dtype", policy), Dialect::Keras3),
        (dense("input_dtype", "float32".into()), Dialect::Keras1),
        (dense("batch_input_shape", json!([null, 4])), Dialect::Keras2),
    ] {
        assert_eq!(load(&document.to_string()).report.dialect, dialect, "{document}");
    }
    let of_keras2 = json::read_value(value(K3_SEQ), Some("2.15.0"), &Registry::builtin()).unwrap();
    assert_eq!(of_keras2.report.dialect, Dialect::Keras2);
}

/// At 1: 0.2 + 0.5, or 1 / 6 + 0.5.
#[test]
fn hard_sigmoid_means_what_its_document_means() {
    let (old, new) = (0.7, 0.666_666_7);
    for (top, at_one) in [
        (&[("keras_version", "1.2.2")][..], old),
        (&[("keras_version", "2.15.0")], old),
        (&[("keras_version", "tfjs-layers 4.22.0"), ("backend", "tensor_flow.js")], old),
        (&[("keras_version", "3.4.0")], new),
        (&[("keras_version", "3.4.0"), ("module", "keras")], new),
        (&[], old),
    ] {
        let layers =
            json!([{"class_name": "Activation", "config": {"activation": "hard_sigmoid"}}]);
        let mut document = model_of(layers);
        document.as_object_mut().unwrap().remove("module");
        document["config"]["layers"][0]["config"] = json!({"batch_input_shape": [null, 4]});
        for (key, text) in top {
            document[*key] = (*text).into();
        }
        let model = Sequential::from_json(&document.to_string()).unwrap();
        // What is written means the same when it is read again.
        let again = Sequential::from_json(&model.to_json().unwrap()).unwrap();
        for model in [model, again] {
            let y = model.predict(Tensor::full(&[1, 4], 1.0)).unwrap();
            assert_eq!(y.as_slice(), [at_one; 4], "{top:?}");
        }
    }
}

#[test]
fn hard_sigmoid_is_found_in_every_form() {
    let keras2 = json!({
        "module": "builtins", "class_name": "function",
        "config": "keras2>hard_sigmoid", "registered_name": "function",
    });
    let function = json!({"class_name": "function", "config": "hard_sigmoid"});
    let layer = json!({"class_name": "Activation", "config": {"activation": "hard_sigmoid"}});
    let top = &[("keras_version", "2.15.0")];
    assert_eq!(activation_of(&"hard_sigmoid".into(), top), keras2);
    assert_eq!(activation_of(&function, top), keras2);
    assert_eq!(activation_of(&layer, top)["config"]["activation"], keras2);
    assert_eq!(
        activation_of(&"hard_sigmoid".into(), &[("keras_version", "3.0.0")]),
        "hard_sigmoid"
    );
    assert_eq!(activation_of(&"hardSigmoid".into(), &[("keras_version", "tfjs-layers 4")]), keras2);
}

#[test]
fn keras1_says_everything_in_other_words() {
    let model = load(K1_LENET).model;
    let layer = |i: usize| &model.layers()[i];
    let convolution = layer(0).downcast_ref::<Conv2D>().unwrap();
    assert_eq!((convolution.filters, convolution.use_bias), (6, true));
    assert_eq!(config(&model, 0)["kernel_size"], json!([5, 3]));
    assert_eq!(config(&model, 0)["padding"], "same");
    assert_eq!(config(&model, 0)["kernel_regularizer"]["class_name"], "L1L2");
    assert_eq!(config(&model, 0)["kernel_constraint"]["config"]["max_value"], 3.0);
    assert_eq!(layer(1).downcast_ref::<BatchNormalization>().unwrap().axis, (-1).into());
    assert_eq!(layer(2).downcast_ref::<PReLU>().unwrap().shared_axes, Some(vec![1, 2]));
    assert_eq!(layer(3).class_name(), "MaxPooling2D");
    assert_eq!(config(&model, 4)["strides"], json!([2, 2]));
    assert_eq!(config(&model, 4)["use_bias"], false);
    assert_eq!(config(&model, 4)["kernel_initializer"]["class_name"], "HeNormal");
    assert_eq!(layer(7).downcast_ref::<Dropout>().unwrap().rate, 0.25);
    assert_eq!(layer(8).downcast_ref::<Dense>().unwrap().units, 84);
    assert_eq!(config(&model, 8)["kernel_constraint"]["class_name"], "NonNeg");
    assert_eq!(config(&model, 8)["activation"]["config"], "keras2>hard_sigmoid");

    let theano = json!({"class_name": "Sequential", "keras_version": "1.1.0", "config": [
        {"class_name": "MaxPooling2D", "config": {"dim_ordering": "th", "border_mode": "same"}}
    ]});
    let model = load(&theano.to_string()).model;
    assert_eq!(config(&model, 0)["data_format"], "channels_first");
    assert_eq!(model.layers()[0].downcast_ref::<MaxPooling2D>().unwrap().pool_size, 2.into());
}

#[test]
fn keras2_names_are_renamed_and_its_numbers_kept() {
    let model = load(K2_SEQ).model;
    let leaky = LeakyReLU::new(0.300_000_011_920_928_96);
    assert_eq!(model.layers()[3].downcast_ref(), Some(&leaky));
    let thresholded = ThresholdedReLU::new(0.699_999_988_079_071);
    assert_eq!(model.layers()[4].downcast_ref(), Some(&thresholded));
    assert_eq!(config(&model, 10)["kernel_regularizer"]["config"]["l2"], 0.009_999_999_776_482_582);
    assert_eq!(config(&load(K2B).model, 3)["axis"], 3);
    let list = load(K2_LIST).model;
    assert_eq!(list.layers()[1].downcast_ref(), Some(&LeakyReLU::new(0.100_000_001_490_116_12)));
    let v1 = json!({"class_name": "Sequential", "keras_version": "2.1.6-tf", "config": [
        {"class_name": "BatchNormalizationV1", "config": {"axis": [1], "name": "b"}}
    ]});
    assert_eq!(load(&v1.to_string()).model.layers()[0].class_name(), "BatchNormalization");
}

#[test]
fn the_input_is_found_wherever_it_is_said() {
    let dense = |key: &str, shape: Value| {
        let mut dense = json!([{"class_name": "Dense", "config": {"units": 2}}]);
        dense[0]["config"][key] = shape;
        json!({"class_name": "Sequential", "config": {"layers": dense}})
    };
    let mut deferred = dense("name", "d".into());
    deferred["config"]["build_input_shape"] =
        json!({"class_name": "TensorShape", "items": [null, 4]});
    for document in [
        dense("batch_input_shape", json!([null, 4])),
        dense("batch_input_shape", json!({"class_name": "__tuple__", "items": [null, 4]})),
        dense("input_shape", json!([4])),
        dense("input_dim", json!(4)),
        deferred,
    ] {
        let model = load(&document.to_string()).model;
        let shape = model.input_shape().map(ToString::to_string);
        assert_eq!(shape.as_deref(), Some("(None, 4)"), "{document}");
    }
    // A layer further down says nothing about the model's input.
    let lenet = load(LENET_K222).model;
    assert_eq!(lenet.input_shape().map(ToString::to_string).as_deref(), Some("(None, 28, 28)"));
}

#[test]
fn tfjs_spells_in_camel_case() {
    let document = json!({
        "modelTopology": {
            "keras_version": "tfjs-layers 4.22.0", "backend": "tensor_flow.js",
            "class_name": "Sequential", "config": {"layers": [
                {"class_name": "Conv2D", "config": {
                    "filters": 2, "kernel_size": 3, "data_format": "channelsFirst",
                    "kernel_initializer": {"class_name": "VarianceScaling", "config": {
                        "scale": 2, "mode": "fanIn", "distribution": "truncatedNormal"}},
                    "batch_input_shape": [null, 3, 8, 8]}},
                {"class_name": "Softmax", "config": {"axis": 1}},
                {"class_name": "Flatten", "config": {"data_format": null}},
            ]}
        },
        "format": "layers-model", "generatedBy": "TensorFlow.js tfjs-layers v4.22.0",
        "convertedBy": null, "weightsManifest": [{"paths": ["weights.bin"], "weights": []}],
    });
    let json::Loaded { model, report, .. } = load(&document.to_string());
    let conv = config(&model, 0);
    assert_eq!(conv["data_format"], "channels_first");
    assert_eq!(conv["kernel_initializer"]["config"]["mode"], "fan_in");
    assert_eq!(conv["kernel_initializer"]["config"]["distribution"], "truncated_normal");
    assert_eq!(config(&model, 1)["axis"], 1);
    assert_eq!(config(&model, 2)["data_format"], "channels_last");
    assert!(noted(&report, "weightsManifest", Change::Ignored));
    let path = "modelTopology.config.layers[0].config.data_format";
    assert!(noted(&report, path, Change::Reinterpreted));
}

/// TF.js' Softmax(axis=1) of a matrix goes over the last axis.
#[test]
fn softmax_of_tfjs_closes_a_classifier() {
    let model = load(TFJS).model;
    assert_eq!(model.layers()[11].layer().closing_activation(), Some(Closing::Softmax));
}

#[test]
fn a_document_may_be_wrapped() {
    let bare = load(K2B).model.to_json().unwrap();
    let mut document = value(K2B);
    let config = json!({"class_name": "Sequential", "config": document["config"].take()});
    let converted = json!({"modelTopology": {
        "keras_version": "2.15.0", "backend": "tensorflow", "model_config": config,
        "training_config": {"loss": "mse"},
    }, "weightsManifest": [], "format": "layers-model"});
    let of_h5 = json!({"keras_version": "2.15.0", "model_config": config.to_string()});
    for document in [converted.clone(), of_h5, Value::String(K2B.into())] {
        let model = load(&document.to_string()).model;
        assert_eq!(model.to_json().unwrap(), bare);
    }
    let report = load(&converted.to_string()).report;
    assert!(noted(&report, "modelTopology.training_config", Change::Ignored));
    let path = "modelTopology.model_config.config.layers[3].config.alpha";
    assert!(noted(&report, path, Change::Renamed));
    assert!(Sequential::from_json(&format!("\u{feff}{K2B}")).is_ok());
}

#[test]
fn how_a_model_was_compiled_is_handed_back() {
    let json::Loaded { report, training, .. } = load(K3B);
    assert!(noted(&report, "compile_config", Change::Ignored));
    assert_eq!(training, Some(value(K3B)["compile_config"].clone()));
    assert_eq!((load(K3_SEQ).report.notes, load(K3_SEQ).training), (vec![], None));
    let keras2 = load(K2_DOTKERAS).training.unwrap();
    assert_eq!(keras2["loss"], "sparse_categorical_crossentropy");
    for (key, wrap) in [("trainingConfig", "modelTopology"), ("training_config", "model_config")] {
        let config = json!({"loss": "mse"});
        let mut document = json!({wrap: value(K2_LIST)});
        document[key] = config.clone();
        let json::Loaded { report, training, .. } = load(&document.to_string());
        assert_eq!(training, Some(config));
        assert!(noted(&report, key, Change::Ignored));
    }
}

#[test]
fn models_nest() {
    let inner = json!({"class_name": "Sequential", "config": [
        {"class_name": "LeakyReLU", "config": {"alpha": 0.5}},
        {"class_name": "Dense", "config": {"units": 3, "activation": "hard_sigmoid"}},
    ]});
    let outer = json!({"class_name": "Sequential", "keras_version": "2.2.2", "config": [
        {"class_name": "Dense", "config": {"units": 2, "batch_input_shape": [null, 4]}}, inner,
    ]});
    let json::Loaded { model, report, .. } = load(&outer.to_string());
    let nested = model.layers()[1].downcast_ref::<Sequential>().unwrap();
    assert_eq!(nested.layers()[0].downcast_ref(), Some(&LeakyReLU::new(0.5)));
    assert_eq!(config(nested, 1)["activation"]["config"], "keras2>hard_sigmoid");
    assert!(noted(&report, "config[1].config[0].config.alpha", Change::Renamed));
}

#[test]
fn models_nest_in_every_dialect() {
    let tfjs = load(TFJS_NESTED).model;
    let nested = tfjs.get_layer("Sequential").unwrap().downcast_ref::<Sequential>().unwrap();
    assert_eq!(nested.layers()[1].downcast_ref(), Some(&LeakyReLU::new(0.5)));
    assert_eq!(
        (tfjs.count_params(), tfjs.output_shape().unwrap().to_string()),
        (23, "(None, 2)".into())
    );
    let dense = |config: Value| json!({"class_name": "Dense", "config": config});
    let keras1 = json!({"class_name": "Sequential", "keras_version": "1.1.2", "config": [
        dense(json!({"output_dim": 3, "input_dim": 4, "name": "a"})),
        {"class_name": "Sequential", "config": [
            dense(json!({"output_dim": 2, "input_dim": 3, "name": "b"})),
        ]},
    ]});
    let keras1 = load(&keras1.to_string()).model;
    let inner = keras1.layers()[1].downcast_ref::<Sequential>().unwrap();
    assert_eq!((inner.layers()[0].name(), keras1.count_params()), ("b", 23));
}

/// Every argument of every layer of Keras 1 that is known here, as 1.2.2 writes them.
#[test]
fn a_whole_document_of_keras_1() {
    let layer =
        |class_name: &str, config: Value| json!({"class_name": class_name, "config": config});
    let l1l2 = |name: &str| json!({"name": name, "l1": 0.0, "l2": 0.5});
    let document = json!({"class_name": "Sequential", "keras_version": "1.2.2", "config": [
        layer("Reshape", json!({"batch_input_shape": [null, 64], "input_dtype": "float32",
            "target_shape": [8, 8, 1], "name": "reshape_1", "trainable": true})),
        layer("Convolution2D", json!({"nb_filter": 2, "nb_row": 3, "nb_col": 3,
            "init": "glorot_uniform", "activation": "linear", "border_mode": "valid",
            "subsample": [1, 1], "dim_ordering": "tf", "W_regularizer": l1l2("WeightRegularizer"),
            "b_regularizer": null, "activity_regularizer": l1l2("ActivityRegularizer"),
            "W_constraint": {"name": "MaxNorm", "m": 2, "axis": 0}, "b_constraint": null,
            "bias": true, "name": "convolution2d_1", "trainable": true})),
        layer("BatchNormalization", json!({"mode": 0, "axis": -1, "epsilon": 1e-6,
            "momentum": 0.9, "gamma_regularizer": null, "beta_regularizer": null,
            "name": "batchnormalization_1", "trainable": true})),
        layer("LeakyReLU", json!({"alpha": 0.3, "name": "leakyrelu_1", "trainable": true})),
        layer("PReLU", json!({"init": "zero", "shared_axes": null, "name": "prelu_1"})),
        layer("ELU", json!({"alpha": 1.0, "name": "elu_1"})),
        layer("ThresholdedReLU", json!({"theta": 1.0, "name": "thresholdedrelu_1"})),
        layer("Activation", json!({"activation": "hard_sigmoid", "name": "activation_1"})),
        layer("MaxPooling2D", json!({"pool_size": [2, 2], "strides": [2, 2],
            "border_mode": "valid", "dim_ordering": "tf", "name": "maxpooling2d_1"})),
        layer("Dropout", json!({"p": 0.25, "name": "dropout_1"})),
        layer("Flatten", json!({"name": "flatten_1"})),
        layer("Dense", json!({"output_dim": 3, "init": "uniform", "activation": "softmax",
            "W_regularizer": null, "b_regularizer": l1l2("L1L2Regularizer"),
            "activity_regularizer": null, "W_constraint": {"name": "UnitNorm", "axis": 0},
            "b_constraint": {"name": "NonNeg"}, "bias": true, "input_dim": 18,
            "name": "dense_1"})),
    ]});
    let model = load(&document.to_string()).model;
    assert_eq!(model.count_params(), 20 + 8 + 72 + 18 * 3 + 3);
    let activity = &config(&model, 1)["activity_regularizer"];
    assert_eq!((&activity["class_name"], &activity["config"]["l2"]), (&json!("L1L2"), &json!(0.5)));
    assert_eq!(config(&model, 2)["epsilon"], 1e-6);
    assert_eq!(config(&model, 11)["kernel_initializer"]["class_name"], "RandomUniform");
    let mut eigen = document;
    eigen["config"][11]["config"]["W_regularizer"] =
        json!({"name": "EigenvalueRegularizer", "k": 1});
    let error = json::read(&eigen.to_string(), &Registry::builtin()).unwrap_err().to_string();
    assert!(error.starts_with("config[11].config.W_regularizer"), "{error}");
}

fn noted(report: &Report, path: &str, change: Change) -> bool {
    report.notes.iter().any(|note| note.path == path && note.change == change)
}
