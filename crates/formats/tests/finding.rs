//! A file's kind is found by what it holds, never by its name.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod scratch;

use std::{
    fs,
    path::{Path, PathBuf},
};

use ceratops_formats::{
    By, Format, ModelJson, load, load_bytes_with, load_weights, read_weights, save,
};
use ceratops_layers::{Dense, Input, Registry, Sequential, sequential};
use scratch::*;

fn model() -> Sequential {
    sequential![Input::new([2]), Dense::new(1)].unwrap()
}

/// The model in a file of this name, which then loses its ending.
fn nameless(test: &str, name: &str) -> PathBuf {
    let folder = scratch(test);
    save(&model(), folder.join(name), None).unwrap();
    let path = folder.join("file");
    fs::rename(folder.join(name), &path).unwrap();
    path
}

fn refusal(path: &Path) -> String {
    load(path).unwrap_err().to_string()
}

#[test]
fn weights_alone_are_told_from_models() {
    for (name, what) in [("a.npz", "a .npz file"), ("a.safetensors", "a safetensors file")] {
        let path = nameless(&format!("finding_{name}"), name);
        let expected = format!("file: {what} holds weights alone; load the model");
        assert!(refusal(&path).contains(&expected), "{}", refusal(&path));
        let error =
            load_bytes_with(&fs::read(&path).unwrap(), &alone, &Registry::builtin()).unwrap_err();
        assert!(error.to_string().contains("holds weights alone"), "{error}");
        assert_eq!(read_weights(&path).unwrap().len(), 2);
        load_weights(&mut model(), &path, By::Position).unwrap();
    }
    let list = fixture("small.weights.json");
    assert!(refusal(&list).contains("Keras' list of files of weights holds weights alone"));
}

#[test]
fn architectures_are_found_in_bytes() {
    let path = nameless("finding_json", "a.json");
    let loaded = load(&path).unwrap();
    assert_eq!((loaded.format, loaded.has_weights), (Format::Json, false));
    let bytes = load_bytes_with(&fs::read(&path).unwrap(), &alone, &Registry::builtin()).unwrap();
    assert_eq!(bytes.model.to_json().unwrap(), loaded.model.to_json().unwrap());
    let error = load_weights(&mut model(), &path, By::Position).unwrap_err().to_string();
    assert!(error.contains("holds an architecture, no weights"), "{error}");
}

#[test]
fn what_is_no_model_says_what_it_is() {
    let folder = scratch("finding_nothing");
    let path = folder.join("file");
    for (bytes, expected) in [
        (b"".as_slice(), "the file is empty"),
        (b"\x93NUMPY\x01\x00", "a .npy file holds one array"),
        (b"PK\x03\x04", "this is no whole zip archive"),
        (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "a .npz file holds weights alone"),
        (b"\xff\xfe\xfd", "this is no file of a model"),
        (b"{\"weight_map\": {}}", "holds weights alone"),
    ] {
        fs::write(&path, bytes).unwrap();
        let error = refusal(&path);
        assert!(error.starts_with(&format!("{}: ", path.display())), "{error}");
        assert!(error.contains(expected), "{error}");
    }
    assert!(refusal(&folder).contains("neither config.json"), "{}", refusal(&folder));
    assert!(refusal(&folder.join("none")).contains("none: "), "{}", refusal(&folder.join("none")));
}

/// No other file is there.
fn alone(name: &str) -> ceratops_core::Result<Vec<u8>> {
    Err(ceratops_core::Error::Data(format!("there is no {name}")))
}
