//! A training that is watched: it stops early, keeps its best model, and can be looked at.
//!
//! Run it with `cargo run --release --example callbacks [FOLDER]`, and then
//! `tensorboard --logdir FOLDER/logs`.

use std::path::PathBuf;

use ceratops::prelude::*;

fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join("ceratops-callbacks");
    let (x, y) = parabola();

    let model = sequential![
        Input::new([1]),
        Dense::new(16).activation("tanh"),
        BatchNormalization::new().momentum(0.8),
        Dense::new(1),
    ]?;
    let mut model = model.compile(Adam::new(0.03), "mse", ["mae"])?;

    let mut stopping = EarlyStopping::new().patience(6).restore_best_weights(true);
    let best = ModelCheckpoint::new(folder.join("best.keras")).save_best_only(true);
    let weights = ModelCheckpoint::new(folder.join("weights/{epoch:03d}.weights.h5"));
    let options = FitOptions::new()
        .epochs(60)
        .batch_size(8)
        .validation_split(0.25)
        .verbose(Verbose::Silent)
        .callback(TensorBoard::new(folder.join("logs")).histogram_freq(1).update_freq(6))
        .callback(&mut stopping)
        .callback(ReduceLROnPlateau::new().patience(3).factor(0.5))
        .callback(best)
        .callback(weights.save_weights_only(true))
        .callback(CSVLogger::new(folder.join("log.csv")));
    let history = model.fit(&x, &y, options)?;

    println!("{} epochs, the best of them the {}.", history.epoch.len(), stopping.best_epoch() + 1);
    println!("learning rates: {:?}", rates(&history["learning_rate"]));
    let kept = ceratops::load(folder.join("best.keras"))?.model;
    println!("best.keras has the weights that the model ends with: {}", {
        kept.get_weights() == model.get_weights()
    });
    println!("All is in {}", folder.display());
    Ok(())
}

/// 64 points of y = x², mixed.
fn parabola() -> (Tensor, Tensor) {
    let x: Vec<f32> = (0..64).map(|i| (i * 37 % 64) as f32 / 32.0 - 1.0).collect();
    let y: Vec<f32> = x.iter().map(|x| x * x).collect();
    (Tensor::from(x), Tensor::from(y))
}

/// Each learning rate once.
fn rates(all: &[f64]) -> Vec<f64> {
    let mut rates = all.to_vec();
    rates.dedup();
    rates
}
