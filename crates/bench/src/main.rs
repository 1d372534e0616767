#![doc = include_str!("../README.md")]

mod activation;
mod clock;
mod compare;
mod deep;
mod flops;
mod network;
mod options;
mod peak;
mod workloads;

use std::process::ExitCode;

use ceratops::prelude::*;
use serde_json::json;

use options::Options;
use workloads::Workload;

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    if options.compare {
        return compare::run(options);
    }
    let threads = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build_global();
    threads.map_err(|error| Error::argument("--threads", "a pool of threads", error))?;
    // The peak comes first, since the networks are measured against it.
    let peak = options.works.iter().any(|work| work == "peak").then(peak::run);
    options.works.iter().try_for_each(|work| measure(work, peak, options))
}

/// Measures one work: a network, or what has a line of its own here.
fn measure(work: &str, peak: Option<f64>, options: &Options) -> Result<()> {
    match work {
        "peak" => Ok(()),
        "activation" => activation::run(),
        "deep" => deep::run(),
        network => network::run(&Workload::named(network)?, &options.batches, peak),
    }
}

/// Prints one figure.
fn report(work: &str, what: &str, value: f64) {
    println!("{}", json!({"peer": "ceratops", "work": work, "what": what, "value": value}));
}
