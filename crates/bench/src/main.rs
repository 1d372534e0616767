//! `ceratops-bench [cnn,prelu,mlp,vgg,bncnn]`: how fast the workloads run, as JSON lines.
//!
//! The data are made up; the figures are the best of several runs.

mod activation;
mod workloads;

use std::{hint::black_box, time::Instant};

use ceratops::prelude::*;
use serde_json::json;

use workloads::Workload;

/// How often an epoch is timed.
const EPOCHS: usize = 3;
/// How often the answer for one sample is timed.
const ANSWERS: usize = 200;

fn main() -> Result<()> {
    let named = std::env::args().nth(1);
    let named = named.as_deref().unwrap_or("cnn,prelu,mlp,vgg,bncnn");
    for name in named.split(',') {
        match name {
            "activation" => activation::run()?,
            name => run(&Workload::named(name)?)?,
        }
    }
    Ok(())
}

fn run(work: &Workload) -> Result<()> {
    let (x, y) = work.data()?;
    let mut model = work.model()?.compile(SGD::new(0.01), "sparse_categorical_crossentropy", ())?;
    for batch in [32, 128] {
        let options = || FitOptions::new().batch_size(batch).verbose(Verbose::Silent);
        let seconds = best(EPOCHS, || model.fit(&x, &y, options()).map(drop))?;
        report(work, &format!("fit b{batch} samples/s"), (x.batch() as f64 / seconds).round());
    }
    let batches: Vec<Tensor> = (0..x.batch() / 256)
        .map(|i| x.batch_slice(i * 256..(i + 1) * 256))
        .collect::<Result<_>>()?;
    let predict = || batches.iter().try_for_each(|x| model.predict(x).map(|y| drop(black_box(y))));
    let samples = (batches.len() * 256) as f64;
    report(work, "predict b256 samples/s", (samples / best(EPOCHS + 1, predict)?).round());

    let one = x.batch_slice(0..1)?;
    let mut times = Vec::with_capacity(ANSWERS);
    for _ in 0..ANSWERS {
        times.push(best(1, || model.predict(&one).map(|y| drop(black_box(y))))?);
    }
    times.sort_by(f64::total_cmp);
    report(work, "predict 1 ms", times[ANSWERS / 2] * 1e3);
    Ok(())
}

/// The shortest of so many runs, in seconds.
fn best(runs: usize, mut f: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..runs {
        let start = Instant::now();
        f()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn report(work: &Workload, what: &str, value: f64) {
    println!("{}", json!({"peer": "ceratops", "work": work.name, "what": what, "value": value}));
}
