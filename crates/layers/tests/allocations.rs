//! Prediction of one sample: no memory is asked for after the first call, and threads that share a
//! model get the same bits.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use allocation_counter::measure;
use ceratops_core::Tensor;
use ceratops_layers::{
    Average, BatchNormalization, CallLayer, Concatenate, Conv2D, Dense, Dropout, Flatten, Identity,
    Input, LeakyReLU, MaxPooling2D, Maximum, Model, Multiply, ReLU, Sequential, sequential,
};

/// 16·24 + 24 + 24·22 + 22 + 22·2 + 2 = 1,004 weights.
fn tiny() -> Sequential {
    sequential![
        Input::new([16]),
        Dense::new(24).activation("relu"),
        Dense::new(22).activation("relu"),
        Dense::new(2).activation("softmax"),
    ]
    .unwrap()
}

fn nested() -> Sequential {
    sequential![tiny(), Dropout::new(0.5), Dense::new(3).activation("tanh")].unwrap()
}

fn normalized() -> ceratops_core::Result<Sequential> {
    sequential![
        Input::new([6, 6, 3]),
        Conv2D::new(4, 3),
        BatchNormalization::new(),
        ReLU::new(),
        BatchNormalization::new().axis(1).scale(false),
        Flatten::new(),
        Dense::new(2),
        BatchNormalization::new().center(false),
    ]
}

fn numbers(shape: &[usize]) -> Tensor {
    let len: usize = shape.iter().product();
    Tensor::new(shape, (0..len).map(|i| ((i * 37 % 101) as f32 - 50.0) / 50.0).collect()).unwrap()
}

#[test]
fn one_sample_needs_no_memory_after_the_first() {
    let mlp = sequential![
        Input::new([784]),
        Dense::new(512).activation("relu"),
        Dense::new(512).activation("relu"),
        Dense::new(10).activation("softmax"),
    ];
    for (name, model, x) in [
        ("tiny", tiny(), numbers(&[1, 16])),
        ("nested", nested(), numbers(&[1, 16])),
        ("mlp", mlp.unwrap(), numbers(&[1, 784])),
        ("normalized", normalized().unwrap(), numbers(&[1, 6, 6, 3])),
    ] {
        let first = Vec::from(model.predict(&x).unwrap());
        drop(model.predict(&x));
        let memory = measure(|| {
            for _ in 0..1000 {
                assert_eq!(model.predict(&x).unwrap().as_slice(), first, "{name}");
            }
        });
        assert_eq!(memory.count_total, 0, "{name}");
    }
}

/// A residual network: blocks of Dense, LeakyReLU and what came before.
fn residual() -> Model {
    let x = Input::new([16]).tensor();
    let mut y = Dense::new(16).activation("relu").call(&x).unwrap();
    for _ in 0..3 {
        let h = Dense::new(16).activation("relu").call(&y).unwrap();
        y = (&y + &LeakyReLU::new(0.1).call(&h).unwrap()).unwrap();
    }
    Model::new([&x], [&Dense::new(3).activation("softmax").call(&y).unwrap()]).unwrap()
}

/// A layer and a model that are called twice, the model a graph within the graph.
fn shared() -> Model {
    let x = Input::new([16]).tensor();
    let (tower, inner) = (Dense::new(16).activation("tanh").shared(), nested_graph().shared());
    let a = tower.call(tower.call(&x).unwrap()).unwrap();
    let b = inner.call(inner.call(&a).unwrap()).unwrap();
    let both = Concatenate::new().call([&a, &b, &a]).unwrap();
    let mean = Average::new().call([&a, &b, &x]).unwrap();
    let both = Dense::new(16).call(&both).unwrap();
    Model::new([&x], [&Maximum::new().call([&both, &mean]).unwrap()]).unwrap()
}

fn nested_graph() -> Model {
    let x = Input::new([16]).tensor();
    let h = Dense::new(16).call(&x).unwrap();
    Model::new([&x], [&Multiply::new().call([&h, &x, &x]).unwrap()]).unwrap()
}

fn two_inputs() -> Model {
    let (a, b) = (Input::new([16]).tensor(), Input::new([4]).tensor());
    let h = Dense::new(4).call(&a).unwrap();
    Model::new([&a, &b], [&(&h - &b).unwrap()]).unwrap()
}

#[test]
fn one_sample_needs_no_memory_in_graphs_either() {
    let x = numbers(&[1, 16]);
    let models = [("residual", residual()), ("shared", shared()), ("graph", nested_graph())];
    for (name, model) in models {
        let first = Vec::from(model.predict(&x).unwrap());
        drop(model.predict(&x));
        let memory = measure(|| {
            for _ in 0..100 {
                assert_eq!(model.predict(&x).unwrap().as_slice(), first, "{name}");
            }
        });
        assert_eq!(memory.count_total, 0, "{name}");
    }
}

/// The list of inputs is the caller's; nothing stays behind.
#[test]
fn several_inputs_leave_no_memory_in_use() {
    let (model, a, b) = (two_inputs(), numbers(&[1, 16]), numbers(&[1, 4]));
    let first = model.predict([&a, &b]).unwrap();
    drop(model.predict([&a, &b]));
    let memory = measure(|| {
        (0..100).for_each(|_| assert_eq!(model.predict([&a, &b]).unwrap(), first));
    });
    assert_eq!(memory.bytes_current, 0);
    assert!(memory.count_total <= 100, "{} times for 100 samples", memory.count_total);
}

/// What a long branch has made is dropped as soon as it was read, though the way around it waits.
#[test]
fn a_long_branch_keeps_two_values() {
    const WIDTH: usize = 4096;
    let x = Input::new([WIDTH]).tensor();
    let mut y = ReLU::new().call(&x).unwrap();
    for _ in 0..100 {
        y = LeakyReLU::new(0.5).call(Identity::new().call(&y).unwrap()).unwrap();
    }
    let model = Model::new([&x], [&(&x + &y).unwrap()]).unwrap();
    let x = numbers(&[1, WIDTH]);
    let memory = measure(|| drop(model.predict(&x)));
    assert!(memory.bytes_max <= 6 * 4 * WIDTH as u64, "{} bytes", memory.bytes_max);
}

#[test]
fn arrays_of_the_users_need_no_memory_either() {
    let model = tiny();
    let sample = [[0.25f32; 16]];
    drop(model.predict(sample));
    let memory = measure(|| {
        for _ in 0..1000 {
            assert_eq!(model.predict(sample).unwrap().shape(), [1, 2]);
        }
    });
    assert_eq!(memory.count_total, 0);
}

#[test]
fn a_call_leaves_as_much_memory_in_use_as_it_found() {
    let model = sequential![
        Input::new([12, 12, 1]),
        Conv2D::new(8, 3),
        LeakyReLU::new(0.1),
        MaxPooling2D::new(2),
        Flatten::new(),
        Dense::new(3),
    ]
    .unwrap();
    let x = numbers(&[1, 12, 12, 1]);
    drop(model.predict(&x));
    let memory = measure(|| (0..1000).for_each(|_| drop(model.predict(&x))));
    assert_eq!(memory.bytes_current, 0);
}

#[test]
fn threads_that_share_a_model_get_the_same_bits() {
    let model = tiny();
    let samples: Vec<Tensor> =
        (0..8u8).map(|i| numbers(&[1, 16]).map(|x| x * f32::from(i))).collect();
    let bits = |x: &Tensor| -> Vec<u32> {
        let y = model.predict(x).unwrap();
        y.as_slice().iter().map(|y| y.to_bits()).collect()
    };
    let alone: Vec<Vec<u32>> = samples.iter().map(bits).collect();
    std::thread::scope(|scope| {
        for start in 0..4 {
            let (bits, samples, alone) = (&bits, &samples, &alone);
            scope.spawn(move || {
                for i in (0..800).map(|i| (start + i) % samples.len()) {
                    assert_eq!(bits(&samples[i]), alone[i]);
                }
            });
        }
    });
}
