//! Any table in the style of the summary, each column as wide as its widest cell.

use std::fmt;

use super::{
    table::{Column, write_table},
    text::{Align, Ink, Text},
};

/// A table that looks like the summary of Keras 3: the first column stands left, numbers in the
/// others right. It prints with a line break behind each line.
///
/// ```
/// use ceratops_layers::summary::Table;
///
/// let table = Table::new(&["Layer", "Dead"]).row(["dense", "12%"]);
/// assert_eq!(
///     table.to_string(),
///     "┏━━━━━━━┳━━━━━━┓\n\
///      ┃ Layer ┃ Dead ┃\n\
///      ┡━━━━━━━╇━━━━━━┩\n\
///      │ dense │  12% │\n\
///      └───────┴──────┘\n"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    titles: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns and no rows.
    pub fn new(titles: &[&'static str]) -> Self {
        Self { titles: titles.to_vec(), rows: Vec::new() }
    }

    /// The table with another row, which has a cell for each column.
    #[must_use]
    pub fn row<S: Into<String>>(mut self, cells: impl IntoIterator<Item = S>) -> Self {
        self.rows.push(cells.into_iter().map(Into::into).collect());
        self
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |cell: &String| Text::new(cell, Ink::Plain);
        let rows: Vec<Vec<Text>> =
            self.rows.iter().map(|row| row.iter().map(text).collect()).collect();
        let column = |(i, title): (usize, &&'static str)| {
            let cells = rows.iter().filter_map(|row| row.get(i)).map(Text::width);
            let title_width = Text::new(title, Ink::Bold).width();
            Column {
                title,
                align: if i == 0 { Align::Left } else { Align::Right },
                width: cells.fold(title_width, usize::max) + 2,
            }
        };
        let columns: Vec<Column> = self.titles.iter().enumerate().map(column).collect();
        write_table(f, &columns, &rows, false)
    }
}
