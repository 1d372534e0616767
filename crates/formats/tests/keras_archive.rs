//! `.keras` archives and folders, and weights in shards, as Keras 3 writes them.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod scratch;

use std::{fs, path::Path};

use ceratops_core::Tensor;
use ceratops_formats::{load_bytes_with, npy, read_weights};
use ceratops_layers::Registry;
use scratch::*;
use serde_json::json;

/// The tensors that Keras put in `small.keras`, those of the optimizer included.
fn weights() -> Vec<(String, Tensor)> {
    read_weights(fixture("small.keras")).unwrap()
}

#[test]
fn weights_in_an_archive_stored_or_deflated() {
    let weights = weights();
    let shape = |name: &str| {
        weights.iter().find(|(known, _)| known == name).map(|(_, value)| value.shape().to_vec())
    };
    assert_eq!(shape("layers/dense/vars/0"), Some(vec![4, 3]));
    assert_eq!(shape("layers/p_re_lu/vars/0"), Some(vec![3]));
    assert_eq!(shape("layers/dense_1/vars/1"), Some(vec![2]));
    assert_eq!(read_weights(fixture("small_deflated.keras")).unwrap(), weights);
}

#[test]
fn weights_in_shards() {
    let mut shards = read_weights(fixture("small.weights.json")).unwrap();
    let mut whole = weights();
    shards.sort_by(|(a, _), (b, _)| a.cmp(b));
    whole.sort_by(|(a, _), (b, _)| a.cmp(b));
    assert_eq!(shards, whole);

    let folder = scratch("archive_shards");
    let list = |map: serde_json::Value| {
        fs::write(folder.join("a.weights.json"), json!({"weight_map": map}).to_string()).unwrap();
        read_weights(folder.join("a.weights.json")).unwrap_err().to_string()
    };
    assert!(list(json!({"/vars": "../b.weights.h5"})).contains("leads out of the folder"));
    assert!(list(json!({"/vars": [1]})).contains("weight_map[\"/vars\"]: expected file names"));
    assert!(list(json!({"/vars": "b.weights.h5"})).contains("b.weights.h5: "));
    // The same tensors in two files.
    for name in ["b.weights.h5", "c.weights.h5"] {
        fs::copy(fixture("small_00000.weights.h5"), folder.join(name)).unwrap();
    }
    let error = list(json!({"/x": ["b.weights.h5", "c.weights.h5"]}));
    assert!(error.contains("is in two of the files"), "{error}");
}

#[test]
fn weights_that_are_python_objects_are_refused() {
    let error = read_weights(fixture("pickled.keras")).unwrap_err().to_string();
    assert!(error.contains("as Python objects, which are never executed"), "{error}");
}

/// Takes `small.keras` apart into a folder, by means of the archive that NumPy's reader opens too.
fn unpacked(folder: &Path) {
    let archive = fs::read(fixture("small.keras")).unwrap();
    // Keras stores members in order, without gaps: header, name, data.
    let mut rest = archive.as_slice();
    while let Some(header) = rest.strip_prefix(b"PK\x03\x04") {
        let number = |at: usize| u32::from_le_bytes(*header[at..].first_chunk().unwrap()) as usize;
        let (size, name) = (number(14), number(22) & 0xffff);
        let (name, data) = header[26..].split_at(name);
        fs::write(folder.join(str::from_utf8(name).unwrap()), &data[..size]).unwrap();
        rest = &data[size..];
    }
}

#[test]
fn an_unpacked_archive_is_a_folder() {
    let folder = scratch("archive_folder");
    unpacked(&folder);
    assert_eq!(names(&folder), ["config.json", "metadata.json", "model.weights.h5"]);
    assert_eq!(read_weights(&folder).unwrap(), weights());
    // Keras does not read its metadata.
    fs::remove_file(folder.join("metadata.json")).unwrap();
    assert_eq!(read_weights(&folder).unwrap(), weights());

    fs::write(folder.join("config.json"), "{").unwrap();
    let error = read_weights(&folder).unwrap_err().to_string();
    assert!(error.contains("config.json: this is not JSON"), "{error}");
    fs::write(folder.join("config.json"), b"\"\xff\"").unwrap();
    let error = read_weights(&folder).unwrap_err().to_string();
    assert!(error.contains("config.json: not text: "), "{error}");
    fs::write(folder.join("config.json"), "{}").unwrap();
    fs::write(folder.join("model.weights.h5"), "no HDF5").unwrap();
    let error = read_weights(&folder).unwrap_err().to_string();
    assert!(error.contains("model.weights.h5: "), "{error}");
    fs::remove_file(folder.join("model.weights.h5")).unwrap();
    let error = read_weights(&folder).unwrap_err().to_string();
    let expected = "model.weights.h5 is missing; a .keras file holds metadata.json, config.json";
    assert!(error.contains(expected), "{error}");
}

#[test]
fn an_archive_may_end_anywhere() {
    let file = fs::read(fixture("small_deflated.keras")).unwrap();
    let alone = |name: &str| Err(ceratops_core::Error::Data(name.into()));
    for end in 0..file.len() {
        assert!(load_bytes_with(&file[..end], &alone, &Registry::builtin()).is_err(), "{end}");
    }
    // To NumPy it is an archive without arrays.
    let arrays = npy::read_npz(fs::File::open(fixture("small.keras")).unwrap()).unwrap();
    assert_eq!(arrays, []);
}
