//! Tables: the columns of a `.csv` as what a model's inputs and outputs take.

use ceratops::{Error, Result, Tensor, core::Text, datasets::csv::Table};

use super::arrays::{End, Takes};

/// The numbers of the columns that were asked for, or of all.
pub(super) fn numbers(table: &Table, columns: Option<&[String]>) -> Result<Tensor> {
    table.columns(columns.unwrap_or(table.names()))
}

/// A row of as many numbers: from its length a model without a shape is built.
pub(super) fn sample(table: &Table, columns: Option<&[String]>) -> Result<Tensor> {
    let width = columns.map_or(table.names().len(), <[String]>::len);
    Tensor::try_full(&[1, width], 0.0)
}

/// The column for one of several inputs or outputs, if there is one of its name.
pub(super) fn column(table: &Table, end: &End) -> Result<Option<Tensor>> {
    let name = table.names().iter().find(|name| end.is_called(name));
    name.map(|name| tensor(table, std::slice::from_ref(name), end.takes)).transpose()
}

/// The columns for the only input or output: those that were asked for; else the one of its name; else all, if
/// they are as many as it takes.
pub(super) fn for_one(
    table: &Table,
    columns: Option<Vec<String>>,
    end: &End,
    role: &str,
) -> Result<Tensor> {
    let names = table.names();
    let named = names.iter().find(|name| end.is_called(name) || *name == role).cloned();
    let columns = match (columns, named) {
        (Some(columns), _) => columns,
        (None, Some(name)) if end.width.is_none_or(|width| width == 1) => vec![name],
        _ if end.width.unwrap_or(1) == names.len() || end.width.is_none() && role == "x" => {
            names.to_vec()
        }
        _ => {
            let (count, wanted) = (names.len(), end.width.unwrap_or(1));
            return Err(Error::Data(format!(
                "the table has {count} columns, and the model takes {wanted} of them: name those that are \
                 meant, as in `table.csv:{}`; there are {:.300}",
                names[..count.min(wanted)].join(","),
                names.join(", "),
            )));
        }
    };
    let tensor = tensor(table, &columns, end.takes)?;
    // Of a single output each sample has its one answer.
    Ok(if role == "y" && columns.len() == 1 { tensor.reshape(&[table.len()])? } else { tensor })
}

/// Columns side by side.
fn tensor(table: &Table, columns: &[String], takes: Takes) -> Result<Tensor> {
    let text = || table.text(columns);
    match takes {
        Takes::Numbers => table.columns(columns),
        Takes::Text => text()?.to_tensor(),
        Takes::Whole => match text()?.integers() {
            Some(integers) if integers.iter().any(|n| n.unsigned_abs() > 1 << 24) => {
                let strings = integers.iter().map(ToString::to_string).collect();
                Text::new(&[table.len(), columns.len()], strings)?.to_tensor()
            }
            _ => table.columns(columns),
        },
    }
}
