//! `ceratops predict`: a model's output for samples.

use std::{path::PathBuf, process::ExitCode};

use ceratops::{Result, Tensor, formats::Loaded};
use clap::Args;
use indicatif::ProgressBar;

use crate::{
    console::Console,
    failure::{Failure, Outcome},
    input,
    model::Source,
    output::{self, Named},
    threads::Threads,
    values::count,
};

/// Compute a model's output for samples, which the first axis of the input counts.
#[derive(Debug, Args)]
#[command(after_help = format!("{}\n\n{EXAMPLES}", input::HELP))]
pub(crate) struct Predict {
    #[command(flatten)]
    source: Source,

    /// The samples: an array of the shape that the model takes.
    #[arg(long, value_name = "X.npy")]
    input: PathBuf,

    /// Where the output goes; .npz or a folder where the model has several.
    #[arg(long, value_name = "Y.npy")]
    output: PathBuf,

    /// How many samples go through the model at once.
    #[arg(long, value_name = "N", default_value = "1024", value_parser = count,
          allow_negative_numbers = true)]
    batch_size: usize,

    #[command(flatten)]
    threads: Threads,
}

const EXAMPLES: &str = "\
Examples:
  ceratops predict lenet.keras --input digits.npy --output scores.npy
  ceratops predict model.json --weights w.h5 --input test.npz:x --output y.npy
  cat digits.npy | ceratops predict lenet.h5 --input - --output - > scores.npy";

impl Predict {
    pub(super) fn run(self, console: &Console) -> Outcome {
        if [&self.source.model, &self.input].iter().all(|path| path.as_os_str() == "-") {
            let message = "the model and --input cannot both be the standard input";
            return Err(Failure::Usage(message.into()));
        }
        self.threads.start()?;
        let x = input::array(&self.input, "x")?;
        let loaded = self.source.open_trained(&x, console)?;
        let names = output_names(&loaded);
        output::check(&self.output, names.len())?;
        let bar = console.progress(x.batch());
        let outputs = predict(&loaded, &x, self.batch_size, &bar)?;
        bar.finish_and_clear();
        output::write(&self.output, names.into_iter().zip(outputs).collect::<Named>(), console)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The names of the model's outputs.
fn output_names(loaded: &Loaded) -> Vec<String> {
    let _ = loaded;
    vec!["output".into()]
}

/// The model's outputs for the samples of `x`.
fn predict(
    loaded: &Loaded,
    x: &Tensor,
    batch_size: usize,
    bar: &ProgressBar,
) -> Result<Vec<Tensor>> {
    let n = x.batch();
    let mut parts: Vec<Tensor> = Vec::new();
    for start in (0..n).step_by(batch_size) {
        let end = n.min(start.saturating_add(batch_size));
        parts.push(loaded.model.predict(x.batch_slice(start..end)?)?);
        bar.set_position(end as u64);
    }
    // No samples, or no axis that counts them: the model says what it makes of that.
    if parts.is_empty() {
        parts.push(loaded.model.predict(x)?);
    }
    Ok(vec![Tensor::concat(&parts)?])
}
