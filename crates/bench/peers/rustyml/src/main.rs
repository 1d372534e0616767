//! RustyML as a peer: `peer-rustyml WORKS BATCHES`.

#[path = "../../clock.rs"]
mod clock;

use std::hint::black_box;

use ndarray::{ArrayD, Axis};
use rustyml::neural_network::{
    Shape,
    layers::*,
    losses::SparseCategoricalCrossEntropy,
    optimizers::SGD,
    sequential::{Sequential, SequentialBuilder},
};

fn main() {
    let (works, sizes) = clock::arguments();
    for work in works {
        run(&work, &sizes);
    }
}

fn run(work: &str, sizes: &[usize]) {
    let (sample, samples): (&[usize], _) = match work {
        "mlp" => (&[784], 16384),
        "vgg" => (&[32, 32, 3], 512),
        _ => (&[28, 28, 1], 4096),
    };
    let report = |what: &str, value| clock::report("rustyml", work, what, value);
    let shape = [&[samples], sample].concat();
    let numbers = (0..shape.iter().product()).map(|i: usize| (i * 7919 % 1000) as f32 * 0.001);
    let x = ArrayD::from_shape_vec(shape, numbers.collect()).expect("as many numbers");
    let y = ArrayD::from_shape_fn(vec![samples, 1], |at| (at[0] % 10) as f32);
    let mut model = network(work, sample);

    for &size in sizes {
        let taken = clock::best(|| drop(model.fit_with_batches(&x, &y, 1, size).expect("it fits")));
        report(&format!("fit b{size} samples/s"), (samples as f64 / taken).round());
    }
    let parts = x.axis_chunks_iter(Axis(0), clock::PREDICTED).map(|part| part.to_owned());
    let parts: Vec<ArrayD<f32>> = parts.collect();
    let predict = |x| drop(black_box(model.predict(x).expect("it predicts")));
    let taken = clock::best(|| parts.iter().for_each(predict));
    report("predict b256 samples/s", (samples as f64 / taken).round());
    let one = x.slice_axis(Axis(0), (0..1).into()).to_owned();
    report("predict 1 ms", 1e3 * clock::median(|| predict(&one)));
}

fn network(work: &str, sample: &[usize]) -> Sequential {
    let empty = SequentialBuilder::new();
    let body = match work {
        "mlp" => empty.add(dense(512)).add(dense(512)),
        "vgg" => vgg(empty),
        _ => cnn(empty, work == "prelu"),
    };
    let last = Dense::new(10, Activation::Softmax { axis: -1 }).expect("a layer");
    let shape = Shape::known(&[&[32], sample].concat());
    let mut model = body.add(last).build(&shape).expect("the shapes fit");
    let optimizer = SGD::new(0.01, 0.0, false, 0.0).expect("an optimizer");
    model.compile(optimizer, SparseCategoricalCrossEntropy::new(false));
    model
}

fn cnn(mut body: SequentialBuilder, learned: bool) -> SequentialBuilder {
    for (i, filters) in [32, 64, 64].into_iter().enumerate() {
        body = body.add(conv(filters, Activation::Linear));
        body = if learned {
            let slopes = PReLU::new(0.0).and_then(|it| it.with_shared_axes(vec![1, 2]));
            body.add(slopes.expect("a layer"))
        } else {
            body.add(LeakyReLU::new(0.05).expect("a layer"))
        };
        if i < 2 {
            body = body.add(MaxPooling2D::new((2, 2)));
        }
    }
    body.add(Flatten::new()).add(dense(64))
}

fn vgg(mut body: SequentialBuilder) -> SequentialBuilder {
    for filters in [64, 128, 256] {
        for _ in 0..2 {
            body = body.add(conv(filters, Activation::ReLU).with_padding(PaddingType::Same));
        }
        body = body.add(MaxPooling2D::new((2, 2)));
    }
    body.add(Flatten::new()).add(dense(256))
}

fn conv(filters: usize, activation: Activation) -> Conv2D {
    Conv2D::new(filters, (3, 3), (1, 1), activation).expect("a layer")
}

fn dense(units: usize) -> Dense {
    Dense::new(units, Activation::ReLU).expect("a layer")
}
