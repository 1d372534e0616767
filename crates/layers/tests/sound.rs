//! Spectrograms against what real Keras makes of signals.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helpers fail by panicking")]

use ceratops_core::{Context, Rng, Shape, Tensor};
use ceratops_layers::{Input, MelSpectrogram, Registry, STFTSpectrogram, sequential};
use rand::SeedableRng;
use serde_json::{Map, Value};

fn tensor(value: &Value) -> Tensor {
    let numbers = |key: &str| value[key].as_array().unwrap().iter();
    let shape: Vec<usize> = numbers("shape").map(|n| n.as_u64().unwrap() as usize).collect();
    let data = numbers("data").map(|n| n.as_f64().unwrap() as f32).collect();
    Tensor::new(&shape, data).unwrap()
}

/// Runs the cases of a class, with the weights that the layer begins with.
fn check(class: &str) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/preprocessing");
    let text = std::fs::read_to_string(format!("{root}/{class}.json")).unwrap();
    let cases: Map<String, Value> = serde_json::from_str(&text).unwrap();
    assert!(cases.len() > 10);
    let mut faults = Vec::new();
    for (name, case) in &cases {
        let layer = Registry::builtin().layer(&case["layer"]).unwrap();
        let (mut layer, x, expected) =
            (layer.layer().boxed_clone(), tensor(&case["x"]), tensor(&case["y"]));
        let shape = Shape::batched(&x.shape()[1..]);
        layer.build(&shape, &mut Rng::seed_from_u64(1)).unwrap();
        let (y, _) = layer.forward(x, &mut Context::inference()).unwrap();
        assert_eq!(y.shape(), expected.shape(), "{class} {name}");
        let promised = layer.output_shape(&shape).unwrap();
        assert_eq!(promised.to_string(), Shape::batched(&y.shape()[1..]).to_string());
        let largest = expected.as_slice().iter().fold(1.0f32, |most, y| most.max(y.abs()));
        let pairs = y.as_slice().iter().zip(expected.as_slice());
        let off = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / largest;
        if off > 1e-5 {
            faults.push(format!("{class} {name}: off by {off}, {}", case["layer"]["config"]));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn frequencies_are_those_of_keras() {
    check("stft_spectrogram");
}

#[test]
fn pitches_are_those_of_keras() {
    check("mel_spectrogram");
}

#[test]
fn decibels_are_those_of_the_whole_batch() {
    let layer = MelSpectrogram::new().fft_length(64).sequence_stride(16).top_db(10.0);
    let model = sequential![Input::new([100]), layer.num_mel_bins(4)].unwrap();
    // Many samples would be cut into chunks; one of them is louder than all others.
    let mut x = Tensor::full(&[300, 100], 0.01);
    x.as_mut_slice().iter_mut().enumerate().for_each(|(i, x)| *x *= (i % 7) as f32 - 3.0);
    x.as_mut_slice()[..100].iter_mut().for_each(|x| *x *= 1000.0);
    let y = model.predict(&x).unwrap();
    let loudest = y.as_slice().iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let last = &y.as_slice()[y.sample_len() * 299..];
    assert!(last.iter().all(|y| (loudest - 10.0 - y).abs() < 1e-4), "{loudest}: {last:?}");
}

#[test]
fn what_does_not_fit_is_refused() {
    let too_short = sequential![Input::new([100]), MelSpectrogram::new()].unwrap_err().to_string();
    assert!(too_short.contains("at least 1025 samples"), "{too_short}");
    let layer = STFTSpectrogram::new(8).frame_step(9);
    let far = sequential![Input::new([100, 1]), layer].unwrap_err().to_string();
    assert!(far.contains("frame_step"), "{far}");
    let layer = STFTSpectrogram::new(8).window(Some("gaussian".into()));
    let unknown = sequential![Input::new([100, 1]), layer].unwrap_err().to_string();
    assert!(unknown.contains("gaussian") && unknown.contains("hann"), "{unknown}");
    let layer = STFTSpectrogram::new(8).window(Some(vec![1.0; 7].into()));
    let short = sequential![Input::new([100, 1]), layer].unwrap_err().to_string();
    assert!(short.contains("8 numbers"), "{short}");
}
