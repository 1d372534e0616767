//! What documents record beside the layers: calls, nests, bare words, configs alone, own classes.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use ceratops_core::Result;
use ceratops_formats::{
    Loaded as File, ModelJson,
    json::{self, Dialect, Loaded},
    load_bytes_with,
};
use ceratops_layers::{ReLU, Registry, Sequential};
use serde_json::{Value, json};

fn read(document: &Value) -> Result<Loaded> {
    json::read(&document.to_string(), &Registry::builtin())
}

fn error(document: &Value) -> String {
    read(document).unwrap_err().to_string()
}

/// A functional model of Keras 3 in which Dropout is called with these arguments.
fn keras3(kwargs: Value) -> Value {
    let tensor = |name: &str| json!({"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}});
    json!({"module": "keras.src.models.functional", "class_name": "Functional", "config": {
        "name": "m", "trainable": true, "layers": [
            {"class_name": "InputLayer", "name": "i", "inbound_nodes": [],
             "config": {"batch_shape": [null, 4], "name": "i"}},
            {"class_name": "Dropout", "name": "d", "config": {"rate": 0.5, "name": "d"},
             "inbound_nodes": [{"args": [tensor("i")], "kwargs": kwargs}]},
        ],
        "input_layers": ["i", 0, 0], "output_layers": ["d", 0, 0],
    }})
}

/// The same of Keras 2.
fn keras2(kwargs: Value) -> Value {
    json!({"class_name": "Functional", "keras_version": "2.15.0", "config": {
        "name": "m", "layers": [
            {"class_name": "InputLayer", "name": "i", "inbound_nodes": [],
             "config": {"batch_input_shape": [null, 4], "name": "i"}},
            {"class_name": "Dropout", "name": "d", "config": {"rate": 0.5, "name": "d"},
             "inbound_nodes": [[["i", 0, 0, kwargs]]]},
        ],
        "input_layers": [["i", 0, 0]], "output_layers": [["d", 0, 0]],
    }})
}

#[test]
fn a_recorded_mode_means_what_its_keras_makes_of_it() {
    for (kwargs, mode) in [
        (json!({}), None),
        (json!({"training": null, "mask": null}), None),
        (json!({"training": false}), Some(false)),
        (json!({"training": true}), Some(true)),
        (json!({"training": 0}), Some(false)),
        (json!({"training": 1}), Some(true)),
    ] {
        let of = |loaded: &Loaded| loaded.model.get_layer("d").unwrap().training();
        assert_eq!(of(&read(&keras2(kwargs.clone())).unwrap()), mode, "{kwargs}");
        let newer = read(&keras3(kwargs.clone())).unwrap();
        assert_eq!(of(&newer), None, "{kwargs}");
        assert_eq!(newer.report.notes.iter().any(|n| n.text.contains("training")), mode.is_some());
    }
    for kwargs in [
        json!({"training": "yes"}),
        json!({"training": 2}),
        json!({"states": [1]}),
        json!({"mask": ["i", 0, 0]}),
    ] {
        let key = kwargs.as_object().unwrap().keys().next().unwrap().clone();
        for document in [keras2(kwargs.clone()), keras3(kwargs)] {
            let said = error(&document);
            assert!(said.contains(&format!("besides its input: {key} = ")), "{said}");
        }
    }
}

/// Dropout that is in training mode always drops, each sample another pattern.
#[test]
fn a_layer_in_training_mode_drops_in_predict() {
    let model = read(&keras2(json!({"training": true}))).unwrap().model;
    let y = model.predict(ceratops_core::Tensor::full(&[500, 4], 1.0)).unwrap();
    assert!(y.as_slice().iter().all(|y| *y == 0.0 || *y == 2.0));
    let kept = y.as_slice().iter().filter(|y| **y > 0.0).count();
    assert!((900..1100).contains(&kept), "{kept} of 2000");
    let json = json::write_as(&model, json::Words::Keras2, &Default::default()).unwrap().document;
    assert_eq!(
        json["config"]["layers"][1]["inbound_nodes"],
        json!([[["i", 0, 0, {"training": true}]]])
    );
}

#[test]
fn one_input_and_one_output_may_stand_in_any_nest() {
    for inputs in [
        json!(["i", 0, 0]),
        json!([["i", 0, 0]]),
        json!({"x": ["i", 0, 0]}),
        json!([[["i", 0, 0]]]),
    ] {
        for outputs in
            [json!(["d", 0, 0]), json!({"y": ["d", 0, 0]}), json!([{"y": [["d", 0, 0]]}])]
        {
            let mut document = keras3(json!({}));
            document["config"]["input_layers"] = inputs.clone();
            document["config"]["output_layers"] = outputs.clone();
            let loaded = read(&document).unwrap();
            assert_eq!(
                (loaded.model.layers().len(), loaded.model.output_names().len()),
                (1, 1),
                "{inputs} {outputs}"
            );
        }
    }
    let mut document = keras3(json!({}));
    document["config"]["input_layers"] = json!({"x": [3]});
    assert!(error(&document).starts_with("config.input_layers: expected a layer's name"));
}

/// The JSON of a model whose second layer is that.
fn holding(class_name: &str, config: &str) -> String {
    format!(
        r#"{{"class_name": "Sequential", "keras_version": "2.15.0", "config": {{"layers": [
            {{"class_name": "InputLayer", "config": {{"batch_input_shape": [null, 4]}}}},
            {{"class_name": "{class_name}", "config": {config}}}]}}}}"#
    )
}

#[test]
fn numbers_that_json_lacks_are_read() {
    let read = |class_name: &str, config: &str| {
        json::read(&holding(class_name, config), &Registry::builtin())
    };
    let loaded = read("ReLU", r#"{"max_value": Infinity, "name": "NaN"}"#).unwrap();
    let relu = loaded.model.get_layer("NaN").unwrap();
    assert_eq!(relu.downcast_ref::<ReLU>().unwrap().max_value, None);
    assert!(loaded.report.to_string().contains("max_value: read as null: there is no maximum"));
    let l2 = r#"{"units": 2, "bias_regularizer": {"class_name": "L1L2", "config": {"l2": NaN}}}"#;
    assert!(read("Dense", l2).unwrap().report.to_string().contains("l2: read as 0"));
    for (class_name, config, said) in [
        ("ReLU", r#"{"negative_slope": NaN}"#, "config.layers[1].config.negative_slope: NaN is no"),
        ("Rescaling", r#"{"scale": -Infinity}"#, "config.layers[1].config.scale: -Infinity is no"),
    ] {
        let error = read(class_name, config).unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}");
    }
}

#[test]
fn utf_16_is_read() {
    let text = holding("Dense", r#"{"units": 2, "name": "größe"}"#);
    let nothing = |_: &str| unreachable!("nothing is named");
    for (mark, bytes) in [
        (&b"\xff\xfe"[..], text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
        (b"\xfe\xff", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        (b"", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ] {
        let bytes = [mark, &bytes].concat();
        let loaded: File = load_bytes_with(&bytes, &nothing, &Registry::builtin()).unwrap();
        assert!(loaded.model.get_layer("größe").is_ok());
    }
}

/// `json.dump(model.get_config(), file)`
#[test]
fn a_config_alone_is_a_model() {
    let whole = keras3(json!({}));
    let loaded = read(&whole["config"]).unwrap();
    let expected = read(&whole).unwrap().model.to_json().unwrap();
    assert_eq!(
        (loaded.model.to_json().unwrap(), loaded.report.dialect),
        (expected, Dialect::Keras3)
    );
    let said = "the document: read as the config of a Functional model, as get_config() gives it";
    assert!(loaded.report.to_string().contains(said), "{}", loaded.report);

    let layers = json!([{"class_name": "Dense",
        "config": {"units": 3, "batch_input_shape": [null, 2], "activation": "tanh"}}]);
    for document in [layers.clone(), json!({"name": "m", "layers": layers})] {
        assert_eq!(read(&document).unwrap().model.count_params(), 9);
    }
    let wrong = json!([{"class_name": "Dense", "config": {"units": "a"}}]);
    assert!(error(&wrong).starts_with("[0].config.units: "), "{}", error(&wrong));
}

#[test]
fn all_layers_that_are_missing_are_named_at_once() {
    let layer =
        |class_name: &str, config: Value| json!({"class_name": class_name, "config": config});
    let model = |layers: Value| json!({"class_name": "Sequential", "keras_version": "2.15.0", "config": {"layers": layers}});
    let held = layer("TimeDistributed", json!({"layer": layer("SReLU", json!({}))}));
    let nested = layer("Sequential", json!({"layers": [layer("PeepholeLSTMCell", json!({}))]}));
    let maxout = layer("ParametricSoftplus", json!({"output_dim": "x"}));
    assert_eq!(
        error(&model(json!([maxout, maxout, nested, held]))),
        "config.layers[0].class_name: Keras' ParametricSoftplus is not there as yet; this model also needs \
         PeepholeLSTMCell and SReLU"
    );
    // Python code comes first: no version will read it.
    let own = layer("Attend", json!({"name": "at"}));
    let said = error(&model(json!([maxout, own])));
    assert!(said.starts_with("config.layers[1].class_name: unknown layer class `Attend` (layer \"at\"); Keras has none"), "{said}");
    assert!(!said.contains("Registry"), "{said}");
    let lambda = layer("Lambda", json!({"name": "la", "function": ["4wEAAAA=", null, null]}));
    let said = error(&model(json!([maxout, lambda, own])));
    assert!(
        said.starts_with("config.layers[1].class_name: Lambda (layer \"la\") holds Python"),
        "{said}"
    );
    let conv = json!({"module": "keras.src.ops.nn", "class_name": "Conv", "config": {}});
    assert!(error(&model(json!([conv]))).contains("Keras' operation Conv is not there"));
}

/// Keras 1 had other names, and limits of constraints as well.
#[test]
fn the_words_of_keras_1() {
    let lstm = json!({"name": "l", "output_dim": 4, "input_dim": 3, "input_length": 6,
        "init": "glorot_uniform", "inner_init": "orthogonal", "forget_bias_init": "one",
        "activation": "tanh", "inner_activation": "hard_sigmoid", "consume_less": "cpu",
        "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.5},
        "U_regularizer": null, "dropout_W": 0.25, "dropout_U": 0.125});
    let dense = json!({"name": "d", "output_dim": 2, "bias": true,
        "W_constraint": {"name": "MinMaxNorm", "low": 0.5, "high": 2.0, "rate": 1.0, "axis": 0},
        "b_constraint": {"name": "MaxNorm", "m": 3, "axis": 0}});
    let document = json!({"class_name": "Sequential", "keras_version": "1.2.2", "config": [
        {"class_name": "LSTM", "config": lstm}, {"class_name": "Dense", "config": dense}]});
    let model: Sequential = read(&document).unwrap().model;
    assert_eq!(model.input_shape().unwrap().to_string(), "(None, 6, 3)");
    let config = |name: &str| model.get_layer(name).unwrap().to_entry().unwrap()["config"].clone();
    let (lstm, dense) = (config("l"), config("d"));
    assert_eq!(lstm["recurrent_activation"]["config"], "keras2>hard_sigmoid");
    assert_eq!((&lstm["unit_forget_bias"], &lstm["dropout"]), (&json!(true), &json!(0.25)));
    assert_eq!(lstm["recurrent_dropout"], 0.125);
    assert_eq!(lstm["kernel_regularizer"]["config"]["l2"], 0.5);
    let limits = &dense["kernel_constraint"]["config"];
    assert_eq!((&limits["min_value"], &limits["max_value"]), (&json!(0.5), &json!(2.0)));
    assert_eq!(dense["bias_constraint"]["config"]["max_value"], 3.0);
}

/// As Keras 1.2.2 wrote them, and Keras 2.0 in the same words.
#[test]
fn the_dense_layers_of_keras_1() {
    let highway = json!({"name": "highway_1", "trainable": true, "init": "glorot_uniform", "activation": "relu",
        "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.5}, "b_regularizer": null,
        "activity_regularizer": null, "W_constraint": null, "b_constraint": null, "bias": true,
        "input_dim": 4, "batch_input_shape": [null, 4], "input_dtype": "float32"});
    let maxout = json!({"name": "maxoutdense_1", "trainable": true, "output_dim": 3, "init": "he_normal",
        "nb_feature": 2, "W_regularizer": null, "b_regularizer": null, "activity_regularizer": null,
        "W_constraint": null, "b_constraint": null, "bias": false, "input_dim": 4});
    let mut document = json!({"class_name": "Sequential", "keras_version": "1.2.2", "config": [
        {"class_name": "Highway", "config": highway}, {"class_name": "MaxoutDense", "config": maxout}]});
    for version in ["1.2.2", "2.0.8"] {
        document["keras_version"] = version.into();
        if version == "2.0.8" {
            document["config"][0]["config"].as_object_mut().unwrap().remove("input_dtype");
            document["config"][0]["config"]["W_regularizer"] =
                json!({"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}});
        }
        let model = read(&document).unwrap().model;
        assert_eq!(model.count_params(), 2 * (4 * 4 + 4) + 2 * 4 * 3, "{version}");
        assert_eq!(model.output_shape().unwrap().to_string(), "(None, 3)");
        let entry = model.layers()[0].to_entry().unwrap();
        assert_eq!(entry["config"]["activation"], "relu");
        assert_eq!(entry["config"]["kernel_regularizer"]["config"]["l2"], 0.5, "{entry}");
    }
}
