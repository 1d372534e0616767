//! Names of files with places for numbers: `{epoch:02d}-{val_loss:.2f}.keras`.

use std::path::{Path, PathBuf};

use ceratops_core::{Error, Result};

use super::python::{Number, Spec};

/// A name of a file with places for numbers, as Python's `str.format` fills them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FileName(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Field(String, Spec),
}

impl FileName {
    /// Reads `{name}` and `{name:format}`; two braces stand for one.
    pub(super) fn parse(path: &Path) -> Result<Self> {
        let wrong = |expected: &str| Error::argument("filepath", expected, path.display());
        let mut rest = path.to_str().ok_or_else(|| wrong("a path in UTF-8"))?;
        let (mut parts, mut text) = (Vec::new(), String::new());
        while let Some(at) = rest.find(['{', '}']) {
            text += &rest[..at];
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(behind) = rest.strip_prefix(brace) {
                text += brace;
                rest = behind;
                continue;
            }
            let end = rest.find('}').filter(|_| brace == "{");
            let end =
                end.ok_or_else(|| wrong("a { for each } (two of them for one in the name)"))?;
            let (name, spec) = rest[..end].split_once(':').unwrap_or((&rest[..end], ""));
            if name.is_empty() || name.contains(['{', '!']) {
                return Err(wrong("names between { and }, as {epoch:02d}"));
            }
            parts.push(Part::Text(std::mem::take(&mut text)));
            parts.push(Part::Field(name.to_owned(), Spec::parse(spec)?));
            rest = &rest[end + 1..];
        }
        parts.push(Part::Text(text + rest));
        Ok(Self(parts))
    }

    /// The folder that is known before any number.
    pub(super) fn folder(&self) -> PathBuf {
        let Some(Part::Text(text)) = self.0.first() else { return PathBuf::new() };
        let path = Path::new(text);
        // A separator at the end says that the number begins a name.
        let open = text.ends_with(std::path::is_separator);
        if open { path.into() } else { path.parent().unwrap_or(path).into() }
    }

    /// The texts between the places for numbers: one more of them than there are places.
    pub(super) fn literals(&self) -> Vec<String> {
        let texts = self.0.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Field(..) => None,
        });
        texts.collect()
    }

    /// The name with these numbers in their places.
    pub(super) fn fill(&self, numbers: &[(&str, Number)]) -> Result<PathBuf> {
        let mut path = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => path += text,
                Part::Field(name, spec) => {
                    let found = numbers.iter().find(|(known, _)| known == name);
                    let (_, number) = found.ok_or_else(|| {
                        let known: Vec<&str> = numbers.iter().map(|(name, _)| *name).collect();
                        let help = format!("filepath may name {}", known.join(", "));
                        Error::unknown("value in filepath", name, known).with_help(help)
                    })?;
                    path += &spec.write(name, *number)?;
                }
            }
        }
        Ok(path.into())
    }
}
