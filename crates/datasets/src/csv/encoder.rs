//! Encoders: how a table became numbers, kept for the tables that come later.

use std::{collections::BTreeMap, fmt, fs, path::Path};

use ceratops_core::{Error, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    missing::is_missing,
    table::{Column, Table},
    target::side_by_side,
};

/// The most words of a column that become columns; a column of names would fill the memory.
const MOST_WORDS: usize = 1000;

/// How the columns of a table become features and target: which are numbers, which words each of the others had,
/// and what the classes are. It is fitted once, to the table that a model learns from, and encodes every later
/// table in the same way, whatever words are in that.
///
/// - A column of numbers stays as it is.
/// - A column of words becomes a column of ones and zeros for each word, sorted; a word that was not there when
///   the encoder was fitted has zeros in all of them, and is told.
/// - A target of words becomes the words' places among the classes.
///
/// ```
/// use ceratops_core::Tensor;
/// use ceratops_datasets::csv;
///
/// let read = |text: &str| csv::from_reader("t.csv", text.as_bytes(), csv::Format::default());
/// let first = read("island,mass,species\nBiscoe,3.5,Adelie\nDream,4.0,Chinstrap\n")?;
/// let encoder = first.encoder("species")?;
///
/// // The next table has one class only, the columns in another order, and an island that is new.
/// let next = encoder.encode(&read("species,mass,island\nChinstrap,5.0,Dream\nChinstrap,4.5,Torgersen\n")?)?;
/// assert_eq!(next.x, Tensor::from([[5.0, 0.0, 1.0], [4.5, 0.0, 0.0]]));
/// assert_eq!(next.y, Some(Tensor::from([1.0, 1.0])));
/// assert_eq!(
///     next.unknown[0].to_string(),
///     "column `island`: `Torgersen` (1 row) was not in the table that the encoder was fitted to"
/// );
/// # Ok::<(), ceratops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encoder {
    target: String,
    /// None for a target of numbers.
    classes: Vec<String>,
    features: Vec<Feature>,
}

/// A column that is a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Feature {
    column: String,
    /// The words of a column of words, sorted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    words: Option<Vec<String>>,
    /// Of a column of numbers that are normalized, their mean and standard deviation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scale: Option<(f64, f64)>,
}

/// A table as an encoder sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// The features, shape (n, features).
    pub x: Tensor,
    /// The target, shape (n,); `None` where the table has no such column.
    pub y: Option<Tensor>,
    /// The words that the encoder does not know.
    pub unknown: Vec<Unknown>,
}

/// A word that an encoder does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The column.
    pub column: String,
    /// The word.
    pub word: String,
    /// In how many rows it stands.
    pub rows: usize,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, word, rows } = self;
        let s = if *rows == 1 { "" } else { "s" };
        write!(
            f,
            "column `{column:.40}`: `{word:.40}` ({rows} row{s}) was not in the table that the encoder was \
             fitted to"
        )
    }
}

impl Table {
    /// The encoder that is fitted to this table, whose column `target` is to be learned.
    ///
    /// # Errors
    /// Missing values, which the message says how to treat; a column of numbers in which some cell is none; a
    /// column of more than 1,000 different words; two columns of one name.
    pub fn encoder(&self, target: impl Into<Column>) -> Result<Encoder> {
        let target = self.find(&target.into())?;
        let names = self.names();
        if let Some(i) = (1..names.len()).find(|&i| names[..i].contains(&names[i])) {
            return Err(self.bad(format!("two columns are named `{:.40}`; rename one", names[i])));
        }
        let classes = if self.holds_words(target)? { self.codes(target)?.1 } else { Vec::new() };
        let (mut numbers, mut words) = (Vec::new(), Vec::new());
        for index in (0..names.len()).filter(|index| *index != target) {
            let of_kind = if self.holds_words(index)? { &mut words } else { &mut numbers };
            of_kind.push(index);
        }
        // The first cell that is no number is an error.
        self.numbers(&numbers)?;
        let feature =
            |index: usize, words| Feature { column: names[index].clone(), words, scale: None };
        let mut features: Vec<Feature> = numbers.into_iter().map(|i| feature(i, None)).collect();
        for index in words {
            features.push(feature(index, Some(self.words(index)?)));
        }
        Ok(Encoder { target: names[target].clone(), classes, features })
    }

    /// The words of a column, sorted.
    pub(super) fn words(&self, index: usize) -> Result<Vec<String>> {
        let (_, words) = self.codes(index)?;
        if words.len() <= MOST_WORDS {
            return Ok(words);
        }
        let (name, count) = (&self.names()[index], words.len());
        Err(self.bad(format!(
            "column `{name:.40}`: {count} different words would become as many columns, at most {MOST_WORDS} \
             are made; leave the column out, or take its codes()"
        )))
    }

    /// Whether a column holds words and not numbers. One with more numbers than words is one of
    /// numbers with a mistake in it, which is an error.
    fn holds_words(&self, index: usize) -> Result<bool> {
        let (mut words, mut numbers) = (0, 0);
        for cell in self.cells(index).filter(|cell| !is_missing(cell)) {
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

impl Encoder {
    /// The same, with which columns of numbers come out with mean 0 and standard deviation 1, by those of `table`:
    /// (x - mean) / deviation. A column of one number only becomes zeros.
    ///
    /// ```
    /// # use ceratops_datasets::csv;
    /// # let read = |text: &str| csv::from_reader("t.csv", text.as_bytes(), csv::Format::default());
    /// let table = read("mass,y\n3.0,1\n5.0,2\n")?;
    /// let encoder = table.encoder("y")?.normalized(&table)?;
    /// assert_eq!(encoder.encode(&read("mass\n3.0\n8.0\n")?)?.x, [[-1.0], [4.0]].into());
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Of a table that is not like the one that the encoder was fitted to.
    pub fn normalized(mut self, table: &Table) -> Result<Self> {
        for feature in self.features.iter_mut().filter(|feature| feature.words.is_none()) {
            let numbers = table.column(feature.column.as_str())?;
            let mean = numbers.mean();
            let squares = numbers.as_slice().iter().map(|&x| (f64::from(x) - mean).powi(2));
            let deviation = (squares.sum::<f64>() / numbers.len().max(1) as f64).sqrt();
            feature.scale = Some((mean, if deviation > 0.0 { deviation } else { 1.0 }));
        }
        Ok(self)
    }

    /// The column that is learned.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The words of a target of words, in the order of a classifier's outputs; none for numbers.
    pub fn class_names(&self) -> &[String] {
        &self.classes
    }

    /// The names of the features, in the order of the columns of [`Encoded::x`]: `length`, `sex_F`.
    pub fn feature_names(&self) -> Vec<String> {
        let names = |feature: &Feature| match &feature.words {
            None => vec![feature.column.clone()],
            Some(words) => words.iter().map(|word| format!("{}_{word}", feature.column)).collect(),
        };
        self.features.iter().flat_map(names).collect()
    }

    /// The features of a table, and its target if it has that column. Columns are found by their names; others
    /// than those of the first table are passed over.
    ///
    /// # Errors
    /// A column that is missing; missing values; a cell that is no number in a column of numbers; a class that the
    /// first table did not have.
    pub fn encode(&self, table: &Table) -> Result<Encoded> {
        let mut unknown = Vec::new();
        let mut parts = Vec::with_capacity(self.features.len());
        for feature in &self.features {
            let index = table.find(&feature.column.as_str().into())?;
            parts.push(match &feature.words {
                None => scaled(table.numbers(&[index])?, feature.scale),
                Some(words) => one_hot(table, index, words, &mut unknown)?,
            });
        }
        let x = side_by_side(&parts, table.len())?;
        let y = if table.names().contains(&self.target) { Some(self.labels(table)?) } else { None };
        Ok(Encoded { x, y, unknown })
    }

    /// The target of a table.
    fn labels(&self, table: &Table) -> Result<Tensor> {
        let index = table.find(&self.target.as_str().into())?;
        if self.classes.is_empty() {
            return table.numbers(&[index])?.reshape(&[table.len()]);
        }
        // Missing ones are refused here.
        let (codes, words) = table.codes(index)?;
        let place = |word: &String| {
            self.classes.binary_search(word).map(|place| place as f32).map_err(|_| {
                let column = &self.target;
                let classes = self.classes.join(", ");
                table.bad(format!(
                    "column `{column:.40}`: the class `{word:.40}` was not in the table that the encoder was \
                     fitted to, which has {classes:.300}"
                ))
            })
        };
        let places: Vec<f32> = words.iter().map(place).collect::<Result<_>>()?;
        Ok(codes.map(|code| places[code as usize]))
    }

    /// The encoder as JSON.
    ///
    /// # Errors
    /// None that is known.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map_err(|e| Error::Data(e.to_string()))
    }

    /// The encoder that [`Encoder::to_json`] wrote.
    ///
    /// # Errors
    /// For another text.
    pub fn from_json(text: &str) -> Result<Self> {
        let mut encoder: Self = serde_json::from_str(text)
            .map_err(|e| Error::Data(format!("this is no encoder of a table: {e}")))?;
        encoder.classes.sort_unstable();
        encoder
            .features
            .iter_mut()
            .filter_map(|feature| feature.words.as_mut())
            .for_each(|w| w.sort_unstable());
        Ok(encoder)
    }

    /// Writes the encoder to a file, as JSON: beside the model that was trained with it.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        // Written beside and renamed, so that it is never half a file.
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        fs::write(&beside, self.to_json()?)
            .and_then(|()| fs::rename(&beside, path))
            .map_err(|e| Error::io(path.display(), e))
    }

    /// The encoder in a file.
    ///
    /// # Errors
    /// Where the file cannot be read, or holds something else.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(|e| Error::io(path.display(), e))?;
        Self::from_json(&text).map_err(|e| Error::Data(format!("{}: {e}", path.display())))
    }
}

/// Numbers from which the mean is taken, in standard deviations.
fn scaled(numbers: Tensor, scale: Option<(f64, f64)>) -> Tensor {
    match scale {
        None => numbers,
        Some((mean, deviation)) => numbers.map(move |x| ((f64::from(x) - mean) / deviation) as f32),
    }
}

/// A column of words as ones and zeros, for these words; others are `unknown`.
fn one_hot(
    table: &Table,
    index: usize,
    words: &[String],
    unknown: &mut Vec<Unknown>,
) -> Result<Tensor> {
    let (codes, found) = table.codes(index)?;
    let places: Vec<Option<usize>> =
        found.iter().map(|word| words.binary_search(word).ok()).collect();
    let mut tensor = Tensor::try_full(&[table.len(), words.len()], 0.0)?;
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    let hot = tensor.as_mut_slice().chunks_exact_mut(words.len().max(1)).zip(codes.as_slice());
    for (row, code) in hot {
        match places[*code as usize] {
            Some(place) => row[place] = 1.0,
            None => *rows.entry(&found[*code as usize]).or_default() += 1,
        }
    }
    let column = table.names()[index].clone();
    unknown.extend(rows.into_iter().map(|(word, rows)| Unknown {
        column: column.clone(),
        word: word.to_owned(),
        rows,
    }));
    Ok(tensor)
}
