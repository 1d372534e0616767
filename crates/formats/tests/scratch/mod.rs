//! Files for tests: those of the project, and a place for those that a test writes.
#![allow(dead_code, reason = "no test needs all")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use ceratops_core::Tensor;
use serde_json::Value;

/// The path of a file in `tests/files/containers`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/files/containers").join(name)
}

/// An empty folder for the test of this name.
pub(crate) fn scratch(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The tensor under a key of a JSON file.
pub(crate) fn expected(file: &str, key: &str, shape: &[usize]) -> Tensor {
    let document: Value = serde_json::from_slice(&fs::read(fixture(file)).unwrap()).unwrap();
    let numbers = document[key].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32);
    Tensor::new(shape, numbers.collect()).unwrap()
}

/// Fails unless both tensors are alike within `tolerance`.
#[track_caller]
pub(crate) fn assert_near(found: &Tensor, expected: &Tensor, tolerance: f32) {
    assert_eq!(found.shape(), expected.shape());
    for (a, b) in found.as_slice().iter().zip(expected.as_slice()) {
        assert!((a - b).abs() <= tolerance, "{found}\n{expected}");
    }
}
