//! What the reader made of a document.

use std::fmt;

use super::Dialect;

/// What was read, and what was changed or passed over on the way.
///
/// ```
/// use ceratops_formats::json;
/// use ceratops_layers::Registry;
///
/// let document = r#"{"class_name": "Sequential", "keras_version": "2.2.2", "config": [
///     {"class_name": "LeakyReLU", "config": {"alpha": 0.5, "batch_input_shape": [null, 4]}}
/// ]}"#;
/// let report = json::read(document, &Registry::builtin())?.report;
/// assert_eq!(
///     report.to_string(),
///     "Keras 2 (version 2.2.2)\n  config[0].config.alpha: renamed to `negative_slope`"
/// );
/// # Ok::<(), ceratops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whose words the document uses.
    pub dialect: Dialect,
    /// The version that wrote it, if it says so: `2.21.0`, `tfjs-layers 4.22.0`.
    pub version: Option<String>,
    /// What was done, key by key.
    pub notes: Vec<Note>,
}

/// One thing that was done to a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The place in the document as it came: `config.layers[2].config.alpha`.
    pub path: String,
    /// What kind of thing.
    pub change: Change,
    /// What exactly, and why it is safe.
    pub text: String,
}

/// What can happen to a part of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Its name is another one in Keras 3.
    Renamed,
    /// It means something else in Keras 3, and was put in other words.
    Reinterpreted,
    /// It was passed over.
    Ignored,
    /// It was written as something else that computes the same.
    Rewritten,
    /// It was written as it is, but does not mean the same everywhere.
    Kept,
    /// It was not written.
    LeftOut,
    /// The file does not have it.
    Missing,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.dialect.fmt(f)?;
        if let Some(version) = &self.version {
            write!(f, " (version {version})")?;
        }
        self.notes.iter().try_for_each(|note| write!(f, "\n  {note}"))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = match self.change {
            Change::Renamed => "renamed to",
            Change::Reinterpreted => "read as",
            Change::Ignored => "ignored:",
            Change::Rewritten => "written as",
            Change::Kept => "kept, but",
            Change::LeftOut => "left out:",
            Change::Missing => "missing:",
        };
        let path = if self.path.is_empty() { "the document" } else { &self.path };
        write!(f, "{path}: {change} {}", self.text)
    }
}
