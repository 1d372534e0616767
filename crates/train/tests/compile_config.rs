//! What model files say of training, from and to real Keras.
//!
//! `golden/compile_configs.json` holds what Keras 3 and tf_keras write to `.keras` and `.h5` files;
//! `golden/make_compile_configs.py` wrote it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ceratops_core::Tensor;
use ceratops_layers::{Dense, Input, IntoNode, Sequential, sequential};
use ceratops_train::{
    Compile, CompileConfig, CompiledModel, KerasVersion, Loss,
    losses::{self, MeanSquaredError},
    metrics::{AnyMetric, MeanMetric},
    optimizers::{Adam, Base, RMSprop, SGD},
};
use serde_json::{Value, json};

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/compile_configs.json")).unwrap()
}

fn network() -> Sequential {
    sequential![Input::new([3]), Dense::new(2).activation("softmax")].unwrap()
}

fn compiled(config: &Value) -> CompiledModel {
    network().compile_from_config(config).unwrap()
}

/// Asserts that all of `found` stands in `expected`, which may say more.
#[track_caller]
fn assert_within(found: &Value, expected: &Value, what: &str) {
    match (found, expected) {
        (Value::Object(found), Value::Object(_)) => {
            for (key, value) in found {
                assert!(expected.get(key).is_some(), "{what}.{key} is not Keras'");
                assert_within(value, &expected[key], &format!("{what}.{key}"));
            }
        }
        (Value::Array(found), Value::Array(all)) if found.len() == all.len() => {
            for (i, (found, expected)) in found.iter().zip(all).enumerate() {
                assert_within(found, expected, &format!("{what}[{i}]"));
            }
        }
        // Keras writes label_smoothing as 0 and as 0.0.
        (Value::Number(_), Value::Number(_)) => {
            assert_eq!(found.as_f64(), expected.as_f64(), "{what}");
        }
        _ => assert_eq!(found, expected, "{what}"),
    }
}

/// The settings in which the cases' optimizers differ from the defaults.
fn optimizer_of(case: &str) -> Value {
    match case {
        "objects" => {
            json!({"learning_rate": 0.5, "momentum": 0.9, "nesterov": true, "clipnorm": 1.0})
        }
        "no_metrics" => json!({"learning_rate": 0.25, "momentum": 0.5, "centered": true}),
        "settings" => json!({"learning_rate": 0.5, "amsgrad": true, "weight_decay": 0.25}),
        _ => json!({}),
    }
}

/// Four files of the same model say the same, and it is written as Keras 3 writes it.
#[test]
fn configs_of_keras_are_read_and_written() {
    let golden = golden();
    let cases = golden.as_object().unwrap();
    assert_eq!(cases.len(), 7);
    for (case, files) in cases {
        let mut expected = files["3"]["keras"].clone();
        if case == "lists" {
            // A list of one output's is that output's; functions are written as their names.
            expected["loss"] = json!("mean_squared_error");
            expected["metrics"] = json!(["mean_absolute_error", "MSE"]);
        }
        for (version, file) in [("3", "keras"), ("3", "h5"), ("2", "keras"), ("2", "h5")] {
            let what = format!("{case} in {file} of Keras {version}");
            let mut found = compiled(&files[version][file]).compile_config().unwrap();
            let keys =
                |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(&found), keys(&expected), "{what}");
            let set = found["optimizer"]["config"].clone();
            let set_in_keras = &expected["optimizer"]["config"];
            for (key, value) in optimizer_of(case).as_object().unwrap() {
                assert_eq!(set[key], *value, "{what}, {key}");
            }
            // Identifiers have the defaults, which are f64 here and f32 there.
            if optimizer_of(case) == json!({}) {
                found["optimizer"]["config"]["learning_rate"] =
                    set_in_keras["learning_rate"].clone();
            }
            // What goes with averages, in Keras 2's RMSprop 100, says nothing without them.
            found["optimizer"]["config"]["ema_overwrite_frequency"] = Value::Null;
            assert_within(&found, &expected, &what);
        }
    }
}

/// The words of Keras 3's legacy files, and that they are read again.
#[test]
fn training_configs_of_keras_3_are_written() {
    let golden = golden();
    for (case, files) in golden.as_object().unwrap() {
        let model = compiled(&files["3"]["h5"]);
        let found = model.training_config(KerasVersion::V3).unwrap();
        let mut expected = files["3"]["h5"].clone();
        // Keras writes the loss as it was typed, and cannot load that file.
        if expected["loss"] == "mae" {
            expected["loss"] = json!("mean_absolute_error");
        }
        if case == "lists" {
            // A list of one output's is that output's.
            expected["loss"] = json!("mean_squared_error");
            expected["metrics"] = json!(["mean_absolute_error", "MSE"]);
        }
        // Identifiers have defaults in f64 here, in f32 there.
        if optimizer_of(case) == json!({}) {
            expected["optimizer_config"]["config"]["learning_rate"] =
                found["optimizer_config"]["config"]["learning_rate"].clone();
        }
        assert_within(&found, &expected, case);
        assert_eq!(found.as_object().unwrap().len(), expected.as_object().unwrap().len());
        assert_eq!(compiled(&found).training_config(KerasVersion::V3).unwrap(), found, "{case}");
    }
}

/// The words of Keras 2's legacy files, and that they are read again.
#[test]
fn training_configs_of_keras_2_are_written() {
    let golden = golden();
    for (case, files) in golden.as_object().unwrap() {
        let model = compiled(&files["2"]["h5"]);
        let found = model.training_config(KerasVersion::V2).unwrap();
        let expected = &files["2"]["h5"];
        let (ours, theirs) = (&found["optimizer_config"], &expected["optimizer_config"]);
        assert_eq!(ours["class_name"], theirs["class_name"], "{case}");
        assert_eq!(ours["config"]["name"], theirs["config"]["name"], "{case}");
        for (key, value) in optimizer_of(case).as_object().unwrap() {
            assert_eq!(ours["config"][key], *value, "{case}, {key}");
        }
        let metrics = |of: &Value| of.as_array().into_iter().flatten().cloned().collect::<Vec<_>>();
        let (ours, theirs) = (metrics(&found["metrics"]), metrics(&expected["metrics"][0]));
        assert_eq!(ours.len(), theirs.len(), "{case}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            // What was typed is wrapped in Keras 2's files.
            if ours.is_string() {
                assert_eq!(theirs["config"]["name"], *ours);
            } else {
                assert_within(ours, theirs, case);
            }
        }
        assert_eq!(compiled(&found).training_config(KerasVersion::V2).unwrap(), found, "{case}");
    }
}

/// Keras 1 and 2.1, TensorFlow 1 to 2.10, TensorFlow.js.
#[test]
fn older_words_are_understood() {
    let adam = json!({"optimizer_config": {"class_name": "Adam", "config": {
        "lr": 0.5, "beta_1": 0.75, "beta_2": 0.875, "decay": 0.0, "epsilon": null,
        "amsgrad": false, "clipnorm": 2.0,
    }}, "loss": "mse", "metrics": ["acc"], "sample_weight_mode": null, "loss_weights": null});
    let tfjs = json!({"loss": "mean_squared_error", "metrics": ["acc", "mse"],
        "optimizer_config": {"class_name": "Adam", "config": {
            "learningRate": 0.5, "beta1": 0.75, "beta2": 0.875, "epsilon": 1e-7,
    }}});
    let rmsprop = json!({"loss": ["meanSquaredError"], "metrics": {"d2": "meanAbsoluteError"},
        "optimizer_config": {"class_name": "RMSProp", "config": {
            "learningRate": 0.5, "decay": 0.75, "momentum": 0.5, "epsilon": 0.125, "centered": true,
    }}});
    let tf1 = json!({"loss": {"d": "mse"}, "metrics": null, "loss_weights": [1.0],
        "optimizer_config": {"class_name": "SGD", "config": {
            "name": "SGD", "learning_rate": 0.5, "decay": 0.0, "momentum": 0.75, "nesterov": false,
            "clipnorm": 2.0,
    }}});
    let read = Adam::new(0.5).beta_1(0.75).beta_2(0.875);
    let global = Base { global_clipnorm: Some(2.0), ..read.base.clone() };
    let rms = RMSprop::new(0.5).rho(0.75).momentum(0.5).epsilon(0.125).centered(true);
    let clipped = Base { clipnorm: Some(2.0), ..Base::new(0.5) };
    let sgd = SGD { base: clipped, ..SGD::new(0.5).momentum(0.75) };
    let compile =
        |optimizer, loss, metrics: &[&str]| network().compile(optimizer, loss, metrics).unwrap();
    let boxed = |optimizer: Box<dyn ceratops_train::Optimizer>| optimizer;
    for (config, expected) in [
        (adam, compile(boxed(Box::new(Adam { base: global, ..read.clone() })), "mse", &["acc"])),
        (tfjs, compile(boxed(Box::new(read)), "mean_squared_error", &["acc", "mse"])),
        (rmsprop, compile(boxed(Box::new(rms)), "mean_squared_error", &["mean_absolute_error"])),
        (tf1, compile(boxed(Box::new(sgd)), "mse", &[]).with_loss_weights(1.0)),
    ] {
        let found = compiled(&config).compile_config().unwrap();
        assert_eq!(found, expected.compile_config().unwrap());
    }
}

/// The figures are those of Keras 3.15 with TensorFlow: `loss_weights` 0.5, `[0.5]` and
/// `{"out": 0.5}`, three times `train_on_batch(x, y)` with `SGD(0.1)`, then `evaluate`. The penalty
/// is not multiplied, nor the metric.
#[test]
fn loss_weights_multiply_the_loss_as_in_keras() {
    let x = Tensor::from([[1.0, 2.0], [3.0, -1.0], [0.5, 1.5]]);
    let y = Tensor::from([[1.0], [2.0], [-1.0]]);
    let near = |found: f64, keras: f64| (found - keras).abs() < 1e-6;
    for loss_weights in [json!(0.5), json!([0.5]), json!({"out": 0.5})] {
        let dense = Dense::new(1).kernel_regularizer("l2");
        let mut model = sequential![Input::new([2]), dense.named("out")].unwrap();
        model.set_weights(&[Tensor::from([[0.5], [-0.25]]), Tensor::from([0.1])]).unwrap();
        let sgd = json!({"class_name": "SGD", "config": {"learning_rate": 0.1}});
        let config = json!({"optimizer": sgd, "loss": "mse", "metrics": ["mse"],
            "loss_weights": loss_weights});
        let mut model = model.compile_from_config(&config).unwrap();
        assert_eq!(model.compile_config().unwrap()["loss_weights"], 0.5);
        for (loss, mse) in [
            (0.30031248927116394, 0.59437495470047),
            (0.2935781180858612, 0.5804024338722229),
            (0.29055243730545044, 0.574016273021698),
        ] {
            let logs = model.train_on_batch(x.clone(), y.clone()).unwrap();
            assert!(near(logs["loss"], loss) && near(logs["mse"], mse), "{logs:?}");
        }
        let weights = model.get_weights();
        let weights = weights.iter().flat_map(|weight| weight.as_slice());
        let keras = [0.5578032732009888, -0.23388786613941193, 0.09468597173690796];
        assert!(weights.zip(keras).all(|(&w, keras)| near(w.into(), keras)), "{model:?}");
        let logs = model.evaluate(x.clone(), y.clone()).unwrap();
        assert!(near(logs["loss"], 0.2887794077396393), "{logs:?}");
    }
}

#[test]
fn what_is_not_supported_is_named_with_its_path() {
    let with = |key: &str, value: Value| {
        let mut config = json!({"optimizer": "adam", "loss": "mse", "metrics": ["mae"]});
        config[key] = value;
        config
    };
    let adam = |key: &str, value: Value| {
        with("optimizer", json!({"class_name": "Custom>Adam", "config": {key: value}}))
    };
    let bce = |key: &str, value: Value| {
        with("loss", json!([{"class_name": "BinaryCrossentropy", "config": {key: value}}]))
    };
    for (config, message) in [
        (json!([]), "compile_config: expected an object, got []"),
        (json!({"loss": "mse"}), "optimizer: expected an optimizer"),
        (with("optimizer", json!("ftlr")), "optimizer: unknown optimizer `ftlr`"),
        (adam("use_ema", json!(3)), "optimizer.config.use_ema: invalid type"),
        (adam("decay", json!("fast")), "optimizer.config.decay: expected a number"),
        (adam("lr", json!("high")), "optimizer.config.learning_rate: invalid type"),
        (
            adam("learning_rate", json!({"class_name": "ExponentialDecay"})),
            "optimizer.config.learning_rate.config: missing field `initial_learning_rate`",
        ),
        (with("loss", json!(null)), "loss: expected a loss, got null"),
        (with("loss", json!({})), "loss: expected a loss, got {}"),
        (
            with("loss", json!(["mse", "mae"])),
            "invalid `loss`: expected one for the output \"dense\", got 2 of them",
        ),
        (with("loss", json!({"a": "mse", "b": "mae"})), "unknown output `a`"),
        (with("loss", json!({"a": "msee"})), "loss.a: unknown loss `msee`"),
        (bce("reduction", json!(null)), "loss[0].config.reduction: expected"),
        (
            with("loss_weights", json!([0.5, 1.0])),
            "invalid `loss_weights`: expected one for the output \"dense\", got 2 of them",
        ),
        (with("loss_weights", json!([])), "invalid `loss_weights`: expected one for the output"),
        (with("loss_weights", json!(true)), "loss_weights: expected a number for each output"),
        (with("metrics", json!([["AUK"]])), "metrics[0][0]: unknown metric `AUK`"),
        (with("metrics", json!({"out": [3]})), "metrics.out[0].class_name: expected the metric's"),
        (
            with(
                "metrics",
                json!([{"class_name": "BinaryAccuracy", "config": {"threshold": "x"}}]),
            ),
            "metrics[0].config.threshold: expected a number, got \"x\"",
        ),
        (
            with("metrics", json!([{"class_name": "CategoricalAccuracy", "config": {"top": 1}}])),
            "metrics[0].config.top: 1 is not supported",
        ),
        (
            with("metrics", json!([{"class_name": "MeanMetricWrapper", "config": {"name": "a"}}])),
            "metrics[0].config.fn.class_name: expected the metric's name",
        ),
        (
            with("weighted_metrics", json!([["msee"]])),
            "weighted_metrics[0][0]: unknown metric `msee`",
        ),
        (with("sample_weight_mode", json!("temporal")), "sample_weight_mode: \"temporal\" is not"),
    ] {
        let error = network().compile_from_config(&config).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}\n  is not\n{message}");
    }
}

/// What does not change training is left out by whoever wants to go on.
#[test]
fn a_model_can_do_without_what_is_not_understood() {
    let config = json!({"optimizer": {"class_name": "SGD", "config": {"learning_rate": 0.5}},
        "loss": "ce", "metrics": ["mae", "AUK", {"class_name": "MeanIoU", "config": {}}],
        "weighted_metrics": ["mse", "msee"], "jit_compile": true, "run_eagerly": null});
    let config = CompileConfig::from_json(&config).unwrap();
    let places: Vec<String> = config.not_understood.iter().map(|e| e.to_string()).collect();
    let starts = ["metrics[1]: ", "metrics[2].config.num_classes: ", "weighted_metrics[1]: "];
    assert_eq!(places.len(), 3);
    assert!(places.iter().zip(starts).all(|(place, start)| place.starts_with(start)), "{places:?}");
    let mut model = network().compile(config.optimizer, config.loss, config.metrics).unwrap();
    let y = Tensor::zeros(&[4, 2]);
    let logs = model.train_on_batch(Tensor::full(&[4, 3], 1.0), y).unwrap();
    assert_eq!(logs.names().collect::<Vec<_>>(), ["loss", "mae"]);
}

/// A metric of a file is measured with its settings.
#[test]
fn settings_of_metrics_count() {
    let metric = |threshold: f64| json!({"class_name": "BinaryAccuracy", "config": {"name": "sure", "threshold": threshold}});
    let config =
        json!({"optimizer": "sgd", "loss": "mse", "metrics": [metric(0.25), metric(0.75)]});
    let mut model = network().compile_from_config(&config).unwrap();
    model.model_mut().set_weights(&[Tensor::zeros(&[3, 2]), Tensor::zeros(&[2])]).unwrap();
    // All predictions are one half.
    let logs = model.evaluate(Tensor::zeros(&[4, 3]), Tensor::full(&[4, 2], 1.0)).unwrap();
    assert_eq!((logs["sure"], logs["sure_1"]), (1.0, 0.0));
}

#[test]
fn objects_of_your_own_are_written_by_name() {
    #[derive(Debug)]
    struct Quartic;
    impl Loss for Quartic {
        fn name(&self) -> &str {
            "quartic"
        }
        fn value(&self, _: &[f32], _: &[f32]) -> f64 {
            0.0
        }
        fn gradient(&self, _: &[f32], _: &[f32], dy: &mut [f32]) {
            dy.fill(0.0);
        }
    }
    let metrics: [AnyMetric; 4] = [
        MeanMetric::new("bias", |_, _| 0.0).into(),
        MeanMetric::of_loss(Quartic).into(),
        MeanMetric::of_loss(MeanSquaredError {}).into(),
        "meanAbsoluteError".into(),
    ];
    let model = network().compile("sgd", Quartic, metrics).unwrap();
    let config = model.compile_config().unwrap();
    assert_eq!(config["loss"], "quartic");
    let mse = losses::get("mse").unwrap().to_json().unwrap();
    assert_eq!(
        mse["config"],
        json!({"name": "mean_squared_error", "reduction": "sum_over_batch_size"})
    );
    let mse = json!({"module": "keras.metrics", "class_name": "MeanSquaredError", "config": {
        "name": "mean_squared_error", "dtype": "float32",
    }, "registered_name": null});
    assert_eq!(config["metrics"], json!(["bias", "quartic", mse, "mean_absolute_error"]));
}
