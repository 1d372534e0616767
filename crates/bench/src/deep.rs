//! Deep graphs: how long models of hundreds of layers take to be made, written, read and run. Where
//! something is quadratic, the time of a layer grows with their number.

use std::time::Instant;

use ceratops::prelude::*;

use crate::report;

/// How many layers the models have.
const SIZES: [usize; 4] = [250, 500, 1_000, 4_000];
const WIDTH: usize = 16;

/// Measures all sizes.
pub(crate) fn run() -> Result<()> {
    SIZES.into_iter().try_for_each(measure)
}

/// Blocks of Dense, BatchNormalization and an Add of what came before, `layers` in all.
fn residual(layers: usize) -> Result<Model> {
    let x = Input::new([WIDTH]).tensor();
    let mut y = Dense::new(WIDTH).call(&x)?;
    for _ in 0..layers / 3 {
        let h = Dense::new(WIDTH).activation("relu").call(&y)?;
        y = (&y + &BatchNormalization::new().call(&h)?)?;
    }
    Model::new([&x], [&y])
}

fn measure(layers: usize) -> Result<()> {
    let took = |what: &str, start: Instant| {
        let milliseconds = start.elapsed().as_secs_f64() * 1e3;
        report(&format!("deep {layers}"), &format!("{what} ms"), milliseconds);
    };
    let start = Instant::now();
    let model = residual(layers)?;
    took("make", start);
    let start = Instant::now();
    drop(model.summary().to_string());
    took("summary", start);
    let start = Instant::now();
    let json = model.to_json()?;
    took("write JSON", start);
    let start = Instant::now();
    drop(Model::from_json(&json)?);
    took("read JSON", start);
    let folder = std::env::temp_dir().join(format!("ceratops-deep-{}", std::process::id()));
    let io = |e: std::io::Error| Error::Data(e.to_string());
    std::fs::create_dir_all(&folder).map_err(io)?;
    for extension in ["keras", "h5"] {
        let path = folder.join(format!("model.{extension}"));
        let start = Instant::now();
        model.save(&path)?;
        took(&format!("write .{extension}"), start);
        let start = Instant::now();
        drop(ceratops::load(&path)?);
        took(&format!("read .{extension}"), start);
    }
    std::fs::remove_dir_all(&folder).map_err(io)?;
    for batch in [1, 32] {
        let x = Tensor::full(&[batch, WIDTH], 0.5);
        model.predict(&x)?;
        let start = Instant::now();
        (0..10).try_for_each(|_| model.predict(&x).map(|_| ()))?;
        took(&format!("10 x predict {batch}"), start);
    }
    let mut model = model.compile(SGD::new(0.01), "mse", ())?;
    let (x, y) = (Tensor::full(&[32, WIDTH], 0.5), Tensor::full(&[32, WIDTH], 0.25));
    model.train_on_batch(&x, &y)?;
    let start = Instant::now();
    model.train_on_batch(&x, &y)?;
    took("train a step of 32", start);
    Ok(())
}
