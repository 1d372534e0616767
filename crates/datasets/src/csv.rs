//! CSV: tables of text whose columns become tensors.
//!
//! [`Table::split_target`] makes features and target of a whole table at once, and an [`Encoder`] that does the
//! same with the next table; or each column is taken by itself:
//!
//! ```
//! use ceratops_datasets::csv;
//!
//! let text = "sex,length,rings\nM,0.455,15\nF,0.53,9\nM,0.44,10\n";
//! let table = csv::from_reader("abalone.csv", text.as_bytes(), csv::Format::default())?;
//! let x = table.columns(["length"])?;
//! let y = table.column("rings")?;
//! let (sex, names) = table.codes("sex")?;
//! assert_eq!((x.shape(), y.shape()), (&[3, 1][..], &[3][..]));
//! assert_eq!((sex.as_slice(), names), (&[1.0, 0.0, 1.0][..], vec!["F".into(), "M".into()]));
//! # Ok::<(), ceratops_core::Error>(())
//! ```

mod encoder;
mod missing;
mod table;
mod target;

use std::{fmt, fs::File, io::Read, path::Path};

use ceratops_core::{Error, Result};
use csv::{ErrorKind, Position, ReaderBuilder, StringRecord, Trim};

pub use encoder::{Encoded, Encoder, Unknown};
pub use table::{Column, Table};
pub use target::Labelled;

/// Some programs put it in front of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How a file is written.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// What the first line is.
    pub header: Header,
    /// What stands between two cells, `b','` unless told otherwise.
    pub delimiter: u8,
}

/// What the first line of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// The names of the columns.
    Names,
    /// A row like the others; the columns are then named by their places, from `0`.
    Absent,
}

impl Default for Format {
    fn default() -> Self {
        Self { header: Header::Names, delimiter: b',' }
    }
}

/// The table in a file with names in its first line and commas between the cells.
///
/// Blank lines are skipped, and so are blanks around a cell. [`Error::Io`] where the file cannot
/// be read; [`Error::Data`] where it holds no rows, is not UTF-8, or has rows of different lengths.
pub fn read(path: impl AsRef<Path>) -> Result<Table> {
    read_as(path, Format::default())
}

/// The table in a file of another [`Format`], else as [`read`].
pub fn read_as(path: impl AsRef<Path>, format: Format) -> Result<Table> {
    let path = path.as_ref();
    let name = path.display().to_string();
    let file = File::open(path).map_err(|e| Error::io(&name, e))?;
    from_reader(&name, file, format)
}

/// The table that `reader` gives, as [`read`]; `name` says in errors what was read.
pub fn from_reader(name: &str, mut reader: impl Read, format: Format) -> Result<Table> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|e| Error::io(name, e))?;
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    let mut rows = records(text, format.delimiter).map_err(|message| bad(name, message))?;
    let first = rows.first().ok_or_else(|| bad(name, "the file is empty"))?;
    let names = match format.header {
        Header::Names => rows.remove(0).iter().map(str::to_owned).collect(),
        Header::Absent => (0..first.len()).map(|i| i.to_string()).collect(),
    };
    if rows.is_empty() {
        return Err(bad(name, "no rows behind the line of names"));
    }
    Ok(Table::new(name, names, rows))
}

/// The error about what a file holds, and where.
fn bad(name: &str, message: impl fmt::Display) -> Error {
    Error::Data(format!("{name}: {message}"))
}

/// The lines of cells, all of one length.
fn records(text: &[u8], delimiter: u8) -> Result<Vec<StringRecord>, String> {
    let mut reader = ReaderBuilder::new();
    reader.has_headers(false).delimiter(delimiter).trim(Trim::All);
    let mut rows = Vec::new();
    for row in reader.from_reader(text).into_records() {
        let mut row = row.map_err(|e| broken(text, &e))?;
        let position = row.position().map(|position| behind_blank_lines(text, position));
        row.set_position(position);
        rows.push(row);
    }
    Ok(rows)
}

/// What the reader of records found wrong, and where.
fn broken(text: &[u8], error: &csv::Error) -> String {
    let line = |position: &Option<Position>| {
        position.as_ref().map_or(0, |position| behind_blank_lines(text, position).line())
    };
    match error.kind() {
        ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = line(pos);
            format!("line {line}: expected {expected_len} cells as in the first line, got {len}")
        }
        ErrorKind::Utf8 { pos, err } => {
            format!("line {}: cell {} is not UTF-8", line(pos), err.field() + 1)
        }
        _ => error.to_string(),
    }
}

/// Where the record really begins: the reader's position is in front of the blank lines above it.
fn behind_blank_lines(text: &[u8], position: &Position) -> Position {
    let rest = usize::try_from(position.byte()).ok().and_then(|byte| text.get(byte..));
    let blanks = rest.unwrap_or_default().iter().take_while(|byte| b"\r\n".contains(byte));
    let mut position = position.clone();
    position.set_line(position.line() + blanks.filter(|&&byte| byte == b'\n').count() as u64);
    position
}
