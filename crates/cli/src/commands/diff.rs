//! `ceratops diff`: where two models part.

mod align;
mod compare;
mod connections;
mod initializers;
mod samples;
mod tell;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use ceratops::{Result, core::Inputs, layers::Model};
use clap::Args;

use crate::{
    console::{Console, Form},
    failure::{Failure, Outcome},
    input::{self, Ends},
    model::load,
};

/// Compare two models layer by layer: configs, weights, and outputs. Where do they part?
#[derive(Debug, Args)]
#[command(after_help = format!("{HELP}\n\n{EXAMPLES}"))]
pub(crate) struct Diff {
    /// A model.
    a: PathBuf,

    /// Another.
    b: PathBuf,

    /// The samples that both are asked about; without, some are drawn in the shape that A takes.
    #[arg(long, value_name = "X.npy")]
    input: Option<PathBuf>,

    /// Whence samples are drawn.
    #[arg(long, value_name = "S", default_value_t = 0, allow_negative_numbers = true)]
    seed: u64,

    /// Differences of weights and outputs up to this count as none.
    #[arg(long, value_name = "T", default_value = "1e-6", value_parser = tolerance,
          allow_negative_numbers = true)]
    tolerance: f32,

    /// In which form.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

const HELP: &str = "\
Layers are matched in their order; classes and names decide which belong together. Weights and \
outputs are compared where both files hold weights.

Exit codes: 0 the models are the same, 1 they differ, 2 trouble.";

const EXAMPLES: &str = "\
Examples:
  ceratops diff before.keras after.keras
  ceratops diff model.h5 web/model.json --input digits.npy --tolerance 1e-4
  ceratops diff a.keras b.keras --format json | jq -r .verdict";

fn tolerance(text: &str) -> Result<f32, String> {
    let tolerance = text.parse().ok().filter(|&tolerance: &f32| tolerance >= 0.0);
    tolerance.ok_or_else(|| "expected a number of at least 0".into())
}

impl Diff {
    pub(super) fn run(self, console: &Console) -> Outcome {
        let streams = [Some(&self.a), Some(&self.b), self.input.as_ref()];
        if streams.into_iter().flatten().filter(|path| path.as_os_str() == "-").count() > 1 {
            let message = "only one of A, B and --input can be the standard input";
            return Err(Failure::Usage(message.into()));
        }
        let (a, b) = (load(&self.a, console)?, load(&self.b, console)?);
        let given = self.input.as_ref().map(|path| given(&a.model, path)).transpose()?;
        let outputs = samples::outputs(&a, &b, given, self.seed)?;
        let rows = compare::rows(&a, &b, &outputs, self.tolerance)?;
        let (names, tolerance) = ([&self.a, &self.b].map(|path| input::name(path)), self.tolerance);
        let found = tell::Found { names, a: &a, b: &b, outputs: &outputs, rows, tolerance };
        match self.format {
            Form::Text => console.print(found.text())?,
            Form::Json => console.print_json(found.json())?,
        }
        Ok(ExitCode::from(u8::from(!found.same())))
    }
}

/// The samples at `path` for the inputs of `model`.
fn given(model: &Model, path: &Path) -> Result<Inputs> {
    let given = input::arrays(path)?.given(&Ends::inputs(model), path)?;
    given.try_map(|samples| samples.read(0..samples.len()))
}
