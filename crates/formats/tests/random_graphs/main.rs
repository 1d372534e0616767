//! Some hundred random graphs, and documents of such with values in wrong places.

#![allow(clippy::expect_used, reason = "a test fails by it")]

mod generate;

use ceratops_formats::json::Words;
use generate::*;

/// Bytes that depend on the seed alone.
fn bytes(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..256).map(next).collect()
}

#[test]
fn graphs_come_back_and_train_whole_and_cut() {
    for seed in 0..150 {
        let bytes = bytes(seed);
        let model = model(&mut Choices(&bytes), 2).expect("a model");
        comes_back(&model, &[Words::Keras3, Words::Keras2, Words::TensorFlowJs]);
        trains_whole_and_cut(&model);
    }
}

#[test]
fn documents_load_or_do_not() {
    let (mut loaded, mut refused) = (0, 0);
    for seed in 0..600 {
        let bytes = bytes(seed + 1_000);
        match document(&mut Choices(&bytes)).map(|document| loads_or_not(&document)) {
            Some(true) => loaded += 1,
            Some(false) => refused += 1,
            None => {}
        }
    }
    assert!(loaded > 50 && refused > 50, "{loaded} loaded, {refused} refused");
}
