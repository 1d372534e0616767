//! A table of text, and its columns as tensors.

use ceratops_core::{Error, Result, Tensor, Text};
use csv::{Position, StringRecord};

use super::missing::{HELP, is_missing};

/// A column, by its name or by its place from 0.
///
/// Where a function takes one, `"rings"` and `8` do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// By its name in the first line.
    Name(String),
    /// By its place, from 0.
    Index(usize),
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        Self::Name(name.into())
    }
}

impl From<String> for Column {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<&String> for Column {
    fn from(name: &String) -> Self {
        Self::Name(name.clone())
    }
}

impl From<usize> for Column {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A table of text; a cell is read as a number when its column is asked for.
#[derive(Debug, Clone)]
pub struct Table {
    file: String,
    names: Vec<String>,
    rows: Vec<StringRecord>,
}

impl Table {
    /// `rows` are all as long as `names`.
    pub(super) fn new(file: &str, names: Vec<String>, rows: Vec<StringRecord>) -> Self {
        Self { file: file.into(), names, rows }
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The numbers of one column, shape `(n,)`: how a target is given.
    ///
    /// An error where the column is unknown or a cell is not a finite number. Empty cells, `nan`
    /// and `inf` are refused too: a single one would turn every weight of a model into NaN.
    pub fn column(&self, column: impl Into<Column>) -> Result<Tensor> {
        self.columns([column])?.reshape(&[self.rows.len()])
    }

    /// The numbers of several columns in the order named, shape `(n, columns)`: how features, or
    /// several targets, are given. Errors as [`Table::column`].
    pub fn columns<C: Into<Column>>(&self, columns: impl IntoIterator<Item = C>) -> Result<Tensor> {
        self.numbers(&self.find_all(columns)?)
    }

    /// The cells of several columns as strings, shape `(n, columns)`: what a model takes whose inputs are strings.
    /// An empty cell is an empty string.
    ///
    /// An error where a column is unknown.
    ///
    /// ```
    /// use ceratops_datasets::csv;
    ///
    /// let table = csv::from_reader("t.csv", "city,zip\nBern,3004\n".as_bytes(), csv::Format::default())?;
    /// assert_eq!(table.text(["zip", "city"])?.strings(), ["3004", "Bern"]);
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn text<C: Into<Column>>(&self, columns: impl IntoIterator<Item = C>) -> Result<Text> {
        let indices = self.find_all(columns)?;
        let cells =
            self.rows.iter().flat_map(|row| indices.iter().map(|&index| row[index].to_owned()));
        Text::new(&[self.rows.len(), indices.len()], cells.collect())
    }

    /// The numbers of all columns but the named, shape `(n, columns)`. Errors as
    /// [`Table::column`].
    pub fn without<C: Into<Column>>(&self, columns: impl IntoIterator<Item = C>) -> Result<Tensor> {
        let left_out = self.find_all(columns)?;
        let indices: Vec<usize> = (0..self.names.len()).filter(|i| !left_out.contains(i)).collect();
        self.numbers(&indices)
    }

    /// A column of words as numbers, shape `(n,)`, and the words, sorted: cell = words\[number\].
    ///
    /// An error where the column is unknown or a word is missing.
    pub fn codes(&self, column: impl Into<Column>) -> Result<(Tensor, Vec<String>)> {
        let index = self.find(&column.into())?;
        if let Some(row) = self.rows.iter().find(|row| is_missing(&row[index])) {
            return Err(self.bad_cell(row, index, "a word"));
        }
        let mut words: Vec<&str> = self.rows.iter().map(|row| &row[index]).collect();
        words.sort_unstable();
        words.dedup();
        let code = |row: &StringRecord| words.partition_point(|&word| word < &row[index]) as f32;
        let codes: Vec<f32> = self.rows.iter().map(code).collect();
        Ok((Tensor::from(codes), words.into_iter().map(str::to_owned).collect()))
    }

    pub(super) fn numbers(&self, indices: &[usize]) -> Result<Tensor> {
        let mut data = Vec::new();
        for row in &self.rows {
            for &index in indices {
                let number = row[index].parse().ok().filter(|number: &f32| number.is_finite());
                data.push(number.ok_or_else(|| self.bad_cell(row, index, "a finite number"))?);
            }
        }
        Tensor::new(&[self.rows.len(), indices.len()], data)
    }

    fn find_all<C: Into<Column>>(
        &self,
        columns: impl IntoIterator<Item = C>,
    ) -> Result<Vec<usize>> {
        columns.into_iter().map(|column| self.find(&column.into())).collect()
    }

    /// The cells of a column.
    pub(super) fn cells(&self, index: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().map(move |row| &row[index])
    }

    pub(super) fn rows_mut(&mut self) -> &mut Vec<StringRecord> {
        &mut self.rows
    }

    /// The error about what the table holds.
    pub(super) fn bad(&self, message: impl std::fmt::Display) -> Error {
        super::bad(&self.file, message)
    }

    /// The place of a column.
    pub(super) fn find(&self, column: &Column) -> Result<usize> {
        let len = self.names.len();
        let name = match column {
            Column::Index(index) if *index < len => return Ok(*index),
            Column::Index(index) => {
                return Err(Error::argument(
                    "column",
                    format!("a place from 0 below {len}"),
                    index,
                ));
            }
            Column::Name(name) => name,
        };
        let mut places = (0..len).filter(|&i| self.names[i] == *name);
        match (places.next(), places.next()) {
            (Some(index), None) => Ok(index),
            (Some(first), Some(second)) => {
                let found = format!("`{name}`, the name of columns {first} and {second}");
                Err(Error::argument("column", "a name that a single column has", found)
                    .with_help("name it by its place"))
            }
            (None, _) => {
                let names = self.names.iter().map(String::as_str);
                let help = format!("{} has the columns {:.300}", self.file, self.names.join(", "));
                Err(Error::unknown("column", name.as_str(), names).with_help(help))
            }
        }
    }

    fn bad_cell(&self, row: &StringRecord, index: usize, expected: &str) -> Error {
        let line = row.position().map_or(0, Position::line);
        let (column, cell) = (&self.names[index], &row[index]);
        let found = if cell.is_empty() { "an empty cell" } else { &format!("`{cell:.40}`") };
        let help = if is_missing(cell) { HELP } else { "" };
        self.bad(format!(
            "line {line}, column `{column:.40}`: expected {expected}, got {found}{help}"
        ))
    }
}
