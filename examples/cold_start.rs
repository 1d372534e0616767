//! How fast a program is there: it reads a network, asks it about one digit, prints the class.
//!
//! Run it with `cargo build --profile dist --example cold_start`, then
//! `time target/dist/examples/cold_start`. With the name of a file of 93,322 little-endian f32
//! numbers (the weights one after another) as an argument, it answers with these weights.

use ceratops::prelude::*;

/// The network as Keras writes it: `model.to_json()`.
const NETWORK: &str = include_str!("data/cnn.json");

/// A seven, 14 pixels high; each is doubled.
const DIGIT: [&str; 14] = [
    "              ",
    "              ",
    "   ########   ",
    "   ########   ",
    "         ##   ",
    "        ##    ",
    "        ##    ",
    "       ##     ",
    "       ##     ",
    "      ##      ",
    "      ##      ",
    "     ##       ",
    "     ##       ",
    "              ",
];

fn main() -> Result<()> {
    let mut model = Sequential::from_json(NETWORK)?;
    if let Some(file) = std::env::args().nth(1) {
        model.set_weights(&weights(&file, &model.get_weights())?)?;
    }
    let ink = |i: usize| f32::from(DIGIT[i / 28 / 2].as_bytes()[i % 28 / 2] == b'#');
    let digit = Tensor::new(&[1, 28, 28, 1], (0..28 * 28).map(ink).collect())?;
    println!("{}", model.predict(digit)?.argmax(-1)?[0]);
    Ok(())
}

/// The numbers of a file in the shapes of `weights`.
fn weights(file: &str, weights: &[Tensor]) -> Result<Vec<Tensor>> {
    let bytes = std::fs::read(file).map_err(|e| Error::io(file, e))?;
    let mut numbers = bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
    let take = |w: &Tensor| Tensor::new(w.shape(), numbers.by_ref().take(w.len()).collect());
    weights.iter().map(take).collect()
}
