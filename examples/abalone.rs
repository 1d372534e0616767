//! How old is an abalone? The number of its rings (its age in years, less 1.5) from what can be measured
//! without cutting it open: a table with a target column, and a network for numbers of all sizes.
//!
//! Run it with `cargo run --release --example abalone`. The table has 4,176 rows (UCI Machine Learning
//! Repository, Nash et al. 1994, CC BY 4.0; see `examples/data/README.md`).

use ceratops::datasets::csv;
use ceratops::prelude::*;

fn main() -> Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/abalone.csv");
    let table = csv::read(path)?;
    // The sex (female, male, infant) becomes three columns of ones and zeros.
    let data = table.split_target("rings")?;
    println!("{} animals, {}\n", data.y.len(), data.feature_names.join(", "));
    let options = || FitOptions::new().epochs(20).validation_split(0.15).verbose(Verbose::Silent);

    // The layers and the training of TensorFlow.js' example.
    let model = sequential![
        Dense::new(50).activation("sigmoid"),
        Dense::new(50).activation("sigmoid"),
        Dense::new(1),
    ]?;
    let mut model = model.compile(SGD::new(0.01), "mse", "mae")?;
    let history = model.fit(&data.x, &data.y, options().batch_size(500))?;
    println!("as in TensorFlow.js' example: off by {:.2} rings", last(&history));

    // All columns brought to one scale by the model itself, and Adam.
    let mut scale = Normalization::new();
    scale.adapt(&data.x)?;
    let model = sequential![
        scale,
        Dense::new(64).activation("relu"),
        Dense::new(64).activation("relu"),
        Dense::new(1),
    ]?;
    let mut model = model.compile("adam", "mse", "mae")?;
    let history = model.fit(&data.x, &data.y, options())?;
    println!("with Normalization and Adam:   off by {:.2} rings", last(&history));
    Ok(())
}

/// The mean absolute error on the rows that were not trained on, after the last epoch.
fn last(history: &History) -> f64 {
    history["val_mae"].last().copied().unwrap_or(f64::NAN)
}
