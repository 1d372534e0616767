//! Deep networks with and without short cuts: the residual blocks of ResNet, which add what comes in to
//! what comes out.
//!
//! Run it with `cargo run --release --example residual`. With `--features plot` it also draws the
//! network, into a folder that is given as an argument, or into that for temporary files.

use std::time::Instant;

use ceratops::datasets::mnist;
use ceratops::prelude::*;

/// How many blocks the networks have that are compared, each of two convolutions.
const DEPTHS: [usize; 3] = [3, 6, 12];
/// Each is trained from several beginnings.
const SEEDS: [u64; 2] = [0, 1];

fn main() -> Result<()> {
    let small = network(1, true, 0)?;
    println!("A network with one residual block:\n\n{}\n", small.summary());
    draw(&network(DEPTHS[0], true, 0)?)?;

    println!("How many of 1,000 digits are read right after three epochs with 4,000 others:\n");
    println!("layers  weights   one after another   with short cuts   seconds (each, both)");
    for blocks in DEPTHS {
        let layers = 2 * blocks + 2;
        let weights = network(blocks, true, 0)?.count_params();
        let (plain, took) = scores(blocks, false)?;
        let (residual, took_longer) = scores(blocks, true)?;
        println!(
            "{layers:6} {weights:8}   {plain:<17}   {residual:<15}   {took:.1}, {took_longer:.1}"
        );
    }
    println!(
        "\nA layer weakens the signal and its gradient a little. Where layers only follow one another \
         these\nlosses multiply, until nothing is learned; past short cuts the gradient comes through \
         whole."
    );
    Ok(())
}

/// A convolution, blocks of two more, and a dense layer that says which digit it is.
fn network(blocks: usize, short_cuts: bool, seed: u64) -> Result<Model> {
    let image = Input::new([28, 28, 1]).named("image").tensor();
    let h = Conv2D::new(16, 3).padding(Padding::Same).activation("relu").call(&image)?;
    let mut h = MaxPooling2D::new(4).call(&h)?;
    for _ in 0..blocks {
        h = block(&h, short_cuts)?;
    }
    let h = Flatten::new().call(&h)?;
    let digit = Dense::new(10).activation("softmax").named("digit").call(&h)?;
    Model::with_seed(seed, &image, &digit)
}

/// y = relu(f(x) + x), without the short cut relu(f(x)). It makes no weights.
fn block(x: &KerasTensor, short_cut: bool) -> Result<KerasTensor> {
    let h = Conv2D::new(16, 3).padding(Padding::Same).activation("relu").call(x)?;
    let h = Conv2D::new(16, 3).padding(Padding::Same).call(&h)?;
    let h = if short_cut { (&h + x)? } else { h };
    ReLU::new().call(&h)
}

/// The accuracies that networks of this depth reach, and how long one takes on the average.
fn scores(blocks: usize, short_cuts: bool) -> Result<(String, f64)> {
    let digits = mnist::digits()?;
    let start = Instant::now();
    let mut scores = Vec::new();
    for seed in SEEDS {
        let model = network(blocks, short_cuts, seed)?;
        let mut model = model.compile("adam", "sparse_categorical_crossentropy", "accuracy")?;
        let options = FitOptions::new().epochs(3).seed(seed).verbose(Verbose::Silent);
        model.fit(&digits.train.x, &digits.train.y, options)?;
        let logs = model.evaluate(&digits.test.x, &digits.test.y)?;
        scores.push(format!("{:.1}%", 100.0 * logs["accuracy"]));
    }
    Ok((scores.join(" "), start.elapsed().as_secs_f64() / SEEDS.len() as f64))
}

#[cfg(feature = "plot")]
fn draw(model: &Model) -> Result<()> {
    use ceratops::SavePicture;

    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let path = folder.join("residual.svg");
    ceratops::plot::model(model)?.save(&path)?;
    println!("One with {} blocks is drawn in {}\n", DEPTHS[0], path.display());
    Ok(())
}

#[cfg(not(feature = "plot"))]
fn draw(_: &Model) -> Result<()> {
    println!("Run this with `--features plot` to have a picture of one.\n");
    Ok(())
}
