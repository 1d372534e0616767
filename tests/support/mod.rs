//! Reading the golden files.

#![allow(dead_code, reason = "each test uses some of it")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use ceratops::prelude::*;
use serde_json::Value;

/// The golden files of one folder, by name.
pub(crate) fn cases(folder: &str) -> Vec<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder);
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    };
    paths.into_iter().map(read).collect()
}

/// The tensor that `{"shape": [...], "data": [...]}` says.
pub(crate) fn tensor(value: &Value) -> Tensor {
    let shape: Vec<usize> = serde_json::from_value(value["shape"].clone()).unwrap();
    let data = value["data"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32);
    Tensor::new(&shape, data.collect()).unwrap()
}

/// A list of tensors.
pub(crate) fn tensors(value: &Value) -> Vec<Tensor> {
    value.as_array().unwrap().iter().map(tensor).collect()
}

/// The largest difference of two tensors, relative to the largest number of the second; infinite
/// where the shapes differ.
pub(crate) fn difference(a: &Tensor, b: &Tensor) -> f32 {
    if a.shape() != b.shape() {
        return f32::INFINITY;
    }
    let size = b.as_slice().iter().fold(1e-3, |size: f32, b| size.max(b.abs()));
    let largest = |worst: f32, e: f32| if e > worst || e.is_nan() { e } else { worst };
    a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| (a - b).abs() / size).fold(0.0, largest)
}

/// A folder of a test's own, which is gone with the value.
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    pub(crate) fn new(name: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ceratops-{name}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
