//! Cells in which something is missing, and what to do about them.

use ceratops_core::Result;
use csv::StringRecord;

use super::table::{Column, Table};

/// What pandas reads as a missing value.
const MISSING: [&str; 19] = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
];

/// What to do about a missing value, for the end of a message.
pub(super) const HELP: &str =
    "; take such lines out (drop_missing, --drop-missing), or give them a value (fill_missing)";

pub(super) fn is_missing(cell: &str) -> bool {
    MISSING.contains(&cell)
}

impl Table {
    /// The table without the lines in which something is missing: an empty cell, `NA`, `NaN`, `null`
    /// and the like, as pandas' `dropna`.
    ///
    /// An error where no line is left.
    pub fn drop_missing(mut self) -> Result<Self> {
        self.rows_mut().retain(|row| !row.iter().any(is_missing));
        if self.is_empty() {
            return Err(self.bad("something is missing in every line"));
        }
        Ok(self)
    }

    /// The table with `value` where something is missing in this column: a number, or a word.
    pub fn fill_missing(mut self, column: impl Into<Column>, value: impl ToString) -> Result<Self> {
        let (index, value) = (self.find(&column.into())?, value.to_string());
        for row in self.rows_mut() {
            if is_missing(&row[index]) {
                let cells = row.iter().enumerate();
                let filled = cells.map(|(i, cell)| if i == index { &value } else { cell });
                let mut filled: StringRecord = filled.collect();
                filled.set_position(row.position().cloned());
                *row = filled;
            }
        }
        Ok(self)
    }
}
