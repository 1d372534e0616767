//! Features and target of a table: numbers as they are, words as columns of ones and zeros.

use ceratops_core::{Error, Result, Tensor};

use super::{
    encoder::{Encoded, Encoder},
    table::{Column, Table},
};
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
    /// How the table became these numbers: to be kept with the model, for the tables that come later.
    pub encoder: Encoder,
}

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
        let encoder = self.encoder(target)?;
        let Encoded { x, y, .. } = encoder.encode(self)?;
        Ok(Labelled {
            x,
            y: y.unwrap_or_else(|| Tensor::zeros(&[0])),
            feature_names: encoder.feature_names(),
            class_names: encoder.class_names().to_vec(),
            encoder,
        })
    }

    /// A column of words as ones and zeros, shape `(n, words)`, and the words, sorted: row i has its 1
    /// where the word of cell i stands. Errors as [`Table::codes`], and for more than 1,000 words.
    pub fn one_hot(&self, column: impl Into<Column>) -> Result<(Tensor, Vec<String>)> {
        let index = self.find(&column.into())?;
        let words = self.words(index)?;
        let (codes, _) = self.codes(index)?;
        Ok((to_categorical(&codes, words.len())?, words))
    }
}

/// The columns of several tensors of `n` rows in one.
pub(super) fn side_by_side(parts: &[Tensor], n: usize) -> Result<Tensor> {
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
