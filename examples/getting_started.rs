//! The smallest network: one unit that learns y = 2x - 1 from six points.
//!
//! Run it with `cargo run --release --example getting_started`.

use ceratops::prelude::*;

fn main() -> Result<()> {
    let x = Tensor::from([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0]);
    let y = Tensor::from([-3.0, -1.0, 1.0, 3.0, 5.0, 7.0]);

    let model = sequential![Input::new([1]), Dense::new(1)]?;
    println!("{}\n", model.summary());

    let mut model = model.compile("sgd", "mean_squared_error", ())?;
    let options = FitOptions::new().epochs(250).batch_size(2).verbose(Verbose::Silent);
    let history = model.fit(&x, &y, options)?;
    for epoch in [0, 9, 49, 249] {
        println!("epoch {:3}: loss {:.6}", epoch + 1, history["loss"][epoch]);
    }

    let weights = model.get_weights();
    println!("\nkernel {}\nbias {}", weights[0], weights[1]);
    let answer = model.predict([20.0])?;
    println!("y at x = 20: {} (2·20 - 1 = 39)", answer.as_slice()[0]);
    Ok(())
}
