//! The diagnosis of the network that reads digits: nothing while it is well, the cause when it is not.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ceratops::datasets::mnist;
use ceratops::prelude::*;
use ceratops::train::{Advice, AdviceKind, Diagnosis};

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

/// The advice about a model of sequences, one of whose weights is a hundred times as large.
fn harmed(layer: impl Into<Node>, weight: usize) -> (Diagnosis, Diagnosis) {
    let numbers = (0..32 * 6 * 4).map(|i| (i as f32 * 0.7).sin()).collect();
    let x = Tensor::new(&[32, 6, 4], numbers).unwrap();
    let input = Input::new([6, 4]).tensor();
    let node: Node = layer.into();
    let node = node.shared();
    let h = node.call_all(&input).or_else(|_| node.call_all([&input, &input]));
    let y = Flatten::new().call(&h.unwrap()[0]).unwrap();
    let mut model = Model::new(&input, Dense::new(1).call(&y).unwrap()).unwrap();
    let well = model.diagnose(&x).unwrap();
    let mut params = model.layers_mut()[0].params_mut();
    let larger = params[weight].value().clone().map(|x| 100.0 * x);
    params[weight].set_value(larger).unwrap();
    let ill = model.diagnose(&x).unwrap();
    (well, ill)
}

#[test]
fn gates_that_are_stuck_are_told() {
    let layers: [Node; 3] = [
        LSTM::new(5).into(),
        GRU::new(5).return_sequences(true).into(),
        RNN::new(GRUCell::new(4)).into(),
    ];
    for layer in layers {
        let (well, ill) = harmed(layer, 0);
        assert!(well.advice.is_empty() && well.layers[0].saturated == Some(0.0), "{well}");
        assert!(ill.layers[0].saturated.unwrap() > 0.5, "{ill}");
        assert_eq!(ill.advice[0].kind, AdviceKind::Saturated, "{ill}");
        assert!(ill.to_string().contains("of its gates are saturated"), "{ill}");
    }
    // Of two directions one is harmed.
    let (_, ill) = harmed(Bidirectional::new(LSTM::new(3)), 0);
    assert!(ill.layers[0].saturated.unwrap() > 0.4, "{ill}");
}

#[test]
fn attention_that_sees_one_key_is_told() {
    let (well, _) = harmed(MultiHeadAttention::new(2, 3), 0);
    let attention = well.layers[0].attention.clone().unwrap();
    assert_eq!((attention.keys, attention.entropy.len()), (6, 2));
    assert!(attention.looked_at().0 > 4.0 && attention.looked_at().1 <= 6.0, "{well}");
    assert!(well.to_string().contains("2 heads look at"), "{well}");
    let (_, ill) = harmed(Attention::new().use_scale(true), 0);
    assert_eq!(ill.layers[0].attention.clone().unwrap().entropy.len(), 1);
    assert!(ill.advice.iter().any(|a| a.kind == AdviceKind::CollapsedAttention), "{ill}");
}

#[test]
fn dead_units_are_seen_wherever_a_rectifier_is() {
    let x = Tensor::full(&[32, 3, 4], -1.0);
    let layers: [Node; 3] = [
        TimeDistributed::new(ReLU::new()).into(),
        Conv1D::new(2, 1).kernel_initializer("ones").activation("relu").into(),
        Activation::new("relu6").into(),
    ];
    for layer in layers {
        let name = layer.class_name();
        let model = sequential![Input::new([3, 4]), layer].unwrap();
        assert_eq!(model.diagnose(&x).unwrap().layers[0].dead, Some(1.0), "{name}");
    }
    let input = Input::new([3, 4]).tensor();
    let model = Model::new(&input, ops::relu(&input).unwrap()).unwrap();
    assert_eq!(model.diagnose(&x).unwrap().layers[0].dead, Some(1.0));
}
