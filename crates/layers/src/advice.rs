//! What to do about a name that nothing is known by.

use ceratops_core::Error;

/// `error` with `help` where no known name is near: a near one is all the help that is needed.
pub(crate) fn advise(error: Error, help: impl Into<String>) -> Error {
    match &error {
        Error::Unknown { nearest: None, .. } => error.with_help(help),
        _ => error,
    }
}
