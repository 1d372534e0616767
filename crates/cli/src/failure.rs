//! How a command ends that does not succeed: its message, its exit code.

use std::{
    io::{self, Write, stderr},
    process::ExitCode,
};

use ceratops::{Error, core::printable_lines};

/// The exit code of a command line that asks for what makes no sense, as of `grep` and others.
const USAGE: u8 = 2;

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line is wrong, whatever the files hold.
    Usage(String),
    /// What was asked for could not be done.
    Failed(Error),
    /// Whoever read the standard output reads no more, as `head` does when it has its lines.
    ClosedPipe,
}

/// What a command ends with.
pub(crate) type Outcome<T = ExitCode> = Result<T, Failure>;

impl Failure {
    /// A failure that the library does not know.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::Failed(Error::Data(message.into()))
    }

    /// Says on the standard error stream what went wrong, and returns the exit code: `trouble`
    /// where it is not the command line's fault.
    pub(crate) fn report(self, trouble: u8) -> ExitCode {
        let (message, code) = match self {
            // Nobody is there to be told, and nothing is wrong.
            Self::ClosedPipe => return ExitCode::SUCCESS,
            Self::Usage(message) => {
                (format!("{message}\n\nFor more information, try '--help'."), USAGE)
            }
            Self::Failed(error) => (error.to_string(), trouble),
        };
        // Where nobody can be told, the exit code still says it.
        let _ = writeln!(stderr(), "error: {}", printable_lines(&message));
        code.into()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// An error of the standard output; those of files come as the library's.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::Failed(Error::io("the standard output", error)),
        }
    }
}
