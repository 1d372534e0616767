//! The trees that Keras writes, and those written here.

use super::{optimizer, tree};
use crate::{
    By,
    hdf5::{
        Group, Member,
        tests::{file, sorted},
    },
    json, legacy_h5, load,
    training::Training,
};
use serde_json::json;

/// The model in a file of `tests/files/h5`, and how it was trained.
fn loaded(name: &str) -> load::Loaded {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/files/h5");
    load::load(folder.join(name)).unwrap()
}

/// The tree is the one that Keras 3.15 wrote for the same model after the same training: groups
/// without weights, nested models, a PReLU in an activation's place, the optimizer.
#[test]
fn the_tree_is_that_of_keras_3() {
    for name in ["nested_k3", "k3b"] {
        let model = loaded(&format!("{name}.h5"));
        let written = tree(&model.model, model.training.as_ref()).unwrap();
        assert_eq!(sorted(written), sorted(file(&format!("{name}.weights.h5"))));
    }
}

/// Keras 3 makes the keys of nested models from the classes in the document that stands beside the weights.
#[test]
fn nested_models_have_the_key_of_their_class_in_the_document() {
    let input = |name: &str| {
        json!({
            "class_name": "InputLayer", "name": name, "inbound_nodes": [],
            "config": { "batch_shape": [null, 2], "name": name },
        })
    };
    let dense = json!({
        "class_name": "Dense", "name": "d", "config": { "name": "d", "units": 1 },
        "inbound_nodes": [{ "args": [{ "class_name": "__keras_tensor__",
            "config": { "shape": [null, 2], "keras_history": ["inner", 0, 0] } }], "kwargs": {} }],
    });
    let chain = json!({ "class_name": "Functional", "config": {
        "name": "chain", "layers": [input("inner"), dense],
        "input_layers": [["inner", 0, 0]], "output_layers": [["d", 0, 0]] } });
    let plain = json!({ "class_name": "Sequential", "config": {
        "name": "plain", "layers": [{ "class_name": "Dense", "config": { "name": "e", "units": 1 } }] } });
    let outer = json!({ "class_name": "Sequential", "config": {
        "name": "outer", "layers": [input("x"), chain, plain] } });
    let read = |text: &str| <ceratops_layers::Model as json::ModelJson>::from_json(text).unwrap();
    let model = read(&outer.to_string());
    let written: serde_json::Value =
        serde_json::from_str(&json::ModelJson::to_json(&model).unwrap()).unwrap();
    let classes: Vec<_> =
        (1..3).map(|i| written["config"]["layers"][i]["class_name"].as_str().unwrap()).collect();
    assert_eq!(classes, ["Functional", "Sequential"]);
    let written = tree(&model, None).unwrap();
    let layers = &written.group("layers").unwrap().members;
    let keys: Vec<&str> = layers.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["functional", "sequential"]);
}

#[test]
fn the_legacy_tree_is_that_of_keras_3() {
    let model = loaded("k3b.h5");
    let document = json::ModelJson::to_json(&model.model).unwrap();
    let document = serde_json::from_str(&document).unwrap();
    let written = legacy_h5::tree(&model.model, &document, model.training.as_ref()).unwrap();
    let theirs = file("k3b.h5");
    for group in ["model_weights", "optimizer_weights"] {
        let of = |root: &Group| sorted(root.group(group).unwrap().clone());
        assert_eq!(of(&written), of(&theirs));
    }
}

/// A document in the words of Keras 2 makes the names those of Keras 2.
#[test]
fn the_legacy_tree_of_a_keras_2_document_is_that_of_keras_2() {
    let model = loaded("k2b.h5");
    let document = json!({
        "class_name": "Sequential", "config": { "name": "sequential", "layers": [] },
        "keras_version": "2.21.0", "backend": "tensorflow",
    });
    let written = legacy_h5::tree(&model.model, &document, model.training.as_ref()).unwrap();
    let theirs = file("k2b.h5");
    for group in ["model_weights", "optimizer_weights"] {
        let of = |root: &Group| sorted(root.group(group).unwrap().clone());
        assert_eq!(of(&written), of(&theirs));
    }
    assert_eq!(written.attribute("keras_version"), theirs.attribute("keras_version"));
}

/// The variables are numbered, and "10" comes behind "9".
#[test]
fn the_optimizer_is_read_in_order() {
    let legacy = loaded("k3b.h5").training.unwrap().optimizer.unwrap();
    let read = optimizer(&file("k3b.weights.h5")).unwrap().unwrap();
    assert_eq!((read.iterations, read.learning_rate), (1, Some(0.001)));
    let values = |slots: Vec<(String, ceratops_core::Tensor)>| -> Vec<_> {
        slots.into_iter().map(|(_, value)| value).collect()
    };
    assert_eq!(values(read.slots), values(legacy.slots));
    let of_keras2 = optimizer(&file("k2b.weights.h5")).unwrap().unwrap();
    assert_eq!((of_keras2.learning_rate, of_keras2.slots.len()), (None, 14));
    assert_eq!(optimizer(&file("hs.h5")).unwrap(), None);
}

#[test]
fn the_learning_rate_may_come_from_the_config() {
    let model = loaded("k2b.h5");
    let Training { config, optimizer } = model.training.unwrap();
    let training = Training { config, optimizer };
    let written = tree(&model.model, Some(&training)).unwrap();
    let Some(Member::Tensor(rate)) = written.get("optimizer/vars/1") else {
        panic!("no learning rate")
    };
    assert_eq!(rate.as_slice(), [0.001]);
}

/// Keras 2.12 and 2.13 have another name for the group of layers, and on Windows backslashes.
#[test]
fn the_names_of_keras_2_12_are_known() {
    let theirs = file("nested_k3.weights.h5");
    let (mut renamed, mut windows) = (Group::default(), Group::default());
    for (path, tensor) in theirs.tensors() {
        if path.starts_with("layers") {
            let old = path.replace("layers", "_layer_checkpoint_dependencies");
            renamed.insert(&old, Member::Tensor(tensor.clone()));
            let (group, name) = path.rsplit_once('/').unwrap();
            windows.insert(&format!("{}/{name}", group.replace('/', "\\")), Member::Tensor(tensor));
        }
    }
    let expected = loaded("nested_k3.h5").model;
    for root in [renamed, windows] {
        let mut model = expected.clone();
        model.params_mut().into_iter().for_each(|param| param.value_mut().fill(0.5));
        super::assign(&mut model, &root, By::Position).unwrap();
        assert_eq!(model.get_weights(), expected.get_weights());
    }
}
