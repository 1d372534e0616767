//! The one error type. A message says what came, what was expected, and what to do.

use std::fmt;

use crate::{Shape, nearest};

/// `std::result::Result` with Ceratops' [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong in Ceratops.
///
/// The text of each is complete by itself; a container adds which layer it was.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A tensor has another shape than the operation needs.
    #[error("{what}: expected {}{expected}, got {found}{}", ShapeWord(expected), Help(help))]
    Shape {
        /// Which value it is.
        what: String,
        /// The shape that was wanted.
        expected: String,
        /// The shape that came.
        found: String,
        /// What to do; may be empty.
        help: String,
    },
    /// An argument has a value that cannot be used.
    #[error("invalid `{argument}`: expected {expected}, got {found}{}", Help(help))]
    Argument {
        /// The argument's name, as Keras spells it.
        argument: String,
        /// What was wanted.
        expected: String,
        /// What came.
        found: String,
        /// What to do; may be empty.
        help: String,
    },
    /// A name that nothing is known by.
    #[error("unknown {kind} `{name}`{}", DidYouMean(nearest, help))]
    Unknown {
        /// What kind of thing was looked for.
        kind: String,
        /// The name as it came.
        name: String,
        /// The nearest known name.
        nearest: Option<String>,
        /// What to do; may be empty.
        help: String,
    },
    /// A config or file says something that cannot be read; `path` leads to the place.
    #[error("{path}: {message}")]
    Config {
        /// The path of the offending key, as `config.layers[2].config.units`.
        path: String,
        /// What is wrong there.
        message: String,
    },
    /// An error within a layer of a model.
    #[error("{class_name} \"{name}\" (layer {index}): {cause}")]
    InLayer {
        /// The layer's class.
        class_name: String,
        /// The layer's name.
        name: String,
        /// The layer's place in the model, from 0.
        index: usize,
        /// The error itself, which the text already contains.
        cause: Box<Self>,
    },
    /// The model, or the order of calls on it, does not allow what was asked.
    #[error("{0}")]
    Model(String),
    /// The data, or what a file holds, cannot be used.
    #[error("{0}")]
    Data(String),
    /// The system could not read or write a file or a stream.
    #[error("{path}: {message}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        message: String,
    },
}

impl Error {
    /// `what` has shape `found` where `expected` was wanted; `help` says what to do.
    pub fn shape(
        what: impl Into<String>,
        expected: impl ToString,
        found: &[usize],
        help: impl Into<String>,
    ) -> Self {
        let found = Shape::of(found).to_string();
        Self::Shape { what: what.into(), expected: expected.to_string(), found, help: help.into() }
    }

    /// `argument` is `found` where `expected` was wanted.
    pub fn argument(
        argument: impl Into<String>,
        expected: impl Into<String>,
        found: impl ToString,
    ) -> Self {
        let found = found.to_string();
        Self::Argument {
            argument: argument.into(),
            expected: expected.into(),
            found,
            help: String::new(),
        }
    }

    /// `name` is not among the `known` names of this `kind`.
    pub fn unknown<'a>(
        kind: impl Into<String>,
        name: impl Into<String>,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let name = name.into();
        let nearest = nearest(&name, known).map(str::to_owned);
        Self::Unknown { kind: kind.into(), name, nearest, help: String::new() }
    }

    /// The value at `path` of a config cannot be read.
    pub fn config(path: impl Into<String>, message: impl ToString) -> Self {
        Self::Config { path: path.into(), message: message.to_string() }
    }

    /// A file operation on `path` failed.
    pub fn io(path: impl fmt::Display, cause: impl fmt::Display) -> Self {
        Self::Io { path: path.to_string(), message: cause.to_string() }
    }

    /// The same error with advice in place of what it had.
    #[must_use]
    pub fn with_help(mut self, advice: impl Into<String>) -> Self {
        if let Self::Shape { help, .. } | Self::Argument { help, .. } | Self::Unknown { help, .. } =
            &mut self
        {
            *help = advice.into();
        }
        self
    }

    /// The same error, saying in which layer it happened.
    #[must_use]
    pub fn in_layer(
        self,
        class_name: impl Into<String>,
        name: impl Into<String>,
        index: usize,
    ) -> Self {
        let (class_name, name) = (class_name.into(), name.into());
        Self::InLayer { class_name, name, index, cause: Box::new(self) }
    }

    /// The same error, its config path (if it has one) led by `prefix`.
    #[must_use]
    pub fn at(self, prefix: &str) -> Self {
        match self {
            Self::Config { path, message } if path.is_empty() => {
                Self::Config { path: prefix.to_owned(), message }
            }
            Self::Config { path, message } if path.starts_with('[') => {
                Self::Config { path: format!("{prefix}{path}"), message }
            }
            Self::Config { path, message } => {
                Self::Config { path: format!("{prefix}.{path}"), message }
            }
            other => Self::Config { path: prefix.to_owned(), message: other.to_string() },
        }
    }
}

/// Writes `; help` unless there is none.
struct Help<'a>(&'a str);

impl fmt::Display for Help<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "; {}", self.0) }
    }
}

/// Writes `shape ` before what is one.
struct ShapeWord<'a>(&'a str);

impl fmt::Display for ShapeWord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.starts_with('(') { write!(f, "shape ") } else { Ok(()) }
    }
}

/// Writes `; did you mean ...?` if there is a nearest name, and the help behind it in brackets.
struct DidYouMean<'a>(&'a Option<String>, &'a str);

impl fmt::Display for DidYouMean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (None, help) => Help(help).fmt(f),
            (Some(name), "") => write!(f, "; did you mean `{name}`?"),
            (Some(name), help) => write!(f, "; did you mean `{name}`? ({help})"),
        }
    }
}
