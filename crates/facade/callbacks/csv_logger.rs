//! CSVLogger: a line of a table after each epoch.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::PathBuf,
};

use ceratops_core::{Error, Result};
use ceratops_train::{Callback, Logs, Training};
use serde_json::{Value, json};

use super::python::repr;

/// How much of a file is read for its columns.
const LONGEST_HEADER: u64 = 1 << 20;

/// Writes the logs of each epoch to a table, byte by byte as Keras does.
///
/// The columns are those of the first epoch in the order of the alphabet, behind `epoch` (counted
/// from 0). Where validation comes in later epochs only, there is a `val_` column for each; what is
/// missing is `NA`. Other names that come later are left out. Keras has such columns also where nothing
/// is ever validated on, which `fit` knows.
///
/// ```
/// use ceratops::{callbacks::CSVLogger, prelude::*};
///
/// # let file = std::env::temp_dir().join("ceratops-docs-log.csv");
/// let mut model = sequential![Input::new([1]), Dense::new(1)]?.compile("sgd", "mse", ())?;
/// let (x, y) = (Tensor::zeros(&[4, 1]), Tensor::full(&[4, 1], 2.0));
/// model.fit(x, y, FitOptions::new().callback(CSVLogger::new(&file)))?;
/// # let read = |file| std::fs::read_to_string(file).map_err(|e| Error::io("log", e));
/// assert_eq!(read(&file)?, "epoch,loss\r\n0,4.0\r\n");
/// # Ok::<(), Error>(())
/// ```
///
/// `fit` ends with an error before the first epoch where the file cannot be written, or where it is
/// to be appended to and is no such table. Rows that are appended go under the columns that are
/// there; Keras does not look at them.
///
/// Source: Keras, `keras.callbacks.CSVLogger`.
#[derive(Debug)]
#[must_use]
pub struct CSVLogger {
    filename: PathBuf,
    separator: char,
    append: bool,
    file: Option<File>,
    /// What is in the file is older than this training, and goes.
    stale: bool,
    columns: Option<Vec<String>>,
    length: u64,
}

impl CSVLogger {
    /// Writes to that file, over what is in it.
    pub fn new(filename: impl Into<PathBuf>) -> Self {
        let filename = filename.into();
        let (file, columns, stale) = (None, None, false);
        Self { filename, separator: ',', append: false, file, stale, columns, length: 0 }
    }

    /// What stands between two columns.
    pub fn separator(self, separator: char) -> Self {
        Self { separator, ..self }
    }

    /// Whether rows are added to a file that is there.
    pub fn append(self, append: bool) -> Self {
        Self { append, ..self }
    }

    fn fault(&self, cause: impl std::fmt::Display) -> Error {
        Error::io(self.filename.display(), cause)
    }

    /// Leaves the first `length` bytes of the file.
    fn cut(&mut self, length: u64) -> Result<()> {
        let cut = self.file.as_ref().filter(|file| is_kept(file));
        let cut = cut.map_or(Ok(()), |file| file.set_len(length));
        cut.map_err(|e| self.fault(e))?;
        (self.length, self.stale) = (length, false);
        Ok(())
    }

    /// The columns of the table that is there; none where the file is empty.
    fn columns_there(&self) -> Result<Option<Vec<String>>> {
        let (mut text, fault) = (Vec::new(), |e| self.fault(e));
        let file = File::open(&self.filename).map_err(fault)?;
        file.take(LONGEST_HEADER).read_to_end(&mut text).map_err(fault)?;
        if text.is_empty() {
            return Ok(None);
        }
        let mut columns = first_record(&String::from_utf8_lossy(&text), self.separator);
        if columns.first().is_none_or(|name| name != "epoch") {
            let message = "it is to be appended to, but its first column is not \"epoch\"; give \
                           another file, or the separator that it has";
            return Err(self.fault(message));
        }
        columns.remove(0);
        Ok(Some(columns))
    }

    /// Adds a line.
    fn write<S: AsRef<str>>(&mut self, fields: impl IntoIterator<Item = S>) -> Result<()> {
        let quoted = fields.into_iter().map(|field| quoted(field.as_ref(), self.separator));
        let separator = self.separator.to_string();
        let line = quoted.collect::<Vec<_>>().join(&separator) + "\r\n";
        let write = |file: &mut File| {
            if is_kept(file) {
                file.seek(SeekFrom::End(0))?;
            }
            file.write_all(line.as_bytes())
        };
        self.file.as_mut().map_or(Ok(()), write).map_err(|e| self.fault(e))?;
        self.length += line.len() as u64;
        Ok(())
    }
}

impl Callback for CSVLogger {
    fn on_train_begin(&mut self, _: &mut Training<'_>) -> Result<()> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&self.filename);
        let file = file.map_err(|e| self.fault(e))?;
        self.length = file.metadata().map_err(|e| self.fault(e))?.len();
        self.file = Some(file);
        self.columns = if self.append { self.columns_there()? } else { None };
        // Whether this training goes on, and which rows are its own, is only known afterwards.
        self.stale = !self.append;
        Ok(())
    }

    fn on_epoch_end(
        &mut self,
        epoch: usize,
        logs: &mut Logs,
        training: &mut Training<'_>,
    ) -> Result<()> {
        if self.stale {
            self.cut(0)?;
        }
        let columns = match self.columns.take() {
            Some(columns) => columns,
            None => {
                let columns = columns_for(logs, training.has_validation().unwrap_or(true));
                self.write(["epoch"].into_iter().chain(columns.iter().map(String::as_str)))?;
                columns
            }
        };
        let value = |name: &String| logs.get(name).map_or("NA".into(), |&value| repr(value));
        self.write(std::iter::once(epoch.to_string()).chain(columns.iter().map(value)))?;
        self.columns = Some(columns);
        Ok(())
    }

    fn on_train_end(&mut self, _: &Logs, _: &mut Training<'_>) -> Result<()> {
        if self.stale {
            self.cut(0)?;
        }
        self.file = None;
        Ok(())
    }

    fn state(&self) -> Value {
        json!({"columns": self.columns, "length": self.length})
    }

    /// Goes on behind the rows that were written before the state was taken, not over them.
    fn set_state(&mut self, state: &Value) -> Result<()> {
        let length = state["length"].as_u64().unwrap_or(0);
        if !state["columns"].is_array() || length > self.length {
            return Ok(());
        }
        let columns: Vec<String> = serde_json::from_value(state["columns"].clone())
            .map_err(|e| Error::config("columns", e))?;
        self.columns = Some(columns);
        self.cut(length)
    }
}

/// Whether it is a file; in a pipe or a terminal there is neither length nor end.
fn is_kept(file: &File) -> bool {
    file.metadata().is_ok_and(|file| file.is_file())
}

/// The columns behind `epoch` for the logs of a first epoch, which others with validation may follow.
fn columns_for(logs: &Logs, validates: bool) -> Vec<String> {
    let mut columns: Vec<String> = logs.names().map(str::to_owned).collect();
    columns.sort();
    if validates && !columns.iter().any(|name| name.starts_with("val_")) {
        columns.extend(columns.clone().iter().map(|name| format!("val_{name}")));
    }
    columns
}

/// A field, in quotes where it has to be.
fn quoted(field: &str, separator: char) -> String {
    if field.contains([separator, '"', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// The fields of the first line of a table, which goes on within quotes.
fn first_record(text: &str, separator: char) -> Vec<String> {
    let (mut fields, mut within) = (vec![String::new()], false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let Some(field) = fields.last_mut() else { break };
        match c {
            '"' if within && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' => within = !within,
            '\r' | '\n' if !within => break,
            c if c == separator && !within => fields.push(String::new()),
            c => field.push(c),
        }
    }
    fields
}
