//! Small models for the tests.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![allow(dead_code, unreachable_pub, reason = "each test uses some of them")]

use ceratops_core::Tensor;
use ceratops_layers::{Dense, Input, Sequential, sequential};

/// A Dense layer of these weights as a model: `kernel` has a row for each input.
pub fn dense<const I: usize, const O: usize>(
    kernel: [[f32; O]; I],
    bias: [f32; O],
    activation: &str,
) -> Sequential {
    let mut model = sequential![Input::new([I]), Dense::new(O).activation(activation)].unwrap();
    model.set_weights(&[kernel.into(), bias.into()]).unwrap();
    model
}

/// The numbers 0, 1, ... as a column.
pub fn column(len: usize) -> Tensor {
    Tensor::new(&[len, 1], (0..len).map(|i| i as f32).collect()).unwrap()
}

/// Whether two numbers agree to within f32 rounding of a few steps.
#[track_caller]
pub fn assert_close(found: f64, expected: f64, tolerance: f64) {
    let gap = (found - expected).abs();
    assert!(gap <= tolerance * expected.abs().max(1.0), "{found} is not {expected}: {gap:e}");
}

/// The JSON that real Keras wrote for the tests.
pub fn golden(file: &str) -> serde_json::Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let text = std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// An array of such a file.
pub fn array(value: &serde_json::Value) -> Tensor {
    let numbers = |key: &str| value[key].as_array().unwrap().iter().map(|n| n.as_f64().unwrap());
    let data: Vec<f32> = numbers("data").map(|n| n as f32).collect();
    let shape: Vec<usize> = numbers("shape").map(|n| n as usize).collect();
    Tensor::from(data).reshape(&shape).unwrap()
}
