//! What the upgrade does to a document, so that messages can speak of it as it came.

use std::collections::HashMap;

use ceratops_core::Error;

use super::{Change, Note, Report, dialect::Detected};

/// What is known of a document, and what was done to it.
///
/// Rules name places as they are in the upgraded document. The log knows where they were.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) detected: Detected,
    /// Whether any layer of the document makes masks.
    pub(super) masks: bool,
    notes: Vec<Note>,
    /// Of values that were moved, the new path and the old.
    moved: HashMap<String, String>,
}

impl Log {
    /// The log of a model whose entry stood at `root` within the document.
    pub(super) fn new(detected: Detected, root: &str) -> Self {
        let moved = HashMap::from([(String::new(), root.to_owned())]);
        Self { detected, masks: false, notes: Vec::new(), moved }
    }

    /// Remembers that what is now at `new` below `path` was at `old` below it.
    pub(super) fn moved(&mut self, path: &str, old: &str, new: &str) {
        let old = join(&self.original(path), old);
        self.moved.insert(join(path, new), old);
    }

    /// Remembers of several values below `path` at once where they were, the old place first; where
    /// one was before may be where another one is now.
    pub(super) fn all_moved(&mut self, path: &str, moves: Vec<(String, String)>) {
        let moves = moves.into_iter().filter(|(old, new)| old != new);
        let origin =
            |(old, new): (String, String)| (join(path, &new), self.original(&join(path, &old)));
        let moves: Vec<_> = moves.map(origin).collect();
        self.moved.extend(moves);
    }

    /// Notes what was done to the value at `path`.
    pub(super) fn note(&mut self, path: &str, change: Change, text: impl Into<String>) {
        self.note_at(self.original(path), change, text);
    }

    /// [`Log::note`], unless the same was said of another place.
    pub(super) fn note_once(&mut self, path: &str, change: Change, text: String) {
        if !self.notes.iter().any(|note| note.change == change && note.text == text) {
            self.note(path, change, text);
        }
    }

    /// The same for a path of the document as it came.
    pub(super) fn note_at(&mut self, path: String, change: Change, text: impl Into<String>) {
        self.notes.push(Note { path, change, text: text.into() });
    }

    /// Where the value at `path` of the upgraded document was: the innermost value above it that
    /// was moved tells.
    fn original(&self, path: &str) -> String {
        let mut above = path;
        while !self.moved.contains_key(above) && !above.is_empty() {
            above = &above[..above.rfind(['.', '[']).unwrap_or(0)];
        }
        let old = self.moved.get(above).map_or("", String::as_str);
        join(old, path[above.len()..].trim_start_matches('.'))
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
