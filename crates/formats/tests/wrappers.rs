//! Embeddings, layers that hold layers, and the Merge of Keras 1, as documents of all dialects have them.

#![allow(clippy::unwrap_used, reason = "tests")]

use ceratops_core::Tensor;
use ceratops_formats::json::{self, Words};
use ceratops_layers::{
    Add, CallLayer, Dense, Embedding, Input, IntoNode, LSTM, Model, Registry, Sequential,
    TimeDistributed, sequential,
};
use serde_json::{Value, json};

fn read(document: &Value) -> (Sequential, Vec<String>) {
    let loaded = json::read(&document.to_string(), &Registry::builtin()).unwrap();
    let notes = loaded.report.notes.iter().map(ToString::to_string).collect();
    (loaded.model, notes)
}

fn refused(document: &Value) -> String {
    json::read(&document.to_string(), &Registry::builtin()).unwrap_err().to_string()
}

fn classes(model: &Model) -> Vec<&str> {
    model.layers().iter().map(|layer| layer.class_name()).collect()
}

/// Each of the words that are written is read as the same model.
#[test]
fn what_is_written_is_read_again() {
    let inner = || sequential![Dense::new(3).named("a"), Dense::new(2).named("b")].unwrap();
    for layer in [
        TimeDistributed::new(Dense::new(2).activation("tanh").named("scores")),
        TimeDistributed::new(inner()),
        TimeDistributed::new(TimeDistributed::new(Dense::new(2))),
        TimeDistributed::new(LSTM::new(2).frozen()),
    ] {
        let model = sequential![Input::new([2, 3, 4]), layer].unwrap();
        for words in [Words::Keras3, Words::Keras3Short, Words::Keras2, Words::Keras2And3] {
            let written = json::write_as(&model, words, &Default::default()).unwrap();
            let (again, _) = read(&written.document);
            let entry = |model: &Sequential| model.layers()[0].to_entry().unwrap();
            assert_eq!(entry(&again), entry(&model), "{words:?}");
        }
    }
}

#[test]
fn an_embedding_tells_the_input_that_comes_first() {
    let document = |config: Value| {
        json!({"class_name": "Sequential", "keras_version": "2.2.4",
        "config": {"name": "s", "layers": [{"class_name": "Embedding", "config": config}]}})
    };
    for (length, shape) in [
        (json!(6), "(None, 6, 2)"),
        (json!([2, null]), "(None, 2, None, 2)"),
        (json!(null), "(None, None, 2)"),
    ] {
        let config = json!({"name": "e", "input_dim": 5, "output_dim": 2, "input_length": length});
        let (model, _) = read(&document(config));
        assert_eq!(model.output_shape().unwrap().to_string(), shape);
    }
    // Keras 1 named everything otherwise, and dropped words in training.
    let old = json!({"class_name": "Sequential", "keras_version": "1.2.2", "config": [
        {"class_name": "Embedding", "config": {"name": "embedding_1", "batch_input_shape": [null, 4],
            "input_dtype": "int32", "input_dim": 5, "output_dim": 2, "init": "uniform", "input_length": 4,
            "mask_zero": true, "W_regularizer": null, "W_constraint": null, "dropout": 0.2,
            "activity_regularizer": null, "trainable": true}},
        {"class_name": "TimeDistributedDense", "config": {"name": "t", "output_dim": 3, "input_length": 4,
            "input_dim": 2, "activation": "relu", "init": "uniform", "bias": true}},
        {"class_name": "TimeDistributed", "config": {"name": "d", "trainable": true, "layer": {
            "class_name": "Dense", "config": {"name": "inner", "output_dim": 2, "activation": "linear"}}}}]});
    let (model, notes) = read(&old);
    assert_eq!(classes(&model), ["Embedding", "Dense", "TimeDistributed"]);
    assert!(model.layers()[0].downcast_ref::<Embedding>().unwrap().mask_zero);
    assert_eq!(model.output_shape().unwrap().to_string(), "(None, 4, 2)");
    assert!(
        notes.iter().any(|note| note.contains("dropout") && note.contains("in training only")),
        "{notes:?}"
    );
}

/// Masks of an Embedding that Keras 3 writes as operations flow by themselves.
#[test]
fn the_mask_of_an_embedding_is_known_among_operations() {
    let tensor = |name: &str, shape: Value| {
        json!({"class_name": "__keras_tensor__",
        "config": {"shape": shape, "dtype": "float32", "keras_history": [name, 0, 0]}})
    };
    let document = |value: f64| {
        json!({"module": "keras.src.models.functional", "class_name": "Functional",
        "registered_name": "Functional", "config": {"name": "f", "trainable": true,
        "input_layers": ["x", 0, 0], "output_layers": ["lstm", 0, 0], "layers": [
        {"module": "keras.layers", "class_name": "InputLayer", "name": "x", "inbound_nodes": [],
            "config": {"batch_shape": [null, 4], "dtype": "float32", "sparse": false, "name": "x"}},
        {"module": "keras.layers", "class_name": "Embedding", "name": "e",
            "config": {"name": "e", "input_dim": 5, "output_dim": 2, "mask_zero": true},
            "inbound_nodes": [{"args": [tensor("x", json!([null, 4]))], "kwargs": {}}]},
        {"module": "keras.src.ops.numpy", "class_name": "NotEqual", "registered_name": "NotEqual", "name": "ne",
            "config": {"name": "ne"}, "inbound_nodes": [{"args": [tensor("x", json!([null, 4])), value], "kwargs": {}}]},
        {"module": "keras.layers", "class_name": "LSTM", "name": "lstm", "config": {"name": "lstm", "units": 2},
            "inbound_nodes": [{"args": [tensor("e", json!([null, 4, 2]))], "kwargs": {"mask": tensor("ne", json!([null, 4]))}}]}]}})
    };
    let (model, _) = read(&document(0.0));
    assert_eq!(classes(&model), ["Embedding", "LSTM"]);
    let short = model.predict([[1.0, 2.0, 0.0, 0.0]]).unwrap();
    let long = model.predict([[0.0, 1.0, 2.0, 0.0]]).unwrap();
    assert_eq!(short, long);
    assert!(refused(&document(1.0)).contains("mask"));
}

fn merge(config: Value) -> Value {
    let branch = |name: &str, units: usize| {
        json!({"class_name": "Sequential", "config": [{"class_name": "Dense",
        "config": {"name": name, "output_dim": units, "batch_input_shape": [null, 3], "input_dim": 3}}]})
    };
    let mut own = json!({"name": "merge_1", "mode": "sum", "concat_axis": -1, "dot_axes": -1, "mode_type": "raw",
        "output_shape": null, "output_shape_type": "raw", "arguments": {}, "layers": [branch("a", 2), branch("b", 2)]});
    own.as_object_mut().unwrap().extend(config.as_object().unwrap().clone());
    json!({"class_name": "Sequential", "keras_version": "1.2.2", "config": [
        {"class_name": "Merge", "config": own},
        {"class_name": "Dense", "config": {"name": "last", "output_dim": 1, "input_dim": 2}}]})
}

#[test]
fn a_merge_of_models_is_a_graph() {
    for (mode, class_name, inputs) in [
        ("sum", "Add", 2),
        ("mul", "Multiply", 2),
        ("ave", "Average", 2),
        ("max", "Maximum", 2),
        ("concat", "Concatenate", 4),
        ("dot", "Dot", 1),
        ("cos", "Dot", 1),
    ] {
        let (model, notes) = read(&merge(json!({"mode": mode})));
        assert_eq!(classes(&model), ["Dense", "Dense", class_name, "Dense"], "{mode}");
        assert_eq!(model.layers()[3].get_weights()[0].shape(), [inputs, 1], "{mode}");
        assert!(
            notes.iter().any(|note| note.contains("first layer merges several models")),
            "{notes:?}"
        );
        let x = Tensor::full(&[2, 3], 1.0);
        assert_eq!(model.predict([&x, &x]).unwrap().shape(), [2, 1]);
    }
    let lambda = refused(&merge(json!({"mode": "abc", "mode_type": "lambda"})));
    assert!(lambda.contains("config[0].config.mode") && lambda.contains("Python code"), "{lambda}");
    let unknown = refused(&merge(json!({"mode": "mean"})));
    assert!(unknown.contains("expected sum, mul, concat"), "{unknown}");
    let open = refused(&merge(
        json!({"layers": [{"class_name": "Dense", "config": {"name": "a", "output_dim": 2}}]}),
    ));
    assert!(open.contains("what shape its input has"), "{open}");
}

/// The weights of a merged model stand under the names of its layers, as in the functional model.
#[test]
fn a_merge_computes_what_the_functional_model_does() {
    let (merged, _) = read(&merge(json!({})));
    let inputs =
        [Input::new([3]).named("a_input").tensor(), Input::new([3]).named("b_input").tensor()];
    let a = Dense::new(2).named("a").call(&inputs[0]).unwrap();
    let b = Dense::new(2).named("b").call(&inputs[1]).unwrap();
    let y = Dense::new(1).named("last").call(Add::new().call([&a, &b]).unwrap()).unwrap();
    let mut model = Model::new([&inputs[0], &inputs[1]], [&y]).unwrap();
    model.set_weights(&merged.get_weights()).unwrap();
    let xs = [Tensor::from([[1.0, 2.0, 3.0]]), Tensor::from([[-1.0, 0.5, 4.0]])];
    assert_eq!(merged.predict([&xs[0], &xs[1]]).unwrap(), model.predict([&xs[0], &xs[1]]).unwrap());
}

/// As Keras 3.15 writes it.
#[test]
fn a_pipeline_is_read_as_a_sequential() {
    let layer = |class: &str, config: Value| json!({"module": "keras.layers", "class_name": class, "config": config, "registered_name": null});
    let inner = [
        layer("Rescaling", json!({"name": "rescaling", "scale": 0.5, "offset": 0.0})),
        layer("Dense", json!({"name": "dense", "units": 2})),
        layer("Dropout", json!({"name": "dropout", "rate": 0.9})),
    ];
    let pipeline = layer("Pipeline", json!({"layers": inner, "name": "pipe"}));
    let input = layer("InputLayer", json!({"batch_shape": [null, 3], "name": "x"}));
    let mut called = pipeline.clone();
    called["name"] = "pipe".into();
    let x = json!({"class_name": "__keras_tensor__", "config": {"shape": [null, 3], "dtype": "float32", "keras_history": ["x", 0, 0]}});
    called["inbound_nodes"] = json!([{"args": [x], "kwargs": {"training": true, "mask": null}}]);
    let mut begins = input.clone();
    (begins["name"], begins["inbound_nodes"]) = ("x".into(), json!([]));
    let chain = layer("Sequential", json!({"name": "s", "layers": [input, pipeline]}));
    let graph = layer(
        "Functional",
        json!({
            "name": "f", "layers": [begins, called], "input_layers": [["x", 0, 0]], "output_layers": [["pipe", 0, 0]],
        }),
    );
    for document in [chain, graph] {
        let (model, notes) = read(&document);
        assert_eq!(classes(&model), ["Sequential"]);
        assert!(notes.iter().any(|note| note.ends_with("read as a `Sequential`")), "{notes:?}");
        // Nothing is dropped where nothing is trained.
        let x = Tensor::from([[1.0, 2.0, 3.0]]);
        let inner = model.layers()[0].as_model().unwrap();
        assert_eq!(model.layers()[0].training(), None);
        assert_eq!(model.predict(&x).unwrap(), inner.predict(&x).unwrap());
    }
}
