//! LSTM in the words of Keras 2, Keras 3 and TensorFlow.js.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use ceratops_core::Tensor;
use ceratops_formats::{
    ModelJson, json,
    json::{Change, Dialect},
};
use ceratops_layers::{LSTM, Registry, Sequential};
use serde_json::{Value, json};

const K2: &str = include_str!("../../../tests/json/k2_lstm.json");
const TFJS: &str = include_str!("../../../tests/json/tfjs_lstm.json");

/// How Keras 3.15 writes an LSTM whose recurrent activation is its own hard_sigmoid.
fn keras3() -> Value {
    let initializer = |class_name: &str, config: Value| {
        json!({
            "module": "keras.initializers", "class_name": class_name, "config": config,
            "registered_name": null,
        })
    };
    json!({
        "module": "keras.layers", "class_name": "LSTM", "registered_name": null,
        "build_config": {"input_shape": [null, 5, 3]},
        "config": {
            "name": "lstm", "trainable": true,
            "dtype": {"module": "keras", "class_name": "DTypePolicy",
                "config": {"name": "float32"}, "registered_name": null},
            "return_sequences": false, "return_state": false, "go_backwards": false,
            "stateful": false, "unroll": true, "zero_output_for_mask": true, "units": 2,
            "activation": "tanh", "recurrent_activation": "hard_sigmoid", "use_bias": true,
            "kernel_initializer": initializer("GlorotUniform", json!({"seed": null})),
            "recurrent_initializer":
                initializer("Orthogonal", json!({"seed": null, "gain": 1.0})),
            "bias_initializer": initializer("Zeros", json!({})),
            "unit_forget_bias": true,
            "kernel_regularizer": null, "recurrent_regularizer": null, "bias_regularizer": null,
            "activity_regularizer": null,
            "kernel_constraint": null, "recurrent_constraint": null, "bias_constraint": null,
            "dropout": 0.25, "recurrent_dropout": 0.5, "seed": 7,
        },
    })
}

fn load(document: &str) -> json::Loaded {
    json::read(document, &Registry::builtin()).unwrap()
}

fn lstm(model: &Sequential, layer: usize) -> &LSTM {
    model.layers()[layer].downcast_ref().unwrap()
}

/// `len` numbers of a curve.
fn curve(shape: &[usize], curve: impl Fn(f64) -> f64) -> Tensor {
    let len: usize = shape.iter().product();
    Tensor::new(shape, (0..len).map(|i| curve(i as f64) as f32).collect()).unwrap()
}

fn assert_near(found: &Tensor, expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.as_slice().iter().zip(expected) {
        assert!((a - b).abs() < 1e-6, "{found} instead of {expected:?}");
    }
}

/// Again after it was written and read.
fn and_again(model: Sequential) -> [Sequential; 2] {
    let mut again = Sequential::from_json(&model.to_json().unwrap()).unwrap();
    again.set_weights(&model.get_weights()).unwrap();
    [model, again]
}

#[test]
fn keras_2_with_its_hard_sigmoid() {
    let json::Loaded { model, report, .. } = load(K2);
    assert_eq!(report.dialect, Dialect::Keras2);
    assert_eq!(lstm(&model, 0).recurrent_activation.name(), "keras2>hard_sigmoid");
    let bias = [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    let (kernel, recurrent) = (Tensor::full(&[3, 8], 1.0), Tensor::full(&[2, 8], 1.0));
    // The initializers already say so.
    assert_eq!(model.get_weights(), [kernel, recurrent, bias.into()]);
    for model in and_again(model) {
        let y = model.predict(curve(&[1, 5, 3], |i| i / 7.0 - 1.0)).unwrap();
        assert_near(&y, &[0.885_458_6, 0.885_458_6]);
        let y = model.predict(curve(&[2, 5, 3], |i| 2.0 * (0.37 * i).sin())).unwrap();
        assert_near(&y, &[0.0; 4]);
    }
}

#[test]
fn keras_2_settings_of_how_it_runs_are_passed_over_aloud() {
    let notes = load(K2).report.notes;
    let text = |key: &str| {
        let path = format!("config.layers[1].config.{key}");
        let note = notes.iter().find(|note| note.path == path).unwrap();
        assert_eq!(note.change, Change::Ignored, "{key}");
        note.text.as_str()
    };
    assert_eq!(text("time_major"), "the input is (batch, time, features) here too");
    assert_eq!(text("implementation"), "it chooses how Keras computes the same numbers");
}

#[test]
fn keras_3() {
    let layers = json!([
        {"module": "keras.layers", "class_name": "InputLayer",
            "config": {"batch_shape": [null, 5, 3], "name": "input_layer"}},
        keras3(),
    ]);
    let document = json!({
        "module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": layers},
    });
    let json::Loaded { model, report, .. } = load(&document.to_string());
    assert_eq!(report.dialect, Dialect::Keras3);
    for model in and_again(model) {
        let layer = lstm(&model, 0);
        assert_eq!(layer.recurrent_activation.name(), "hard_sigmoid");
        assert!(layer.zero_output_for_mask);
        assert_eq!((layer.dropout, layer.recurrent_dropout, layer.seed), (0.25, 0.5, Some(7)));
    }
}

/// What is written has Keras 3's keys in Keras 3's order, but for those that say nothing here.
#[test]
fn what_is_written_is_what_keras_3_writes() {
    let expected = keras3();
    let entry = ceratops_formats::layer_from_json(&expected.to_string(), &Registry::builtin());
    let written = ceratops_formats::layer_to_json(&entry.unwrap()).unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    let keys = |value: &Value| -> Vec<String> {
        let dropped =
            |key: &&String| !["return_state", "stateful", "unroll"].contains(&key.as_str());
        value["config"].as_object().unwrap().keys().filter(dropped).cloned().collect()
    };
    assert_eq!(keys(&written), keys(&expected));
    for key in keys(&expected).iter().filter(|key| !key.ends_with("_initializer")) {
        assert_eq!(written["config"][key], expected["config"][key], "{key}");
    }
}

/// The weights are two decimals of a sine; the outputs are those of TensorFlow.js 4.22.
#[test]
fn tensorflow_js() {
    let json::Loaded { mut model, report, .. } = load(TFJS);
    assert_eq!(report.dialect, Dialect::TensorFlowJs);
    assert_eq!(lstm(&model, 0).recurrent_activation.name(), "keras2>hard_sigmoid");
    assert!(lstm(&model, 0).go_backwards && lstm(&model, 0).return_sequences);
    // Nothing was said of it, and TensorFlow.js begins with a bias of zeros then.
    assert!(!lstm(&model, 0).unit_forget_bias);
    assert_eq!(model.input_shape().unwrap().to_string(), "(None, None, 3)");
    let mut before = 0;
    let mut weights = model.get_weights();
    for weight in &mut weights {
        let start = before as f64 + 1.0;
        before += weight.len();
        let sine = |i: f64| ((0.7 * (start + i)).sin() * 100.0).round() / 100.0;
        *weight = curve(weight.shape(), sine);
    }
    model.set_weights(&weights).unwrap();
    for model in and_again(model) {
        let y = model.predict(curve(&[2, 4, 3], |i| 2.0 * (0.37 * i).sin())).unwrap();
        assert_near(
            &y,
            &[
                -0.012_776_177,
                0.020_311_81,
                0.031_412_095,
                -0.028_893_802,
                -0.039_177_787,
                -0.039_654_903,
            ],
        );
    }
}

#[test]
fn what_would_compute_something_else_is_refused() {
    let read = |time_major: Value| {
        let mut document: Value = serde_json::from_str(K2).unwrap();
        document["config"]["layers"][1]["config"]["time_major"] = time_major;
        Sequential::from_json(&document.to_string()).unwrap_err().to_string()
    };
    assert_eq!(
        read(true.into()),
        "config.layers[1].config.time_major: an input of (time, batch, features) cannot be taken; save the \
         model with time_major=False and give it inputs of (batch, time, features): the weights are the same"
    );
    // What is neither true nor false is no setting.
    let error = read(3.into());
    assert!(error.contains("LSTM has no key `time_major` (got 3)"), "{error}");
}
