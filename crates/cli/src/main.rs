#![doc = include_str!("../README.md")]

mod commands;
mod console;
mod failure;
mod input;
mod interrupt;
mod json;
mod leaf;
mod model;
mod output;
mod places;
mod threads;
mod values;

use std::process::ExitCode;

use clap::Parser;

use commands::Command;
use console::Console;

/// Opens, runs, trains, converts and compares the models of Keras 1 to 3 and of TensorFlow.js.
///
/// A MODEL is any file that holds one: .keras, .h5, the folder or model.json of TensorFlow.js, an
/// architecture as JSON. Which kind it is, the file itself tells, not its name; `-` is the
/// standard input. Nothing in a file is ever executed.
#[derive(Debug, Parser)]
#[command(name = "ceratops", version, after_help = EXIT_CODES, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    console: Console,
}

const EXIT_CODES: &str = "\
Exit codes: 0 it is done, 1 it failed, 2 the command line is wrong (for `diff`: 0 the models are \
the same, 1 they differ, 2 trouble).

`ceratops COMMAND --help` shows examples of each.";

fn main() -> ExitCode {
    interrupt::outlive_full_files();
    let Cli { command, console } = Cli::parse();
    let trouble = command.trouble();
    command.run(&console).unwrap_or_else(|failure| failure.report(trouble))
}
