//! What is said, and where: results on the standard output, all else on the standard error stream.

use std::{
    fmt::Display,
    io::{IsTerminal, Write, stderr, stdout},
};

use ceratops::{
    core::{is_printable, printable_lines},
    train::Verbose,
};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::failure::{Failure, Outcome};

/// How much is said.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Console {
    /// Say also how the files were read.
    #[arg(long, short, global = true, display_order = 900, conflicts_with = "quiet")]
    verbose: bool,

    /// Say nothing but results and errors.
    #[arg(long, short, global = true, display_order = 901)]
    quiet: bool,
}

/// In which form a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Form {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

impl Console {
    /// Prints a result, with a line break behind it. Names in it come from files, and may hold what a
    /// terminal would obey.
    pub(crate) fn print(&self, result: impl Display) -> Outcome<()> {
        self.print_as_is(printable_lines(&result.to_string()))
    }

    /// Prints a result in JSON, in which the same characters have escapes of JSON.
    pub(crate) fn print_json(&self, result: impl Display) -> Outcome<()> {
        let mut text = String::new();
        for c in result.to_string().chars() {
            if is_printable(c) {
                text.push(c);
            } else {
                text.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
        }
        self.print_as_is(text)
    }

    /// Prints a result whose own escape sequences are meant, with a line break behind it.
    pub(crate) fn print_as_is(&self, result: impl Display) -> Outcome<()> {
        self.write(format!("{result}\n").as_bytes())
    }

    /// Writes a result of bytes.
    pub(crate) fn write(&self, result: &[u8]) -> Outcome<()> {
        let mut stdout = stdout().lock();
        stdout.write_all(result).and_then(|()| stdout.flush()).map_err(Failure::from)
    }

    /// Says what the user should know of.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            say(text);
        }
    }

    /// Says what the user may want to know.
    pub(crate) fn detail(&self, text: impl Display) {
        if self.verbose {
            say(text);
        }
    }

    /// What `fit` shows.
    pub(crate) fn fit(&self) -> Verbose {
        if self.quiet { Verbose::Silent } else { Verbose::Auto }
    }

    /// A bar for work of `len` samples, which shows on a terminal only.
    pub(crate) fn progress(&self, len: usize) -> ProgressBar {
        if self.quiet || !stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(Some(len as u64), ProgressDrawTarget::stderr());
        match ProgressStyle::with_template("{pos}/{len} {bar:20.green/white} {eta} left") {
            Ok(style) => bar.with_style(style.progress_chars("━━")),
            Err(_) => bar,
        }
    }
}

/// Writes a line. That nobody can read it is no reason to fail.
fn say(text: impl Display) {
    let _ = writeln!(stderr(), "{}", printable_lines(&text.to_string()));
}
