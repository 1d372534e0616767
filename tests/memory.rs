//! Training takes little memory, and no more in the twelfth epoch than in the third.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;

use ceratops::prelude::*;

/// What the whole process may have had at its fullest: the network, 1,024 digits of 3 KB each, a
/// batch of 128 on its way, the test itself.
const MOST_KB: usize = 60_000;
/// How much the process may grow between the third and the twelfth epoch: a batch's activations
/// are more, so that whatever is kept by mistake shows.
const GROWTH_KB: usize = 2_000;

/// A figure of this process in kilobytes; none where the system has no such file.
fn memory(name: &str) -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim_matches([':', ' ', '\t']).split(' ').next()?.parse().ok()
}

fn network() -> Sequential {
    sequential![
        Input::new([28, 28, 1]),
        Conv2D::new(32, 3),
        LeakyReLU::new(0.05),
        MaxPooling2D::new(2),
        Conv2D::new(64, 3),
        LeakyReLU::new(0.05),
        MaxPooling2D::new(2),
        Conv2D::new(64, 3),
        LeakyReLU::new(0.05),
        Flatten::new(),
        Dense::new(64).activation("relu"),
        Dense::new(10).activation("softmax"),
    ]
    .unwrap()
}

fn data(samples: usize) -> (Tensor, Tensor) {
    let x = (0..samples * 28 * 28).map(|i| (i * 7919 % 1000) as f32 * 0.001).collect();
    let y: Vec<f32> = (0..samples).map(|i| (i % 10) as f32).collect();
    (Tensor::new(&[samples, 28, 28, 1], x).unwrap(), y.into())
}

// One test, since tests of one file share a process.
#[test]
fn training_takes_little_memory_and_no_more_with_time() {
    let (x, y) = data(1024);
    let mut model =
        network().compile("sgd", "sparse_categorical_crossentropy", "accuracy").unwrap();
    let silent = || FitOptions::new().batch_size(128).verbose(Verbose::Silent);
    model.fit(&x, &y, silent().epochs(2)).unwrap();
    let Some(most) = memory("VmHWM") else { return };
    assert!(most < MOST_KB, "the process had {most} KB");

    let few = (x.batch_slice(0..256).unwrap(), y.batch_slice(0..256).unwrap());
    let mut resident = Vec::new();
    let after_epoch =
        LambdaCallback::new().on_epoch_end(|_, _, _| resident.extend(memory("VmRSS")));
    let options = silent().epochs(12).validation_split(0.25).callback(after_epoch);
    model.fit(&few.0, &few.1, options).unwrap();
    assert_eq!(resident.len(), 12);
    let growth = resident[11].saturating_sub(resident[2]);
    assert!(growth <= GROWTH_KB, "{growth} KB more: {resident:?}");
}
