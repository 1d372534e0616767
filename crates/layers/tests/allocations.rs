//! Prediction of one sample: no memory is asked for after the first call, and threads that share a
//! model get the same bits.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use allocation_counter::measure;
use ceratops_core::Tensor;
use ceratops_layers::{
    Conv2D, Dense, Dropout, Flatten, Input, LeakyReLU, MaxPooling2D, Sequential, sequential,
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
