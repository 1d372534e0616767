//! `ceratops completions`: what a shell needs to complete commands and options.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use crate::{Cli, console::Console, failure::Outcome};

/// Print what a shell needs to complete commands and options.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  source <(ceratops completions bash)
  ceratops completions zsh > ~/.zfunc/_ceratops
  ceratops completions fish > ~/.config/fish/completions/ceratops.fish
  ceratops completions powershell >> $PROFILE")]
pub(crate) struct Completions {
    /// Which shell.
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, console: &Console) -> Outcome {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "ceratops", &mut script);
        console.write(&script)?;
        Ok(ExitCode::SUCCESS)
    }
}
