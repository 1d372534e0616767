//! Burn as a peer, on its "flex" backend: `peer-burn WORKS BATCHES`.

#[path = "../../clock.rs"]
mod clock;
mod network;

use std::hint::black_box;

use burn::{
    nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig},
    optim::{GradientsParams, SgdConfig},
    tensor::{Device, Distribution, Int, Tensor, TensorData, activation::softmax},
};

use network::Network;

fn main() {
    let (works, sizes) = clock::arguments();
    for work in works {
        fit(&work, &sizes);
        predict(&work);
    }
}

fn samples(work: &str) -> usize {
    match work {
        "mlp" => 16384,
        "vgg" => 512,
        _ => 4096,
    }
}

/// Samples, each a row of numbers; the network gives images their shape.
fn data(work: &str, device: &Device) -> Tensor<2> {
    let numbers = network::sample(work).iter().product();
    Tensor::random([samples(work), numbers], Distribution::Uniform(0.0, 1.0), device)
}

fn fit(work: &str, sizes: &[usize]) {
    let device = Device::flex().autodiff();
    let count = samples(work);
    let x = data(work, &device);
    let labels: Vec<i64> = (0..count as i64).map(|i| i % 10).collect();
    let y = Tensor::<1, Int>::from_data(TensorData::new(labels, [count]), &device);
    let loss: CrossEntropyLoss = CrossEntropyLossConfig::new().init(&device);
    let mut optimizer = SgdConfig::new().init();
    // A step takes the network and gives it back.
    let mut held = Some(Network::new(work, &device));
    for &size in sizes {
        let taken = clock::best(|| {
            for start in (0..count).step_by(size) {
                let rows = start..(start + size).min(count);
                let network = held.take().expect("it was given back");
                let logits = network.logits(x.clone().slice([rows.clone()]));
                let gradients = loss.forward(logits, y.clone().slice([rows])).backward();
                let gradients = GradientsParams::from_grads(gradients, &network);
                held = Some(optimizer.step(0.01, network, gradients));
            }
            device.sync().expect("the device answers");
        });
        clock::report(
            "burn",
            work,
            &format!("fit b{size} samples/s"),
            (count as f64 / taken).round(),
        );
    }
}

fn predict(work: &str) {
    let device = Device::flex();
    let network = Network::new(work, &device);
    let x = data(work, &device);
    let answer = |x: Tensor<2>| drop(black_box(softmax(network.logits(x), 1).into_data()));
    let parts = || x.clone().split(clock::PREDICTED, 0);
    let taken = clock::best(|| parts().into_iter().for_each(answer));
    let rate = (samples(work) as f64 / taken).round();
    clock::report("burn", work, "predict b256 samples/s", rate);
    let one = x.clone().slice([0..1]);
    let taken = clock::median(|| answer(one.clone()));
    clock::report("burn", work, "predict 1 ms", 1e3 * taken);
}
