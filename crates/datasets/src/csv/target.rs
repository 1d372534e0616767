//! Features and target of a table: numbers as they are, words as columns of ones and zeros.

use ceratops_core::{Error, Result, Tensor};

use super::table::{Column, Table};
use crate::to_categorical;

/// What a model learns from a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// The features, shape (n, features).
    pub x: Tensor,
    /// The target, shape (n,).
    pub y: Tensor,
    /// The names of the features, in the order of the columns of `x`.
    pub feature_names: Vec<String>,
    /// The words of a target of words: `y` holds places in this list. Empty for numbers.
    pub class_names: Vec<String>,
}

/// The most words of a column that become columns; a column of names would fill the memory.
const MOST_WORDS: usize = 1000;

impl Table {
    /// The table as features and the column that is to be learned.
    ///
    /// Columns of numbers stay, in their order. Behind them, a column of words becomes a column of
    /// ones and zeros for each of its words, sorted, named `sex_F`: so does `pandas.get_dummies`. A
    /// target of words becomes the words' places in [`Labelled::class_names`], sorted too, as
    /// `sparse_categorical_crossentropy` takes them.
    ///
    /// ```
    /// use ceratops_core::Tensor;
    /// use ceratops_datasets::csv;
    ///
    /// let text = "sex,length,rings\nM,0.5,15\nF,0.25,9\nM,0.75,10\n";
    /// let table = csv::from_reader("abalone.csv", text.as_bytes(), csv::Format::default())?;
    /// let abalone = table.split_target("rings")?;
    /// assert_eq!(abalone.feature_names, ["length", "sex_F", "sex_M"]);
    /// assert_eq!(abalone.x, Tensor::from([[0.5, 0.0, 1.0], [0.25, 1.0, 0.0], [0.75, 0.0, 1.0]]));
    /// assert_eq!(abalone.y, Tensor::from([15.0, 9.0, 10.0]));
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Missing values, which the message says how to treat; a column of numbers in which some cell is
    /// none; a column of more than 1,000 different words.
    pub fn split_target(&self, target: impl Into<Column>) -> Result<Labelled> {
        let target = self.find(&target.into())?;
        let (y, class_names) = match self.holds_words(target)? {
            true => self.codes(target)?,
            false => (self.column(target)?, Vec::new()),
        };
        let (mut numbers, mut words) = (Vec::new(), Vec::new());
        for index in (0..self.names().len()).filter(|index| *index != target) {
            let kind = if self.holds_words(index)? { &mut words } else { &mut numbers };
            kind.push(index);
        }
        let mut feature_names: Vec<String> =
            numbers.iter().map(|index| self.names()[*index].clone()).collect();
        let mut parts = vec![self.numbers(&numbers)?];
        for index in words {
            let (part, found) = self.one_hot(index)?;
            let name = &self.names()[index];
            feature_names.extend(found.iter().map(|word| format!("{name}_{word}")));
            parts.push(part);
        }
        let x = side_by_side(&parts, y.len())?;
        Ok(Labelled { x, y, feature_names, class_names })
    }

    /// A column of words as ones and zeros, shape `(n, words)`, and the words, sorted: row i has its 1
    /// where the word of cell i stands. Errors as [`Table::codes`], and for more than 1,000 words.
    pub fn one_hot(&self, column: impl Into<Column>) -> Result<(Tensor, Vec<String>)> {
        let index = self.find(&column.into())?;
        let (codes, words) = self.codes(index)?;
        if words.len() > MOST_WORDS {
            let (name, count) = (&self.names()[index], words.len());
            let message = format!(
                "column `{name:.40}`: {count} different words would become as many columns, at most \
                 {MOST_WORDS} are made; leave the column out, or take its codes()"
            );
            return Err(self.bad(message));
        }
        Ok((to_categorical(&codes, words.len())?, words))
    }

    /// Whether a column holds words and not numbers. One with more numbers than words is one of
    /// numbers with a mistake in it, which is an error.
    fn holds_words(&self, index: usize) -> Result<bool> {
        let (mut words, mut numbers) = (0, 0);
        for cell in self.cells(index).filter(|cell| !super::missing::is_missing(cell)) {
            let count = if cell.parse::<f32>().is_ok() { &mut numbers } else { &mut words };
            *count += 1;
        }
        if words > 0 && numbers >= words {
            // The error names the first cell that is no number.
            self.numbers(&[index])?;
        }
        Ok(words > 0)
    }
}

/// The columns of several tensors of `n` rows in one.
fn side_by_side(parts: &[Tensor], n: usize) -> Result<Tensor> {
    let width: usize = parts.iter().map(Tensor::sample_len).sum();
    if width == 0 {
        return Err(Error::Data("there are no columns beside the target".into()));
    }
    let mut whole = Tensor::try_full(&[n, width], 0.0)?;
    let mut start = 0;
    for part in parts {
        let len = part.sample_len();
        let rows = whole.as_mut_slice().chunks_exact_mut(width);
        // A part may have no columns.
        for (row, own) in rows.zip(part.as_slice().chunks_exact(len.max(1))) {
            row[start..start + len].copy_from_slice(own);
        }
        start += len;
    }
    Ok(whole)
}
