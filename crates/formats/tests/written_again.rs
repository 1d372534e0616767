//! A file in, the same file out: what real Keras wrote is read and written again, and is equal as
//! data.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::{collections::BTreeMap, fs, path::Path};

use ceratops_formats::json::{self, Words, WriteOptions};
use ceratops_layers::Registry;
use common::*;
use serde_json::Value;

/// All documents that Keras 3.15 or tf_keras 2.21 wrote.
fn documents() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/json/whole");
    let mut documents: BTreeMap<String, Value> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, value(&fs::read_to_string(path).unwrap()))
        })
        .collect();
    for (name, document) in
        [("k3_seq", K3_SEQ), ("k3b", K3B), ("k2_seq", K2_SEQ), ("k2_min", K2_SEQ_MIN), ("k2b", K2B)]
    {
        documents.insert(name.into(), value(document));
    }
    documents
}

/// Where the two say different things. JSON has one kind of number: 2 is 2.0.
fn differences(ours: &Value, theirs: &Value, path: &str, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let keys = ours.keys().chain(theirs.keys().filter(|key| !ours.contains_key(*key)));
            for key in keys {
                let path = format!("{path}.{key}");
                match (ours.get(key), theirs.get(key)) {
                    (Some(ours), Some(theirs)) => differences(ours, theirs, &path, found),
                    (ours, theirs) => found.push(format!("{path}: {ours:?}, {theirs:?}")),
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (i, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                differences(ours, theirs, &format!("{path}[{i}]"), found);
            }
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
        (ours, theirs) if ours == theirs => {}
        (ours, theirs) => found.push(format!("{path}: {ours}, {theirs}")),
    }
}

/// The differences that the documentation of `write_as` lists.
fn is_justified(difference: &str) -> bool {
    // A layer that stands in for an activation has no name of its own.
    difference.contains(".activation.config.name: ")
        // What it is built for Keras says only if the model was called since.
        || difference.contains(".activation.build_config: ")
        // Keras 2 repeats the input's shape on a layer that named it, not on one that found it out
        // when the model was first called; both leave the same Input behind.
        || difference.starts_with("k2_nested.config.layers[2].config.layers[1].config.batch_input")
}

#[test]
fn what_keras_wrote_comes_back() {
    let documents = documents();
    assert_eq!(documents.len(), 29);
    let mut found = Vec::new();
    for (name, document) in documents {
        let loaded = json::read(&document.to_string(), &Registry::builtin()).unwrap();
        let (words, compile_config) = match name.starts_with("k3") {
            true => (Words::Keras3, loaded.training),
            false => (Words::Keras2, None),
        };
        let options = WriteOptions { compile_config };
        let written = json::write_as(&loaded.model, words, &options).unwrap();
        assert_eq!(written.notes, [], "{name}");
        differences(&written.document, &document, &name, &mut found);
    }
    found.retain(|difference| !is_justified(difference));
    assert!(found.is_empty(), "ours, Keras':\n{}", found.join("\n"));
}
