//! `ceratops activations`: the list of activation functions.

use std::process::ExitCode;

use ceratops::activations::{BUILTIN, Entry};
use clap::Args;
use serde_json::{Value, json};

use crate::{
    console::{Console, Form},
    failure::Outcome,
};

/// List the activation functions: their names, formulas and other names.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ceratops activations
  ceratops activations --format json | jq -r '.[].name'")]
pub(crate) struct Activations {
    /// In which form.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

impl Activations {
    pub(super) fn run(self, console: &Console) -> Outcome {
        match self.format {
            Form::Text => console.print(text())?,
            Form::Json => console.print_json(BUILTIN.iter().map(json).collect::<Value>())?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn text() -> String {
    let width = BUILTIN.iter().map(|entry| entry.name.len()).max().unwrap_or(0);
    let line = |entry: &Entry| {
        let also = match entry.aliases {
            [] => String::new(),
            aliases => format!("   (also {})", aliases.join(", ")),
        };
        format!("{:width$}  {}{also}", entry.name, entry.formula)
    };
    BUILTIN.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn json(entry: &Entry) -> Value {
    json!({ "name": entry.name, "aliases": entry.aliases, "formula": entry.formula })
}
