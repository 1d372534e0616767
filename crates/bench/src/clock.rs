//! How a time is taken: the best of several runs, since all that disturbs a run makes it longer.

use std::time::{Duration, Instant};

use ceratops::Result;

/// A run is repeated at least so often,
const RUNS: usize = 3;
/// and at least for so long.
const AT_LEAST: Duration = Duration::from_secs(1);
/// How often a short answer is timed.
const ANSWERS: usize = 200;

/// The shortest run, in seconds. The peers do likewise.
pub(crate) fn best(mut run: impl FnMut() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    let mut best = f64::INFINITY;
    let mut runs = 0;
    while runs < RUNS || start.elapsed() < AT_LEAST {
        best = best.min(seconds(&mut run)?);
        runs += 1;
    }
    Ok(best)
}

/// The time that half of many short runs stay below, in seconds.
pub(crate) fn median(mut run: impl FnMut() -> Result<()>) -> Result<f64> {
    let times: Result<Vec<f64>> = (0..ANSWERS).map(|_| seconds(&mut run)).collect();
    let mut times = times?;
    times.sort_by(f64::total_cmp);
    Ok(times[ANSWERS / 2])
}

fn seconds(run: &mut impl FnMut() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    run()?;
    Ok(start.elapsed().as_secs_f64())
}
