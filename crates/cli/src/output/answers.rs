//! Answers that people read: a table on the terminal, `.csv` and `.json`.

use std::fmt::Write;

use ceratops::{Error, Result, Tensor, core::Text};

use super::Named;
use crate::json;

/// How many samples the terminal shows, unless all are asked for.
const SHOWN: usize = 20;
/// How many numbers of a sample it shows.
const WIDE: usize = 8;

/// The outputs of a model, and what their classes are called.
pub(crate) struct Answers<'a> {
    pub(crate) outputs: &'a Named,
    pub(crate) classes: Option<&'a [String]>,
}

impl Answers<'_> {
    /// Refuses names of classes, if none of the outputs has as many.
    pub(crate) fn check(&self) -> Result<()> {
        let Some(classes) = self.classes else { return Ok(()) };
        let fits = |(_, y): &(String, Tensor)| y.ndim() == 2 && y.sample_len() == classes.len();
        if self.outputs.iter().any(fits) {
            return Ok(());
        }
        let shapes: Vec<String> = self
            .outputs
            .iter()
            .map(|(name, y)| format!("\"{name}\" of shape {:?}", y.shape()))
            .collect();
        let expected = "a name for each class of an output";
        let found = format!("{} names, for {}", classes.len(), shapes.join(", "));
        Err(Error::argument("--classes", expected, found))
    }

    /// A line for each sample, below one with the names of the columns.
    pub(crate) fn csv(&self) -> Result<String> {
        let columns = self.columns(usize::MAX, |x| x.to_string())?;
        let mut text = String::new();
        for row in std::iter::once(columns.names()).chain(columns.rows()) {
            let cells: Vec<String> = row.into_iter().map(quoted).collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        }
        Ok(text)
    }

    /// A list with an object for each sample: the numbers of each output under its name, and of a classifier's
    /// the class.
    pub(crate) fn json(&self) -> Result<String> {
        let samples = self.count()?;
        let (mut classes, mut texts) = (Vec::new(), Vec::new());
        for (name, y) in self.outputs {
            texts.push(if Text::is_in(y) { Some(Text::of(y)?) } else { None });
            classes.push((format!("{}class", self.prefix(name)), self.classes_of(y)?));
        }
        let sample = |i: usize| {
            let outputs = self.outputs.iter().zip(&texts).map(|((name, y), text)| {
                let value = text.as_ref().map_or_else(|| nested(y, i), |text| words_of(text, i));
                (name.as_str(), value)
            });
            let classes = classes.iter().filter_map(|(name, classes)| {
                Some((name.as_str(), json::of(classes.as_ref()?[i].as_str())))
            });
            json::object(outputs.chain(classes))
        };
        let samples: Vec<String> = (0..samples).map(sample).collect();
        Ok(format!("[{}]\n", samples.join(",\n")))
    }

    /// A table of the first samples, or of all.
    pub(crate) fn table(&self, all: bool) -> Result<String> {
        let columns = self.columns(WIDE, short)?;
        let shown = if all { columns.samples } else { SHOWN.min(columns.samples) };
        let rows: Vec<Vec<String>> =
            std::iter::once(columns.names()).chain(columns.rows().take(shown)).collect();
        let width = |i: usize| rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
        let mut text = String::new();
        for row in &rows {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}"));
            let line = cells.collect::<Vec<_>>().join("  ");
            text.push_str(line.trim_end());
            text.push('\n');
        }
        let left = columns.samples - shown;
        if left > 0 {
            let _ = writeln!(text, "… {left} more: --all shows them, --output Y.csv writes them");
        }
        Ok(text)
    }

    /// How many samples there are, as many of each output.
    fn count(&self) -> Result<usize> {
        let count = self.outputs.first().map_or(0, |(_, y)| y.batch());
        match self.outputs.iter().find(|(_, y)| y.ndim() == 0 || y.batch() != count) {
            None => Ok(count),
            Some((name, y)) => {
                let expected = format!("{count} samples of each output");
                let found = format!("\"{name}\" of shape {:?}", y.shape());
                Err(Error::argument("the outputs", expected, found)
                    .with_help("write a .npz, which holds arrays of any shape"))
            }
        }
    }

    /// The columns: of a classifier the class before the probabilities. No more than `widest` numbers of an
    /// output are among them.
    fn columns(&self, widest: usize, cell: fn(f32) -> String) -> Result<Columns> {
        let mut columns = Columns { samples: self.count()?, all: Vec::new() };
        let numbers = (0..columns.samples).map(|i| i.to_string()).collect();
        columns.all.push(("sample".to_owned(), numbers));
        for (name, y) in self.outputs {
            if let Some(classes) = self.classes_of(y)? {
                columns.all.push((format!("{}class", self.prefix(name)), classes));
            }
            if Text::is_in(y) {
                columns.all.extend(words(name, y)?);
                continue;
            }
            let cut = y.sample_len() > widest;
            for place in 0..y.sample_len().min(widest) {
                let cells = y.rows().map(|row| cell(row[place])).collect();
                columns.all.push((self.column(name, y, place), cells));
            }
            if cut {
                columns.all.push(("…".to_owned(), vec!["…".to_owned(); columns.samples]));
            }
        }
        Ok(columns)
    }

    /// The class of each sample, if an output's rows are probabilities of several.
    fn classes_of(&self, y: &Tensor) -> Result<Option<Vec<String>>> {
        let is_one = |row: &[f32]| {
            row.iter().all(|p| (0.0..=1.0).contains(p))
                && (row.iter().sum::<f32>() - 1.0).abs() < 1e-3
        };
        if y.ndim() != 2 || y.sample_len() < 2 || y.batch() == 0 || !y.rows().all(is_one) {
            return Ok(None);
        }
        let names = self.names_for(y);
        let name =
            |class: usize| names.map_or_else(|| class.to_string(), |names| names[class].clone());
        Ok(Some(y.argmax(-1)?.into_iter().map(name).collect()))
    }

    /// The names of an output's classes.
    fn names_for(&self, y: &Tensor) -> Option<&[String]> {
        self.classes.filter(|classes| y.ndim() == 2 && y.sample_len() == classes.len())
    }

    /// What stands before the names of an output's columns, where there are several outputs.
    fn prefix(&self, name: &str) -> String {
        if self.outputs.len() > 1 { format!("{name}_") } else { String::new() }
    }

    /// What the column of one number of an output is called.
    fn column(&self, name: &str, y: &Tensor, place: usize) -> String {
        match (self.names_for(y), y.shape()) {
            (Some(names), _) => format!("{}{}", self.prefix(name), names[place]),
            (None, [_] | [_, 1]) => name.to_owned(),
            (None, shape) => {
                let mut rest = place;
                let index = shape[1..].iter().rev().map(|&len| {
                    let at = rest % len;
                    rest /= len;
                    at.to_string()
                });
                let mut index: Vec<String> = index.collect();
                index.reverse();
                format!("{name}_{}", index.join("_"))
            }
        }
    }
}

/// The columns of an output that is words.
fn words(name: &str, y: &Tensor) -> Result<Vec<(String, Vec<String>)>> {
    let text = Text::of(y)?;
    let width = text.shape().iter().skip(1).product::<usize>();
    let column = |place: usize| {
        let name = if width == 1 { name.to_owned() } else { format!("{name}_{place}") };
        (name, text.strings().iter().skip(place).step_by(width).cloned().collect())
    };
    Ok((0..width).map(column).collect())
}

/// The words of a sample, as JSON: one, or a list.
fn words_of(text: &Text, sample: usize) -> String {
    let width = text.shape().iter().skip(1).product::<usize>();
    let words = &text.strings()[sample * width..(sample + 1) * width];
    match (words, text.shape().len()) {
        ([only], 1) => json::of(only.as_str()),
        _ => json::list(words.iter().map(|word| json::of(word.as_str()))),
    }
}

/// Columns with their names.
struct Columns {
    samples: usize,
    all: Vec<(String, Vec<String>)>,
}

impl Columns {
    fn names(&self) -> Vec<String> {
        self.all.iter().map(|(name, _)| name.clone()).collect()
    }

    fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        (0..self.samples).map(|i| self.all.iter().map(|(_, cells)| cells[i].clone()).collect())
    }
}

/// A number as people read it: with four digits behind the point, or before a power of ten.
fn short(x: f32) -> String {
    match x.abs() {
        size if size == 0.0 || (1e-3..1e6).contains(&size) || !size.is_finite() => {
            format!("{x:.4}")
        }
        _ => format!("{x:.3e}"),
    }
}

/// A cell as CSV has it (RFC 4180).
fn quoted(cell: String) -> String {
    if !cell.contains([',', '"', '\n', '\r']) {
        return cell;
    }
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// The numbers of a sample, in lists as deep as it has axes.
fn nested(y: &Tensor, sample: usize) -> String {
    fn within(shape: &[usize], numbers: &[f32]) -> String {
        match shape {
            // With as many digits as tell an f32 from the next.
            [] => numbers.first().map_or_else(|| "null".into(), |&x| number(x)),
            [len, inner @ ..] => {
                let size = inner.iter().product::<usize>();
                json::list((0..*len).map(|i| within(inner, &numbers[i * size..(i + 1) * size])))
            }
        }
    }
    let len = y.sample_len();
    within(&y.shape()[1..], &y.as_slice()[sample * len..(sample + 1) * len])
}

fn number(x: f32) -> String {
    if x.is_finite() { x.to_string() } else { json::number(f64::from(x)) }
}
