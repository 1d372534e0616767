//! What a sample's answer has to do with the others in its batch: nothing, to the bit, but for the
//! matrix products of a few rows.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ceratops_core::{Shape, Tensor};
use ceratops_layers::{
    BatchNormalization, Conv2D, Dense, Flatten, LSTM, LeakyReLU, MaxPooling2D, Node, Padding, ReLU,
    Sequential, Softmax,
};

/// Numbers from -2 to 2 in no order.
fn numbers(shape: &[usize]) -> Tensor {
    let number = |i: usize| (i as u32).wrapping_mul(0x9E37_79B1) as f32 / 2f32.powi(30) - 2.0;
    let len = shape.iter().product();
    Tensor::new(shape, (0..len).map(number).collect::<Vec<f32>>()).unwrap()
}

fn model(sample: &[usize], nodes: Vec<Node>) -> Sequential {
    let mut model = Sequential::with_seed(3);
    for node in nodes {
        model.add(node).unwrap();
    }
    model.build(Shape::of(&[&[1], sample].concat())).unwrap();
    model
}

/// The largest difference between answers to 70 samples at once and to `size` at a time.
fn difference(model: &Sequential, sample: &[usize], size: usize) -> f32 {
    let x = numbers(&[&[70], sample].concat());
    let all = model.predict(&x).unwrap();
    let part = |at| model.predict(x.batch_slice(at..(at + size).min(70)).unwrap()).unwrap();
    let parts: Vec<Tensor> = (0..70).step_by(size).map(part).collect();
    let parts = Tensor::concat(&parts).unwrap();
    let pairs = all.as_slice().iter().zip(parts.as_slice());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn answers_do_not_depend_on_the_batch() {
    let image: Vec<(&[usize], Conv2D)> = vec![
        (&[13, 13, 1], Conv2D::new(8, 3)),
        (&[13, 13, 3], Conv2D::new(32, 3).strides(2)),
        (&[9, 9, 16], Conv2D::new(32, 3).padding(Padding::Same)),
        (&[9, 9, 4], Conv2D::new(8, 3).groups(2)),
    ];
    for (sample, conv) in image {
        let nodes: Vec<Node> = vec![
            conv.into(),
            BatchNormalization::new().into(),
            LeakyReLU::new(0.1).into(),
            MaxPooling2D::new(2).into(),
            Flatten::new().into(),
            Softmax::new(-1).into(),
        ];
        let model = model(sample, nodes);
        for size in [1, 2, 3, 33, 69] {
            assert_eq!(difference(&model, sample, size), 0.0, "{sample:?} by {size}");
        }
    }
}

/// A product with few rows adds up in another order; the sums are those of f32 either way.
#[test]
fn answers_of_dense_layers_agree_to_the_last_digits() {
    let dense: Vec<Node> = vec![
        Dense::new(300).into(),
        ReLU::new().into(),
        Dense::new(10).activation("sigmoid").into(),
    ];
    let dense = model(&[784], dense);
    let lstm = model(&[20, 12], vec![LSTM::new(33).into()]);
    for size in [1, 2, 3, 33] {
        assert!(difference(&dense, &[784], size) < 2e-6, "Dense by {size}");
        assert!(difference(&lstm, &[20, 12], size) < 1e-6, "LSTM by {size}");
    }
}
