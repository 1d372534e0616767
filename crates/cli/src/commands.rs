//! The commands, one file each.

mod activations;
mod completions;
mod convert;
mod diagnose;
mod diff;
mod evaluate;
mod inspect;
mod plot;
mod predict;
mod summary;
mod train;

use clap::Subcommand;

use crate::{console::Console, failure::Outcome};

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Summary(summary::Summary),
    Predict(predict::Predict),
    Evaluate(evaluate::Evaluate),
    Train(Box<train::Train>),
    Diagnose(diagnose::Diagnose),
    Convert(convert::Convert),
    Inspect(inspect::Inspect),
    Diff(diff::Diff),
    Plot(plot::Plot),
    Activations(activations::Activations),
    Completions(completions::Completions),
}

impl Command {
    /// Does it.
    pub(crate) fn run(self, console: &Console) -> Outcome {
        match self {
            Self::Summary(summary) => summary.run(console),
            Self::Predict(predict) => predict.run(console),
            Self::Evaluate(evaluate) => evaluate.run(console),
            Self::Train(train) => train.run(console),
            Self::Diagnose(diagnose) => diagnose.run(console),
            Self::Convert(convert) => convert.run(console),
            Self::Inspect(inspect) => inspect.run(console),
            Self::Diff(diff) => diff.run(console),
            Self::Plot(plot) => plot.run(console),
            Self::Activations(activations) => activations.run(console),
            Self::Completions(completions) => completions.run(console),
        }
    }

    /// The exit code where it failed. That of `diff` is not the one for two models that differ.
    pub(crate) fn trouble(&self) -> u8 {
        if matches!(self, Self::Diff(_)) { 2 } else { 1 }
    }
}
