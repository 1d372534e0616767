//! `ceratops diagnose`: what goes on in each layer of a model, and what is unusual there.

use std::{path::PathBuf, process::ExitCode};

use ceratops::{
    Result,
    core::{Arrays, Inputs},
    formats::Loaded,
    train::{Compile, CompiledModel, Diagnose as _, Diagnosis, losses::Losses},
};
use clap::Args;
use serde_json::Value;

use super::evaluate::{given, resumed_as_saved};
use crate::{
    console::{Console, Form},
    failure::Outcome,
    input::{self, Ends},
    json,
    model::Source,
    threads::Threads,
    values::{Identifier, loss, optimizer},
};

/// Look into the layers of a model while it answers for samples: dead units, saturated values, the
/// slopes of PReLU, and where NaN comes from.
///
/// With the right answers (--y) also into what it would learn: gradients, and how large the next
/// update is. A file that says how the model was compiled needs no --optimizer and --loss then. A
/// model without weights is looked at as it would begin.
#[derive(Debug, Args)]
#[command(after_help = format!("{}\n\n{EXAMPLES}", input::HELP))]
pub(crate) struct Diagnose {
    #[command(flatten)]
    source: Source,

    /// The samples; a hundred will do.
    #[arg(long, value_name = "X.npy")]
    x: PathBuf,

    /// Their right answers.
    #[arg(long, value_name = "Y.npy")]
    y: Option<PathBuf>,

    /// The optimizer: a name, or JSON as Keras writes it (also @FILE, or a path that ends in .json).
    #[arg(long, value_name = "OPTIMIZER", value_parser = optimizer, requires = "loss")]
    optimizer: Option<Identifier>,

    /// The loss: a name, or JSON likewise; for several outputs a list, or an object by their names.
    #[arg(long, value_name = "LOSS", value_parser = loss, requires_all = ["y", "optimizer"])]
    loss: Option<Identifier>,

    /// In which form.
    #[arg(long, value_enum, default_value_t)]
    format: Form,

    #[command(flatten)]
    threads: Threads,
}

const EXAMPLES: &str = "\
Examples:
  ceratops diagnose lenet.keras --x test_x.npy
  ceratops diagnose lenet.keras --x test.npz --y test.npz
  ceratops diagnose model.json --x x.npy --y y.npy --optimizer adam --loss mse --format json";

impl Diagnose {
    pub(super) fn run(self, console: &Console) -> Outcome {
        input::one_stream([&self.source.model, &self.x].into_iter().chain(&self.y))?;
        self.threads.start()?;
        let x = input::arrays(&self.x)?;
        let y = self.y.as_ref().map(|path| input::arrays(path)).transpose()?;
        let loaded = self.source.open(x.sample("x")?.as_ref(), console)?;
        let diagnosis = match (y, &self.y) {
            (Some(y), Some(path)) => {
                let model = self.compiled(loaded, console)?;
                let (x, y) = given(&model, (x, &self.x), (y, path))?;
                model.diagnose_training(in_memory(&x)?, in_memory(&y)?)?
            }
            _ => {
                let x = x.given(&Ends::inputs(&loaded.model), &self.x)?;
                loaded.model.diagnose(in_memory(&x)?)?
            }
        };
        match self.format {
            Form::Json => console.print_json(json_of(&diagnosis)?)?,
            Form::Text => console.print(&diagnosis)?,
        }
        Ok(ExitCode::SUCCESS)
    }

    fn compiled(&self, loaded: Loaded, console: &Console) -> Outcome<CompiledModel> {
        match (&self.optimizer, &self.loss) {
            (Some(optimizer), Some(loss)) => {
                let losses = Losses::from_json(&loss.value)?.strict();
                Ok(loaded.model.compile(&optimizer.value, losses, ())?)
            }
            _ => resumed_as_saved(loaded, &self.source, console),
        }
    }
}

fn in_memory(given: &Arrays) -> Result<Inputs> {
    given.clone().try_map(|samples| samples.read(0..samples.len()))
}

/// All of it as JSON, in which an infinite loss is told from one that is NaN.
fn json_of(diagnosis: &Diagnosis) -> ceratops::Result<String> {
    let Value::Object(found) = diagnosis.to_json()? else { return Ok(String::new()) };
    Ok(json::object(found.iter().map(|(name, value)| {
        let loss = diagnosis.loss.filter(|_| name == "loss");
        (name.as_str(), loss.map_or_else(|| value.to_string(), json::number))
    })))
}
