//! Layers that pool, pad, crop, enlarge and make noise, in the words of each program.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use ceratops_core::Result;
use ceratops_formats::json::{self, Words, WriteOptions};
use ceratops_layers::{
    AlphaDropout, AveragePooling1D, DataFormat, GaussianDropout, GaussianNoise,
    GlobalAveragePooling1D, GlobalAveragePooling2D, Input, Interpolation, IntoNode, Registry,
    Sequential, SpatialDropout1D, SpatialDropout2D, UpSampling2D, ZeroPadding1D, sequential,
};
use serde_json::{Value, json};

/// The config of a layer of a document with that version, as Keras 3 would have it.
fn read(version: &str, class_name: &str, config: &Value) -> Result<Value> {
    let layer = json!({"class_name": class_name, "config": config});
    let document = json!({
        "class_name": "Sequential", "keras_version": version, "config": {"layers": [layer]},
    });
    let loaded = json::read(&document.to_string(), &Registry::builtin())?;
    Ok(loaded.model.layers()[0].to_entry()?["config"].clone())
}

/// Fails unless each argument is read as it should be.
fn assert_read(version: &str, class_name: &str, config: Value, expected: Value) {
    let found = read(version, class_name, &config).unwrap();
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(found[key], *value, "{class_name} {config}: {key}");
    }
}

#[test]
fn keras_1_names_its_arguments_otherwise() {
    let old = |class_name, config, expected| assert_read("1.2.2", class_name, config, expected);
    for class_name in ["MaxPooling1D", "AveragePooling1D"] {
        let config = json!({"pool_length": 3, "stride": 2, "border_mode": "same"});
        let expected = json!({"pool_size": [3], "strides": [2], "padding": "same"});
        old(class_name, config, expected);
        old(class_name, json!({"pool_length": 2, "stride": null}), json!({"pool_size": [2]}));
    }
    let config = json!({"pool_size": [2, 3], "strides": [1, 2], "dim_ordering": "th"});
    let expected = json!({"pool_size": [2, 3], "data_format": "channels_first"});
    old("AveragePooling2D", config, expected);
    let config = json!({"dim_ordering": "th"});
    old("GlobalMaxPooling2D", config, json!({"data_format": "channels_first"}));
    old("UpSampling1D", json!({"length": 3}), json!({"size": 3}));
    let config = json!({"size": [2, 3], "dim_ordering": "tf"});
    old("UpSampling2D", config, json!({"size": [2, 3], "data_format": "channels_last"}));
    old("ZeroPadding1D", json!({"padding": 2}), json!({"padding": [2, 2]}));
    let config = json!({"padding": {"left_pad": 1, "right_pad": 3}});
    old("ZeroPadding1D", config, json!({"padding": [1, 3]}));
    old("ZeroPadding2D", json!({"padding": [1, 2]}), json!({"padding": [[1, 1], [2, 2]]}));
    old("ZeroPadding2D", json!({"padding": [1, 2, 3, 4]}), json!({"padding": [[1, 2], [3, 4]]}));
    let sides = json!({"top_pad": 1, "bottom_pad": 2, "left_pad": 3, "right_pad": 4});
    old("ZeroPadding2D", json!({"padding": sides}), json!({"padding": [[1, 2], [3, 4]]}));
    let padding = json!([[1, 1], [2, 2], [3, 3]]);
    old("ZeroPadding3D", json!({"padding": [1, 2, 3]}), json!({"padding": padding}));
    old("Cropping1D", json!({"cropping": [1, 2]}), json!({"cropping": [1, 2]}));
    let cropping = json!([[1, 2], [0, 3]]);
    let config = json!({"cropping": cropping, "dim_ordering": "tf"});
    old("Cropping2D", config, json!({"cropping": cropping}));
    old("GaussianNoise", json!({"sigma": 0.25}), json!({"stddev": 0.25}));
    old("GaussianDropout", json!({"p": 0.25}), json!({"rate": 0.25}));
    old("SpatialDropout1D", json!({"p": 0.25}), json!({"rate": 0.25}));
    let config = json!({"p": 0.25, "dim_ordering": "th"});
    let expected = json!({"rate": 0.25, "data_format": "channels_first"});
    old("SpatialDropout2D", config, expected);
    old("Permute", json!({"dims": [2, 1]}), json!({"dims": [2, 1]}));
    old("RepeatVector", json!({"n": 4}), json!({"n": 4}));
    old("ActivityRegularization", json!({"l1": 0.5, "l2": 0.0}), json!({"l1": 0.5}));
}

#[test]
fn keras_2_writes_more_than_it_needs() {
    let config = json!({"rate": 0.5, "noise_shape": null, "seed": null});
    assert_read("2.15.0", "SpatialDropout2D", config, json!({"rate": 0.5}));
    let config = json!({"pool_size": [2], "strides": [1], "data_format": "channels_last"});
    assert_read("2.15.0", "MaxPooling1D", config, json!({"strides": [1]}));
    let config = json!({"pool_size": 2, "strides": 1, "padding": "same"});
    assert_read("2.1.0", "MaxPooling1D", config, json!({"pool_size": [2], "padding": "same"}));
    for (class_name, today) in [
        ("MaxPool1D", "MaxPooling1D"),
        ("AvgPool2D", "AveragePooling2D"),
        ("GlobalAvgPool1D", "GlobalAveragePooling1D"),
        ("GlobalMaxPool3D", "GlobalMaxPooling3D"),
    ] {
        let config = read("2.15.0", class_name, &json!({})).unwrap();
        assert_eq!(config, read("2.15.0", today, &json!({})).unwrap(), "{class_name}");
    }
}

#[test]
fn tensor_flow_js_interpolates_otherwise() {
    let js = "tfjs-layers 4.22.0";
    let config =
        json!({"size": [2, 3], "data_format": "channelsFirst", "interpolation": "nearest"});
    let expected = json!({"size": [2, 3], "data_format": "channels_first"});
    assert_read(js, "UpSampling2D", config, expected);
    let config = json!({"size": [2, 3], "interpolation": "bilinear"});
    let error = read(js, "UpSampling2D", &config).unwrap_err().to_string();
    assert!(error.contains("interpolation: TensorFlow.js interpolates"), "{error}");
    assert_read("2.15.0", "UpSampling2D", config, json!({"interpolation": "bilinear"}));
}

/// What is written of a layer in these words.
fn written(layer: impl IntoNode, sample: &[usize], words: Words) -> Result<Value> {
    let mut model: Sequential = sequential![Input::new(sample)]?;
    model.add(layer)?;
    let document = json::write_as(&model, words, &WriteOptions::default())?.document;
    let layers = document["config"]["layers"].as_array().unwrap();
    Ok(layers.last().unwrap()["config"].clone())
}

#[test]
fn each_reader_gets_the_words_it_knows() {
    let keys =
        |config: Value| -> Vec<String> { config.as_object().unwrap().keys().cloned().collect() };
    let config = written(AveragePooling1D::new(2), &[4, 2], Words::TensorFlowJs).unwrap();
    let own = ["name", "trainable", "pool_size", "padding", "strides"];
    assert!(own.iter().all(|key| config.get(*key).is_some()), "{config}");
    assert_eq!(config.get("data_format"), None);
    let config = written(GlobalAveragePooling2D::new(), &[4, 4, 2], Words::TensorFlowJs).unwrap();
    assert_eq!(config.get("keepdims"), None);
    for words in [Words::Keras3, Words::Keras3Short, Words::Keras2, Words::Portable] {
        let config = written(SpatialDropout1D::new(0.5), &[4, 2], words).unwrap();
        assert_eq!(config.get("trainable"), None, "{words:?}");
    }
    let config = written(SpatialDropout2D::new(0.5), &[4, 4, 2], Words::Keras3).unwrap();
    assert_eq!(keys(config), ["rate", "seed", "name", "dtype", "data_format"]);
    let config = written(GaussianNoise::new(0.5).seed(3), &[4], Words::TensorFlowJs).unwrap();
    assert_eq!(config.get("seed"), None);
    assert!(written(GaussianDropout::new(0.5), &[4], Words::Portable).is_ok());
    assert!(written(AlphaDropout::new(0.5), &[4], Words::Portable).is_ok());

    let first = DataFormat::ChannelsFirst;
    for (refused, reason) in [
        (
            written(ZeroPadding1D::new(1).data_format(first), &[2, 4], Words::Keras2),
            "Keras 2 pads no sequences",
        ),
        (
            written(GlobalAveragePooling1D::new().keepdims(true), &[4, 2], Words::TensorFlowJs),
            "no such argument",
        ),
        (
            written(AveragePooling1D::new(2).data_format(first), &[2, 4], Words::TensorFlowJs),
            "no such argument",
        ),
        (
            written(
                UpSampling2D::new(2).interpolation(Interpolation::Bilinear),
                &[2, 2, 1],
                Words::Portable,
            ),
            "interpolates between the corners",
        ),
        (written(ZeroPadding1D::new(1), &[4, 2], Words::TensorFlowJs), "no such layer"),
    ] {
        let error = refused.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}
