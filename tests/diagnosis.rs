//! The diagnosis of the network that reads digits: nothing while it is well, the cause when it is not.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ceratops::datasets::mnist;
use ceratops::prelude::*;
use ceratops::train::{Advice, AdviceKind};

/// The network of the example `digits`.
fn network() -> Sequential {
    let activation = || PReLU::new().shared_axes([1, 2]);
    sequential![
        Input::new([28, 28, 1]),
        Conv2D::new(32, 3),
        activation(),
        MaxPooling2D::new(2),
        Conv2D::new(64, 3),
        activation(),
        MaxPooling2D::new(2),
        Conv2D::new(64, 3).activation("relu"),
        Flatten::new(),
        Dropout::new(0.4),
        Dense::new(64).activation("relu"),
        Dense::new(10).activation("softmax"),
    ]
    .unwrap()
}

#[test]
fn a_network_that_reads_digits_is_healthy_until_it_is_harmed() {
    let digits = mnist::digits().unwrap().train;
    let (x, y) = (digits.x.batch_slice(0..64).unwrap(), digits.y.batch_slice(0..64).unwrap());
    let loss = "sparse_categorical_crossentropy";
    let mut model = network().compile(Adam::new(0.0015), loss, "accuracy").unwrap();
    let found = model.diagnose_training(&x, &y).unwrap();
    assert!(found.advice.is_empty(), "{found}");
    let options = FitOptions::new().batch_size(32).verbose(Verbose::Silent);
    let history = model.fit(&digits.x, &digits.y, options).unwrap();
    assert!(history["accuracy"][0] > 0.6);
    let found = model.diagnose_training(&x, &y).unwrap();
    assert!(found.advice.is_empty(), "{found}");
    assert!(found.layers[1].slopes.unwrap().zero < 0.5, "it learned slopes\n{found}");
    assert!(found.layers[10].saturated.unwrap() > 0.0, "it is certain of some digits\n{found}");

    let biases = &mut model.model_mut().layers_mut()[6].params_mut()[1];
    biases.set_value(Tensor::full(&[64], -100.0)).unwrap();
    let found = model.diagnose_training(&x, &y).unwrap();
    let kinds: Vec<AdviceKind> = found.advice.iter().map(|advice| advice.kind).collect();
    assert_eq!(kinds, [AdviceKind::DeadUnits, AdviceKind::NoGradient], "{found}");
    let of_the_third = |advice: &Advice| advice.layer.as_deref() == Some("conv2d_2");
    assert!(found.advice.iter().all(of_the_third), "{found}");
}
