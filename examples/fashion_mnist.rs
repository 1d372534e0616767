//! Telling clothes apart: the LeakyReLU network of many tutorials on Fashion-MNIST, 60,000 images to
//! learn from and 10,000 to be tested with.
//!
//! The example downloads nothing. Debian and Ubuntu have the data as a package:
//!
//! ```text
//! sudo apt install dataset-fashion-mnist
//! cargo run --release --example fashion_mnist
//! ```
//!
//! Elsewhere, put the four `.gz` files of the data set (Zalando Research, MIT licence) into a folder
//! and give it as an argument.

use ceratops::datasets::mnist::{self, Split};
use ceratops::prelude::*;

/// Where Debian's package puts the data.
const FOLDER: &str = "/usr/share/datasets/fashion-mnist";

const CLASSES: [&str; 10] = [
    "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot",
];

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| FOLDER.into());
    if !std::path::Path::new(&folder).is_dir() {
        println!(
            "There is no folder {folder}. Install the data with `sudo apt install \
             dataset-fashion-mnist`, or give the folder that holds its four .gz files."
        );
        return Ok(());
    }
    let data = mnist::from_folder(folder)?;
    let (train, test) = (&data.train, &data.test);

    let model = sequential![
        Input::new([28, 28, 1]),
        Conv2D::new(32, 3).padding(Padding::Same),
        LeakyReLU::new(0.1),
        MaxPooling2D::new(2),
        Conv2D::new(64, 3).padding(Padding::Same),
        LeakyReLU::new(0.1),
        MaxPooling2D::new(2),
        Conv2D::new(128, 3).padding(Padding::Same),
        LeakyReLU::new(0.1),
        MaxPooling2D::new(2),
        Flatten::new(),
        Dense::new(128),
        LeakyReLU::new(0.1),
        Dropout::new(0.3),
        Dense::new(10).activation("softmax"),
    ]?;
    println!("{}\n", model.summary());
    let mut model = model.compile("adam", "sparse_categorical_crossentropy", "accuracy")?;
    let options = FitOptions::new().epochs(5).batch_size(64).validation_data(&test.x, &test.y);
    let history = model.fit(&train.x, &train.y, options)?;

    let best = history["val_accuracy"].iter().copied().fold(0.0, f64::max);
    println!("\nbest accuracy on the test images: {:.2}%", 100.0 * best);
    by_class(&model, test)
}

/// How many of each class are recognised.
fn by_class(model: &CompiledModel, test: &Split) -> Result<()> {
    let found = model.predict(&test.x)?.argmax(-1)?;
    let (mut right, mut all) = ([0_u32; 10], [0_u32; 10]);
    for (best, label) in found.into_iter().zip(test.y.as_slice()) {
        let label = *label as usize;
        all[label] += 1;
        right[label] += u32::from(best == label);
    }
    for ((name, right), all) in CLASSES.iter().zip(right).zip(all) {
        println!("{name:>9} {:5.1}%", 100.0 * f64::from(right) / f64::from(all));
    }
    Ok(())
}
