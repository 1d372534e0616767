//! Subject: the config of one layer or object, which the rules change.

use ceratops_core::Error;
use serde_json::{Map, Value};

use super::{
    Change,
    log::{Log, join},
};

/// The config of one layer or object, on its way to Keras 3.
pub(super) struct Subject<'a> {
    pub(super) class_name: &'a str,
    pub(super) config: &'a mut Map<String, Value>,
    /// Where the config stands in the upgraded document.
    pub(super) path: &'a str,
    pub(super) log: &'a mut Log,
}

impl Subject<'_> {
    /// Takes the value at `old` for `new`, unless there is one.
    pub(super) fn rename(&mut self, old: &str, new: &str) {
        if !self.config.contains_key(new)
            && let Some(value) = self.config.remove(old)
        {
            if value.is_null() {
                self.log.moved(self.path, old, new);
            } else {
                self.renamed(old, new, format!("`{new}`"));
            }
            self.config.insert(new.to_owned(), value);
        }
    }

    /// Notes that the value at `new` was at `old`.
    pub(super) fn renamed(&mut self, old: &str, new: &str, text: impl Into<String>) {
        self.log.note(&join(self.path, old), Change::Renamed, text);
        self.log.moved(self.path, old, new);
    }

    /// Passes over the value at `key`, and says why that is safe.
    pub(super) fn ignore(&mut self, key: &str, why: &str) {
        if self.config.remove(key).is_some_and(|value| !value.is_null()) {
            self.log.note(&join(self.path, key), Change::Ignored, why);
        }
    }

    /// Puts `name` in place of the value at `key`.
    pub(super) fn replace(&mut self, key: &str, name: &str) {
        self.log.note(&join(self.path, key), Change::Reinterpreted, format!("`{name}`"));
        self.config.insert(key.to_owned(), name.into());
    }

    /// An error about the value at `key`.
    pub(super) fn error(&self, key: &str, message: impl ToString) -> Error {
        Error::config(join(self.path, key), message)
    }
}
