//! An autoencoder: digits go through eight numbers, and come out as they went in. Between the numbers of
//! two digits lie digits that nobody wrote.
//!
//! Run it with `cargo run --release --example autoencoder`.

use ceratops::datasets::mnist;
use ceratops::prelude::*;

/// How many numbers are left of the 784 of an image.
const CODE: usize = 8;
/// Light to dark, for a character that stands for two pixels, one above the other.
const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];

fn main() -> Result<()> {
    let data = mnist::digits()?;
    let encoder = encoder()?.shared();
    let decoder = decoder()?.shared();
    let image = Input::new([28, 28, 1]).named("image").tensor();
    let model = Model::new(&image, decoder.call(encoder.call(&image)?)?)?;
    println!("{}\n", model.summary().expand_nested(true));

    let mut model = model.compile(Adam::new(0.002), "binary_crossentropy", "mse")?;
    let x = &data.train.x;
    let options = FitOptions::new().epochs(12).batch_size(32);
    model.fit(x, x, options)?;
    let unseen = &data.test.x;
    let logs = model.evaluate(unseen, unseen)?;
    println!("\nmean squared error of 1,000 digits it never saw: {:.4}", logs["mse"]);
    println!("... where the mean of all digits is taken for each:  {:.4}\n", of_mean(x, unseen)?);

    println!("Ten of them, and below what came out:\n");
    let first = one_of_each(unseen, &data.test.y)?;
    draw(&first);
    draw(&model.predict(&first)?);

    println!("From a 1 to an 8, by way of their {CODE} numbers:\n");
    let codes = model.up_to("encoder")?.predict(&first)?;
    let (one, eight) = (codes.batch_slice(1..2)?, codes.batch_slice(8..9)?);
    let between = |i: u8| {
        let share = f32::from(i) / 9.0;
        one.clone().zip_map(&eight, move |a, b| a + share * (b - a))
    };
    let path = Tensor::concat(&(0..10).map(between).collect::<Result<Vec<_>>>()?)?;
    let decoder = model.get_layer("decoder")?.as_model().cloned();
    if let Some(decoder) = decoder {
        draw(&decoder.predict(&path)?);
    }
    Ok(())
}

/// An image becomes smaller and deeper, then eight numbers.
fn encoder() -> Result<Node> {
    let model = sequential![
        Input::new([28, 28, 1]),
        Conv2D::new(16, 3).strides(2).padding(Padding::Same).activation("relu"),
        Conv2D::new(32, 3).strides(2).padding(Padding::Same).activation("relu"),
        Flatten::new(),
        Dense::new(CODE),
    ]?;
    Ok(model.named("encoder"))
}

/// The same backwards: Conv2DTranspose makes of each place four.
fn decoder() -> Result<Node> {
    let model = sequential![
        Input::new([CODE]),
        Dense::new(7 * 7 * 32).activation("relu"),
        Reshape::new([7, 7, 32]),
        Conv2DTranspose::new(16, 3).strides(2).padding(Padding::Same).activation("relu"),
        Conv2DTranspose::new(1, 3).strides(2).padding(Padding::Same).activation("sigmoid"),
    ]?;
    Ok(model.named("decoder"))
}

/// The error of who always answers with the mean of `x`.
fn of_mean(x: &Tensor, unseen: &Tensor) -> Result<f64> {
    let pixels = x.sample_len();
    let mut mean = vec![0.0; pixels];
    for image in x.as_slice().chunks(pixels) {
        mean.iter_mut().zip(image).for_each(|(mean, x)| *mean += x);
    }
    let images = x.batch() as f32;
    mean.iter_mut().for_each(|mean| *mean /= images);
    let squares = unseen.as_slice().chunks(pixels).flat_map(|image| {
        image.iter().zip(&mean).map(|(x, mean)| f64::from((x - mean).powi(2))).collect::<Vec<_>>()
    });
    Ok(squares.sum::<f64>() / unseen.len() as f64)
}

/// The first image of each digit.
fn one_of_each(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    let first = |digit: u8| {
        let is = |label: &f32| *label == f32::from(digit);
        let place = y.as_slice().iter().position(is).unwrap_or_default();
        x.batch_slice(place..place + 1)
    };
    Tensor::concat(&(0..10).map(first).collect::<Result<Vec<_>>>()?)
}

/// Draws images side by side, two rows of pixels a line and two columns a character.
fn draw(images: &Tensor) {
    for y in (4..24).step_by(2) {
        for image in images.as_slice().chunks(784) {
            let line = (4..24).step_by(2).map(|x| {
                let ink = [0, 1, 28, 29].map(|pixel| image[y * 28 + x + pixel]);
                let shade = ink.iter().sum::<f32>() / 4.0 * (SHADES.len() - 1) as f32;
                SHADES[(shade.round() as usize).min(SHADES.len() - 1)]
            });
            print!("{} ", line.collect::<String>());
        }
        println!();
    }
    println!();
}
