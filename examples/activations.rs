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
        let f = Activation::get(name)?;
        // A function of a whole row, such as softmax, takes a batch of rows; `glu` needs an even
        // number of them, and `threshold` has no default arguments.
        match f.call(x.clone().reshape(&[1, 7])?) {
            Ok(y) => println!("{name:<20} {}", row(&y)),
            Err(why) => println!("{name:<20} {why}"),
        }
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
    x.as_slice().iter().map(|x| format!("{x:9.5}")).collect()
}
