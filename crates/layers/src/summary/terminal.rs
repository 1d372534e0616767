//! Printing to the terminal, with its width and in its colours.

use std::env;
use std::io::{self, IsTerminal, Write};

use ceratops_core::{Error, Result};

use super::Summary;

impl Summary {
    /// Prints the summary to the standard output: as wide as the terminal allows (or the
    /// environment variable `COLUMNS`), and in colours unless `NO_COLOR` is set or it is no
    /// terminal.
    pub fn print(&self) -> Result<()> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{}", self.clone().for_stdout())
            .and_then(|()| stdout.flush())
            .map_err(|cause| Error::io("the standard output", cause))
    }

    /// The summary in the width and the colours in which [`print`](Self::print) prints it.
    #[must_use]
    pub fn for_stdout(self) -> Self {
        let colored = self.options.colored || (io::stdout().is_terminal() && has_colors());
        self.columns(columns()).colored(colored)
    }
}

/// Whether the user wants colours and the terminal has them.
fn has_colors() -> bool {
    let set = |name| env::var_os(name).unwrap_or_default();
    set("NO_COLOR").is_empty() && !matches!(set("TERM").to_str(), Some("dumb" | "unknown"))
}

/// The width of the console: what `COLUMNS` says, what the terminal says, or 80.
fn columns() -> usize {
    let wanted = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    wanted.filter(|&columns| columns > 0).or_else(terminal_columns).unwrap_or(80)
}

#[cfg(not(target_arch = "wasm32"))]
fn terminal_columns() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(width.0)).filter(|&columns| columns > 0)
}

#[cfg(target_arch = "wasm32")]
fn terminal_columns() -> Option<usize> {
    None
}
