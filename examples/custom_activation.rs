//! An activation of one's own: written once, its derivative comes by itself.
//!
//! Run it with `cargo run --release --example custom_activation`.

use ceratops::activations::{Activation as Function, DualNum};
use ceratops::prelude::*;

fn main() -> Result<()> {
    // f(x) = x + sin²(x): Snake (Ziyin et al. 2020), which learns waves that relu cannot.
    // It is written over dual numbers, so that the derivative 1 + sin(2x) need not be given.
    let snake = Function::differentiable("examples>snake", |x| x + x.sin() * x.sin())?;

    let x: Vec<f32> = (0..240).map(|i| (i as f32 - 120.0) / 20.0).collect();
    let y: Vec<f32> = x.iter().map(|x| x.sin()).collect();
    let (x, y) = (Tensor::new(&[240, 1], x)?, Tensor::new(&[240, 1], y)?);

    for activation in [AnyActivation::from("relu"), AnyActivation::from(snake.clone())] {
        let name = activation.name().to_owned();
        let model =
            sequential![Input::new([1]), Dense::new(16).activation(activation), Dense::new(1)]?;
        let mut model = model.compile(Adam::new(0.01), "mse", ())?;
        let history = model.fit(&x, &y, FitOptions::new().epochs(150).verbose(Verbose::Silent))?;
        let loss = history["loss"].last().copied().unwrap_or(f64::NAN);
        println!("sin(x) learned with {name}: mean squared error {loss:.5}");
        plot(&model.predict(&x)?);
        if name != "relu" {
            round_trip(&model, &snake)?;
        }
    }
    Ok(())
}

/// By its name the activation survives a JSON file.
fn round_trip(model: &Sequential, snake: &Function) -> Result<()> {
    let json = model.to_json()?;
    if let Err(why) = Sequential::from_json(&json) {
        println!("not registered: {why}");
    }
    let registry = Registry::builtin().with_activation(snake.clone());
    let mut again = Sequential::from_json_with(&json, &registry)?;
    again.set_weights(&model.get_weights())?;
    let x = Tensor::from([[0.5]]);
    assert_eq!(again.predict(&x)?, model.predict(&x)?);
    println!("registered: the model from JSON computes the same");
    Ok(())
}

/// Draws the curve y over its index.
fn plot(y: &Tensor) {
    for level in (-4..=4).rev() {
        let line: String = y
            .as_slice()
            .iter()
            .step_by(4)
            .map(|y| if (y * 3.5).round() as i32 == level { '●' } else { ' ' })
            .collect();
        println!("  {line}");
    }
}
