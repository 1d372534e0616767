//! Every activation by its name: a table of its values at -3 ... 3.
//!
//! Run it with `cargo run --release --example activations`.

use ceratops::activations::{self, Activation};
use ceratops::prelude::*;

fn main() -> Result<()> {
    let x = Tensor::from([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]);
    println!("{:<20} {}", "f(x)", row(&x));
    println!("{}", "─".repeat(20 + 7 * 9));
    for name in activations::names() {
        // A function of a whole row, such as softmax, takes a batch of rows.
        let rows = x.clone().reshape(&[1, 7])?;
        let y = match name {
            // It has no default arguments: x where x > 1, else 0.
            "threshold" => activations::threshold(rows, 1.0, 0.0),
            // It makes one number of two, x and the gate, which is 0 here: x sigmoid(0).
            "glu" => activations::glu(
                Tensor::concat(&[x.clone(), Tensor::zeros(&[7])])?.reshape(&[1, 14])?,
                -1,
            )?,
            name => Activation::get(name)?.call(rows)?,
        };
        println!("{name:<20} {}", row(&y));
    }

    println!("\nA plain vector has no batch axis, which softmax wants:");
    if let Err(why) = activations::softmax(&x, -1) {
        println!("{why}");
    }
    println!("{}", activations::softmax_1d(&x)?);

    println!("\nA mistyped name:");
    if let Err(why) = Activation::get("leaky_rleu") {
        println!("{why}");
    }
    Ok(())
}

/// The numbers of a tensor in columns.
fn row(x: &Tensor) -> String {
    // Adding 0 makes 0 of -0.
    x.as_slice().iter().map(|x| format!("{:9.5}", x + 0.0)).collect()
}
