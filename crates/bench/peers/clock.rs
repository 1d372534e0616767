//! What the Rust peers share: the clock, and the form of a figure.

use std::time::{Duration, Instant};

const RUNS: usize = 3;
const AT_LEAST: Duration = Duration::from_secs(1);
const ANSWERS: usize = 200;
/// How many samples are predicted at once.
pub const PREDICTED: usize = 256;

/// The works and the sizes of batch that the command line names.
pub fn arguments() -> (Vec<String>, Vec<usize>) {
    let mut lists =
        std::env::args().skip(1).map(|list| list.split(',').map(String::from).collect::<Vec<_>>());
    let works = lists.next().expect("works");
    let sizes = lists.next().expect("sizes of batch");
    (works, sizes.iter().map(|size| size.parse().expect("a number")).collect())
}

/// The shortest of several runs, in seconds.
pub fn best(mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut times = Vec::new();
    while times.len() < RUNS || start.elapsed() < AT_LEAST {
        times.push(seconds(&mut run));
    }
    times.into_iter().fold(f64::INFINITY, f64::min)
}

/// The time that half of many short runs stay below, in seconds.
pub fn median(mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ANSWERS).map(|_| seconds(&mut run)).collect();
    times.sort_by(f64::total_cmp);
    times[ANSWERS / 2]
}

fn seconds(run: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64()
}

/// Prints one figure.
pub fn report(peer: &str, work: &str, what: &str, value: f64) {
    println!(r#"{{"peer": "{peer}", "work": "{work}", "what": "{what}", "value": {value}}}"#);
}
