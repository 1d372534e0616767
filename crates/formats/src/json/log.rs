//! What the upgrade does to a document, so that messages can speak of it as it came.

use ceratops_core::Error;

use super::{Change, Note, Report, dialect::Detected};

/// What is known of a document, and what was done to it.
///
/// Rules name places as they are in the upgraded document. The log knows where they were.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) detected: Detected,
    notes: Vec<Note>,
    moved: Vec<Moved>,
}

/// A value that stands at `new` in the upgraded document and stood at `old` before.
#[derive(Debug)]
struct Moved {
    new: String,
    old: String,
}

impl Log {
    /// The log of a model whose entry stood at `root` within the document.
    pub(super) fn new(detected: Detected, root: &str) -> Self {
        let root = Moved { new: String::new(), old: root.to_owned() };
        Self { detected, notes: Vec::new(), moved: vec![root] }
    }

    /// Remembers that what is now at `new` below `path` was at `old` below it.
    pub(super) fn moved(&mut self, path: &str, old: &str, new: &str) {
        let old = join(&self.original(path), old);
        self.moved.push(Moved { new: join(path, new), old });
    }

    /// Notes what was done to the value at `path`.
    pub(super) fn note(&mut self, path: &str, change: Change, text: impl Into<String>) {
        self.note_at(self.original(path), change, text);
    }

    /// The same for a path of the document as it came.
    pub(super) fn note_at(&mut self, path: String, change: Change, text: impl Into<String>) {
        self.notes.push(Note { path, change, text: text.into() });
    }

    /// Where the value at `path` of the upgraded document was.
    fn original(&self, path: &str) -> String {
        let below = |moved: &Moved| {
            let rest = path.strip_prefix(moved.new.as_str())?;
            let whole = moved.new.is_empty() || rest.is_empty() || rest.starts_with(['.', '[']);
            whole.then(|| join(&moved.old, rest.trim_start_matches('.')))
        };
        // Of two values that went to the same place, such as a list and its first item, the later
        // record is the nearer.
        let nearest = self.moved.iter().filter(|moved| below(moved).is_some());
        nearest.max_by_key(|moved| moved.new.len()).and_then(below).unwrap_or_default()
    }

    /// The same error about the document as it came.
    pub(super) fn locate(&self, error: Error) -> Error {
        match error {
            Error::Config { path, message } => Error::config(self.original(&path), message),
            other => other,
        }
    }

    pub(super) fn into_report(self) -> Report {
        let Detected { dialect, version, .. } = self.detected;
        Report { dialect, version, notes: self.notes }
    }
}

/// `path.step`, or `path[3]`; an empty part adds nothing.
pub(super) fn join(path: &str, step: &str) -> String {
    let dot = if path.is_empty() || step.is_empty() || step.starts_with('[') { "" } else { "." };
    format!("{path}{dot}{step}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_finds_its_way_back() {
        let mut log = Log::new(Detected::default(), "modelTopology");
        log.moved("config", "", "layers");
        log.moved("config.layers[1].config", "alpha", "negative_slope");
        for (new, old) in [
            ("", "modelTopology"),
            ("class_name", "modelTopology.class_name"),
            ("config.name", "modelTopology.config.name"),
            ("config.layers", "modelTopology.config"),
            ("config.layers[1]", "modelTopology.config[1]"),
            ("config.layersX", "modelTopology.config.layersX"),
            ("config.layers[1].config.negative_slope", "modelTopology.config[1].config.alpha"),
            ("config.layers[11].config.x", "modelTopology.config[11].config.x"),
        ] {
            assert_eq!(log.original(new), old, "{new}");
        }
    }
}
