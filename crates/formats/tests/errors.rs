//! What is refused, where, and in which words.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use ceratops_formats::{ModelJson, json, layer_from_json};
use ceratops_layers::{Registry, Sequential};
use common::*;
use serde_json::{Value, json};

fn error(document: &Value) -> String {
    Sequential::from_json(&document.to_string()).unwrap_err().to_string()
}

/// The error of a Keras 3 model with this layer behind its input.
fn error_of(layer: Value) -> String {
    error(&model_of(json!([layer])))
}

fn layer(class_name: &str, config: Value) -> Value {
    json!({"module": "keras.layers", "class_name": class_name, "config": config})
}

#[test]
fn values_that_a_layer_cannot_have() {
    for (class_name, config, expected) in [
        (
            "Dense",
            json!({"units": 1e30}),
            "units: invalid type: floating point `1e+30`, expected an integer >= 0",
        ),
        (
            "Dense",
            json!({"units": -3}),
            "units: invalid value: integer `-3`, expected an integer >= 0",
        ),
        (
            "Dense",
            json!({"units": 2.5}),
            "units: invalid type: floating point `2.5`, expected an integer >= 0",
        ),
        (
            "Dense",
            json!({"units": "12"}),
            "units: invalid type: string \"12\", expected an integer >= 0",
        ),
        (
            "Dense",
            json!({"units": 0}),
            "units: invalid `units`: expected a positive integer, got 0",
        ),
        ("Dense", json!({"units": 2, "foo": [1]}), "foo: Dense has no key `foo` (got [1])"),
        (
            "Dense",
            json!({"units": 2, "use_bais": false}),
            "use_bais: Dense has no key `use_bais` (got false); did you mean `use_bias`?",
        ),
        (
            "Dense",
            json!({"units": 2, "dtype": "int8"}),
            "dtype: only \"float32\" is supported, got \"int8\"",
        ),
        (
            "Dense",
            json!({"units": 2, "activation": "rleu"}),
            "activation: unknown activation `rleu`; did you mean `relu`?",
        ),
        (
            "Dense",
            json!({"units": 2, "activation": layer("LeakyReLU", json!({"alpha": -1}))}),
            "activation.config.alpha: invalid `negative_slope`: expected a number >= 0, got -1",
        ),
        (
            "LeakyReLU",
            json!({"alpha": "a"}),
            "alpha: invalid type: string \"a\", expected a number",
        ),
    ] {
        let expected = format!("config.layers[1].config.{expected}");
        assert_eq!(error_of(layer(class_name, config)), expected);
    }
}

#[test]
fn entries_that_are_no_layer() {
    let unknown = "config.layers[1].class_name: unknown layer class `Desne`; did you mean `Dense`?";
    assert_eq!(error_of(layer("Desne", json!({}))), unknown);
    for (entry, expected) in [
        (json!({"config": {}}), "class_name: missing; it names the layer's class"),
        (json!({"class_name": "Dense", "config": 3}), "config: expected an object, got 3"),
        (
            json!({"class_name": "Dense", "config": {}, "confg": {"units": 2}}),
            "confg: unknown key `confg`; did you mean `config`? (it holds {\"units\":2})",
        ),
        (
            layer("Lambda", json!({"function": ["4wEAAAA=", null, null]})),
            "class_name: Lambda holds Python code, which is never run here; put a layer or an \
             activation of your own in its place, registered under a name",
        ),
    ] {
        assert_eq!(error_of(entry), format!("config.layers[1].{expected}"));
    }
    let lambda = json!({"class_name": "__lambda__", "config": {"value": "4wEAAAA="}});
    let message = error_of(layer("Dense", json!({"units": 2, "activation": lambda})));
    assert!(message.starts_with("config.layers[1].config.activation.class_name: __lambda__ holds"));
}

#[test]
fn a_size_that_no_memory_holds() {
    let message = error_of(layer("Dense", json!({"units": 1_000_000_000_000_000_u64})));
    assert_eq!(
        message,
        "config.layers[1]: with this Dense the model would have more than 2147483648 weights, which \
         is more than is made here; make its layers smaller"
    );
}

#[test]
fn layers_that_do_not_go_together() {
    let named = |name: &str| layer("ReLU", json!({"name": name}));
    assert_eq!(
        error(&model_of(json!([named("a"), named("a")]))),
        "config.layers[2]: the model has a layer \"a\" (ReLU) already; give the new ReLU another \
         name with .named(...)"
    );
    let message = error_of(layer("Conv2D", json!({"filters": 1, "kernel_size": 3})));
    assert!(message.starts_with("config.layers[1]: Conv2D \"conv2d\" (layer 0): "), "{message}");
}

#[test]
fn whole_documents() {
    let list = |class_name: &str, config: Value| {
        json!({"class_name": "Sequential", "keras_version": "1.2.2", "config": [
            {"class_name": class_name, "config": config}
        ]})
    };
    for (document, expected) in [
        (json!([]), "expected an object with `class_name` and `config`, got []"),
        (json!({}), "class_name: missing; it names the layer's class"),
        (json!({"class_name": "Sequential"}), "config.layers: expected a list, got null"),
        (
            json!({"class_name": "Sequential", "config": {"layers": {}}}),
            "config.layers: expected a list, got {}",
        ),
        (
            json!({"class_name": "ReLU", "config": {}}),
            "class_name: expected a Sequential model, got the layer ReLU; read a single layer with \
             layer_from_json",
        ),
        (
            json!({"modelTopology": [1]}),
            "modelTopology: expected an object with `class_name` and `config`, got [1]",
        ),
        (
            json!({"modelTopology": {"node": []}, "format": "graph-model"}),
            "format: this is a TensorFlow graph, in which layers are no longer told apart; convert \
             the Keras model to a layers model instead (--output_format=tfjs_layers_model)",
        ),
        (
            json!({"class_name": "Sequential", "config": [], "keras_version": "0.3"}),
            "keras_version: invalid `keras_version`: expected version 1, 2 or 3 of Keras, or one of \
             TensorFlow.js, got 0.3",
        ),
        (
            json!({"class_name": "Sequential", "config": [], "kreas_version": "1.2"}),
            "kreas_version: unknown key `kreas_version` (it holds \"1.2\")",
        ),
        (
            list("BatchNormalization", json!({"mode": 2})),
            "config[0].config.mode: expected 0, got 2; only mode 0, with statistics for each \
             channel, is known to later versions of Keras",
        ),
        (
            list("Convolution2D", json!({"dim_ordering": "default"})),
            "config[0].config.dim_ordering: expected \"tf\" or \"th\", got \"default\"",
        ),
        (
            list("Dense", json!({"output_dim": "a"})),
            "config[0].config.output_dim: invalid type: string \"a\", expected an integer >= 0",
        ),
    ] {
        assert_eq!(error(&document), expected, "{document}");
    }
    let text = Sequential::from_json("{\"class_name\":").unwrap_err().to_string();
    assert_eq!(text, "this is not JSON: EOF while parsing a value at line 1 column 14");
}

/// What Theano does otherwise is a matter of the weights, whose file says so itself.
#[test]
fn an_architecture_of_theano_is_loaded() {
    let document = json!({"class_name": "Sequential", "keras_version": "2.0.8",
    "backend": "theano", "config": [
        layer("Conv2D", json!({"filters": 2, "kernel_size": 3}))
    ]});
    assert!(Sequential::from_json(&document.to_string()).is_ok());
}

/// Keras 2.12 and later write a module as Keras 3 does, and a plain dtype as Keras 3.0 does.
#[test]
fn hard_sigmoid_is_not_guessed() {
    let entry = layer("Activation", json!({"dtype": "float32", "activation": "hard_sigmoid"}));
    let mut entry = value(&entry.to_string());
    let registry = Registry::builtin();
    let message = layer_from_json(&entry.to_string(), &registry).unwrap_err().to_string();
    assert_eq!(
        message,
        "config.activation: hard_sigmoid is x / 6 + 0.5 in Keras 3 but 0.2 x + 0.5 before, and \
         nothing tells which wrote this document; add its version to the whole, as \
         \"keras_version\": \"2.15.0\""
    );
    entry["keras_version"] = "2.15.0".into();
    assert!(layer_from_json(&entry.to_string(), &registry).is_ok());
}

/// A message that repeats a value repeats no more than its beginning.
#[test]
fn long_values_are_cut() {
    let document = json!({"class_name": "Sequential", "config": [], "extra": "x".repeat(100_000)});
    assert!(error(&document).len() < 200);
    let unknown = json::read(&json!("x".repeat(100_000)).to_string(), &Registry::builtin());
    assert!(unknown.unwrap_err().to_string().len() < 200);
}
