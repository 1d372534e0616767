//! `ceratops summary`: the table that Keras' `model.summary()` prints.

use std::{path::PathBuf, process::ExitCode};

use ceratops::{
    formats::Loaded,
    layers::summary::{self, Count, Row, Style},
    resume,
};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::{
    console::{Console, Form},
    failure::Outcome,
    model::load,
};

/// Print a model's layers, their output shapes and numbers of weights, as Keras prints them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ceratops summary lenet.keras
  ceratops summary lenet.h5 --style keras2 --line-length 100
  ceratops summary model.json --format json | jq .trainable_params")]
pub(crate) struct Summary {
    /// A file or folder of a model; `-` for the standard input.
    model: PathBuf,

    /// The length of a line; by default Keras', at most as wide as the terminal.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    line_length: Option<u16>,

    /// Whose table it looks like.
    #[arg(long, value_enum, default_value_t)]
    style: As,

    /// Show which layers train.
    #[arg(long)]
    trainable: bool,

    /// Show the layers of nested models too.
    #[arg(long)]
    expand_nested: bool,

    /// In which form.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

/// Whose table.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum As {
    /// Keras 3's.
    #[default]
    Keras3,
    /// Keras 2's.
    Keras2,
}

impl Summary {
    pub(super) fn run(self, console: &Console) -> Outcome {
        let summary = of(load(&self.model, console)?);
        if self.format == Form::Json {
            console.print_json(json(&summary))?;
            return Ok(ExitCode::SUCCESS);
        }
        let style = match self.style {
            As::Keras3 => Style::Keras3,
            As::Keras2 => Style::Keras2,
        };
        let mut summary = summary
            .style(style)
            .show_trainable(self.trainable)
            .expand_nested(self.expand_nested)
            .for_stdout();
        if let Some(cells) = self.line_length {
            summary = summary.line_length(cells.into());
        }
        console.print_as_is(summary)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The summary of a model, with the numbers of its optimizer if the file has them, as Keras prints
/// it after loading.
fn of(loaded: Loaded) -> summary::Summary {
    let plain = loaded.model.summary();
    if loaded.training.is_none() {
        return plain;
    }
    resume(loaded).map_or(plain, |compiled| compiled.summary())
}

fn json(summary: &summary::Summary) -> Value {
    let row = |row: &Row| {
        json!({
            "name": row.name,
            "class_name": row.class_name,
            "output_shape": row.output_shape,
            "params": row.params,
            "trainable": row.trainable,
            "depth": row.depth,
        })
    };
    let totals = &summary.totals;
    let optimizer = totals.optimizer.unwrap_or_default();
    let total: Count = totals.trainable + totals.non_trainable + optimizer;
    json!({
        "name": summary.name,
        "layers": summary.rows.iter().map(row).collect::<Vec<_>>(),
        "total_params": total.params,
        "trainable_params": totals.trainable.params,
        "non_trainable_params": totals.non_trainable.params,
        "optimizer_params": optimizer.params,
    })
}
