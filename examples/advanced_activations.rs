//! The advanced activations side by side on the digits: what each costs and what it gives.
//!
//! Run it with `cargo run --release --example advanced_activations`.

use ceratops::datasets::mnist;
use ceratops::prelude::*;

type MakeNode = fn() -> Node;

fn main() -> Result<()> {
    let data = mnist::digits()?;
    let contestants: [(&str, MakeNode); 6] = [
        ("ReLU", || ReLU::new().into()),
        ("LeakyReLU(0.1)", || LeakyReLU::new(0.1).into()),
        ("PReLU", || PReLU::new().shared_axes([1, 2]).into()),
        ("ELU(1.0)", || ELU::new(1.0).into()),
        ("ThresholdedReLU(0.3)", || ThresholdedReLU::new(0.3).into()),
        ("SELU", || Activation::new("selu").into()),
    ];
    println!("5 epochs on {} digits, the same seed for all\n", data.train.y.len());
    println!(
        "{:<20} {:>8} {:>10} {:>10} {:>12}",
        "activation", "weights", "loss", "accuracy", "dead units"
    );
    println!("{}", "─".repeat(64));
    for (name, activation) in contestants {
        let model = network(activation)?;
        let weights = model.count_params();
        let mut model = model.compile("adam", "sparse_categorical_crossentropy", "accuracy")?;
        let options = FitOptions::new().epochs(5).verbose(Verbose::Silent);
        model.fit(&data.train.x, &data.train.y, options)?;
        let logs = model.evaluate(&data.test.x, &data.test.y)?;
        let dead = dead_units(&model, &data.test.x)?;
        println!(
            "{name:<20} {weights:>8} {:>10.4} {:>9.2}% {:>11.1}%",
            logs["loss"],
            100.0 * logs["accuracy"],
            100.0 * dead
        );
    }
    println!("\nA unit is dead if it is 0 for every test digit: it has nothing to say, and no");
    println!("gradient will wake it.");
    Ok(())
}

fn network(activation: MakeNode) -> Result<Sequential> {
    sequential![
        Input::new([28, 28, 1]),
        Conv2D::new(8, 3).strides(2),
        activation(),
        Conv2D::new(16, 3).strides(2),
        activation(),
        Flatten::new(),
        Dense::new(10).activation("softmax"),
    ]
}

/// The share of units behind the activations that are 0 for every sample.
fn dead_units(model: &Sequential, x: &Tensor) -> Result<f64> {
    let (mut dead, mut units) = (0, 0);
    for (node, y) in model.layers().iter().zip(model.layer_outputs(x)?) {
        if matches!(node.class_name(), "Conv2D" | "Flatten" | "Dense") {
            continue;
        }
        units += y.sample_len();
        let silent = |unit: &usize| y.as_slice().chunks(y.sample_len()).all(|y| y[*unit] == 0.0);
        dead += (0..y.sample_len()).filter(silent).count();
    }
    Ok(dead as f64 / units as f64)
}
