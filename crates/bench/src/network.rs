//! How fast a network trains and answers.

use std::hint::black_box;

use ceratops::prelude::*;

use crate::{clock, report, workloads::Workload};

/// How many samples are predicted at once.
const PREDICTED: usize = 256;

/// Measures training at each of `batches`, prediction, and the answer for one sample; and which
/// share that is of a `peak` in GFLOPS.
pub(crate) fn run(work: &Workload, batches: &[usize], peak: Option<f64>) -> Result<()> {
    let (x, y) = work.data()?;
    let model = work.model()?;
    let flops = work.flops(&model)?;
    let speed = |what: &str, per_second: f64, flops: u64| {
        report(work.name, &format!("{what} samples/s"), per_second.round());
        if let Some(peak) = peak {
            let share = per_second * flops as f64 / 1e9 / peak;
            report(work.name, &format!("{what} share of peak"), (share * 1e4).round() / 1e4);
        }
    };

    let mut model = model.compile(SGD::new(0.01), "sparse_categorical_crossentropy", ())?;
    for &batch in batches {
        let options = || FitOptions::new().batch_size(batch).verbose(Verbose::Silent);
        let seconds = clock::best(|| model.fit(&x, &y, options()).map(drop))?;
        speed(&format!("fit b{batch}"), x.batch() as f64 / seconds, flops.training());
    }

    let parts = (0..x.batch() / PREDICTED)
        .map(|i| x.batch_slice(i * PREDICTED..(i + 1) * PREDICTED))
        .collect::<Result<Vec<Tensor>>>()?;
    let predict = |x: &Tensor| model.predict(x).map(|y| drop(black_box(y)));
    let seconds = clock::best(|| parts.iter().try_for_each(predict))?;
    let samples = (parts.len() * PREDICTED) as f64;
    speed(&format!("predict b{PREDICTED}"), samples / seconds, flops.forward);

    let one = x.batch_slice(0..1)?;
    report(work.name, "predict 1 ms", clock::median(|| predict(&one))? * 1e3);
    Ok(())
}
