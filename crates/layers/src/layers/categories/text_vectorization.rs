//! TextVectorization: the words of texts, and their numbers.

use ceratops_core::{Context, Error, Gradients, Layer, Result, Rng, Samples, Shape, Tensor, Text};
use serde::{Deserialize, Serialize};

use super::{
    OutputMode, nothing, shape_of,
    table::{Counting, Table},
};

/// The numbers of the words of a text: of letters in lower case without punctuation, 0 where a text has ended,
/// 1 for unknown words, from 2 on those of the vocabulary; or another form of the same.
///
/// From (batch) or (batch, 1) to (batch, length): `output_sequence_length`, or that of the longest text at hand.
///
/// ```
/// use ceratops_layers::{Input, TextVectorization, sequential};
///
/// let mut words = TextVectorization::new().output_sequence_length(4);
/// words.adapt(["The cat sat.", "The dog sat!"])?;
/// assert_eq!(words.get_vocabulary(), ["", "[UNK]", "the", "sat", "dog", "cat"]);
/// let model = sequential![Input::text([1]), words]?;
/// assert_eq!(model.predict(["the bird sat"])?, [[2.0, 1.0, 3.0, 0.0]].into());
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, `keras.layers.TextVectorization`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct TextVectorization {
    /// The most numbers that there are; as many as are found, if it is not said.
    pub max_tokens: Option<usize>,
    /// What is done to the letters first.
    pub standardize: Option<Standardize>,
    /// Where a text is cut; `None` where its words come one by one.
    pub split: Option<Split>,
    /// Which groups of neighbouring words count as words, too.
    pub ngrams: Option<Ngrams>,
    /// In what form the numbers come out.
    pub output_mode: OutputMode,
    /// How many numbers a text has: the rest is cut off, what is missing is 0.
    pub output_sequence_length: Option<usize>,
    /// Whether other forms than `Int` have `max_tokens` places, whatever is found.
    pub pad_to_max_tokens: bool,
    /// Whether Keras keeps the output in a form that leaves out zeros; here it is never so.
    pub sparse: bool,
    /// Whether texts keep lengths of their own, which is not known here.
    pub ragged: bool,
    /// The words that are known.
    pub vocabulary: Option<Vec<String>>,
    /// The weights of the vocabulary's words, for `TfIdf`.
    pub idf_weights: Option<Vec<f64>>,
    /// How strings are written; always as UTF-8.
    pub encoding: String,
    /// How many numbers there are.
    pub vocabulary_size: Option<usize>,
    #[serde(skip)]
    special: Special,
    #[serde(skip)]
    table: Option<Table<String>>,
}

/// The words that stand in front of the vocabulary.
#[derive(Debug, Clone)]
struct Special {
    mask: String,
    unknown: String,
}

impl Default for Special {
    fn default() -> Self {
        Self { mask: String::new(), unknown: "[UNK]".into() }
    }
}

/// What is done to the letters of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standardize {
    /// A to Z become a to z, and ASCII punctuation goes.
    LowerAndStripPunctuation,
    /// A to Z become a to z.
    Lower,
    /// ASCII punctuation goes.
    StripPunctuation,
}

/// Where a text is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// At white space.
    Whitespace,
    /// At every character.
    Character,
}

/// Which groups of neighbouring words count: up to so many, or of these sizes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected an integer or a list of them")]
pub enum Ngrams {
    /// From 1 to this many.
    UpTo(usize),
    /// Of these sizes.
    Sizes(Vec<usize>),
}

impl Default for TextVectorization {
    fn default() -> Self {
        Self {
            max_tokens: None,
            standardize: Some(Standardize::LowerAndStripPunctuation),
            split: Some(Split::Whitespace),
            ngrams: None,
            output_mode: OutputMode::Int,
            output_sequence_length: None,
            pad_to_max_tokens: false,
            sparse: false,
            ragged: false,
            vocabulary: None,
            idf_weights: None,
            encoding: "utf-8".into(),
            vocabulary_size: None,
            special: Special::default(),
            table: None,
        }
    }
}

impl TextVectorization {
    /// The layer with Keras' defaults, to be given a vocabulary, or to be adapted.
    pub fn new() -> Self {
        Self::default()
    }

    builders! { output_mode max_tokens pad_to_max_tokens }

    /// Gives the vocabulary.
    #[must_use]
    pub fn vocabulary(mut self, vocabulary: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.vocabulary = Some(vocabulary.into_iter().map(Into::into).collect());
        self.vocabulary_size = self.counting().size();
        self
    }

    /// Gives the weight of each word of the vocabulary, for `OutputMode::TfIdf`.
    #[must_use]
    pub fn idf_weights(self, idf_weights: impl Into<Vec<f64>>) -> Self {
        Self { idf_weights: Some(idf_weights.into()), ..self }
    }

    /// Sets what is done to the letters first.
    #[must_use]
    pub fn standardize(self, standardize: impl Into<Option<Standardize>>) -> Self {
        Self { standardize: standardize.into(), ..self }
    }

    /// Sets where a text is cut.
    #[must_use]
    pub fn split(self, split: impl Into<Option<Split>>) -> Self {
        Self { split: split.into(), ..self }
    }

    /// Counts groups of neighbouring words as words, too.
    #[must_use]
    pub fn ngrams(self, ngrams: Ngrams) -> Self {
        Self { ngrams: Some(ngrams), ..self }
    }

    /// Gives every text so many numbers.
    #[must_use]
    pub fn output_sequence_length(self, output_sequence_length: usize) -> Self {
        Self { output_sequence_length: Some(output_sequence_length), ..self }
    }

    /// The words in the order of their numbers; none before there is a vocabulary.
    pub fn get_vocabulary(&self) -> Vec<String> {
        let counting = self.counting();
        if counting.size().is_none() {
            return Vec::new();
        }
        let mask = (self.output_mode == OutputMode::Int).then(|| self.special.mask.clone());
        let special = mask.into_iter().chain([self.special.unknown.clone()]);
        special.chain(counting.tokens().iter().cloned()).collect()
    }

    /// Takes the words of some texts for its vocabulary, the commonest first, in place of earlier ones; of those
    /// that come as often, the later in the alphabet, as Keras has it.
    ///
    /// # Errors
    /// Without words.
    pub fn adapt(&mut self, samples: impl Into<Samples>) -> Result<()> {
        let samples = samples.into();
        let texts = self.words(&samples.read(0..samples.len())?)?;
        let (words, weights) = self.counting().found(texts.iter().map(Vec::as_slice))?;
        self.vocabulary = Some(words);
        self.idf_weights = weights;
        self.vocabulary_size = self.counting().size();
        self.table = Some(self.counting().table());
        Ok(())
    }

    fn counting(&self) -> Counting<'_, String> {
        Counting {
            max_tokens: self.max_tokens,
            num_oov_indices: 1,
            mask_token: Some(&self.special.mask),
            oov_token: Some(&self.special.unknown),
            output_mode: self.output_mode,
            pad_to_max_tokens: self.pad_to_max_tokens,
            vocabulary: self.vocabulary.as_deref(),
            idf_weights: self.idf_weights.as_deref(),
        }
    }

    /// The words of each text.
    fn words(&self, x: &Tensor) -> Result<Vec<Vec<String>>> {
        let text = Text::of(x)?;
        let strings = text.strings().iter().map(|string| self.standardized(string));
        let words: Vec<Vec<String>> = match self.split {
            Some(Split::Whitespace) => {
                let white = |c: char| c.is_ascii_whitespace() || c == '\u{b}';
                let cut =
                    |s: String| s.split(white).filter(|w| !w.is_empty()).map(Into::into).collect();
                strings.map(cut).collect()
            }
            Some(Split::Character) => {
                strings.map(|string| string.chars().map(String::from).collect()).collect()
            }
            None => {
                let strings: Vec<String> = strings.collect();
                let each = shape_of(x).get(1).copied().unwrap_or(1).max(1);
                strings.chunks(each).map(<[String]>::to_vec).collect()
            }
        };
        Ok(match &self.ngrams {
            None => words,
            Some(ngrams) => words.iter().map(|words| ngrams.of(words)).collect(),
        })
    }

    fn standardized(&self, string: &str) -> String {
        let lower = matches!(
            self.standardize,
            Some(Standardize::LowerAndStripPunctuation | Standardize::Lower)
        );
        let strip = matches!(
            self.standardize,
            Some(Standardize::LowerAndStripPunctuation | Standardize::StripPunctuation)
        );
        let kept = string.chars().filter(|c| !(strip && c.is_ascii_punctuation()));
        kept.map(|c| if lower { c.to_ascii_lowercase() } else { c }).collect()
    }

    /// The numbers of the words, as long as the output is.
    fn sequences(&self, texts: &[Vec<String>], table: &Table<String>) -> Result<Tensor> {
        let longest = || texts.iter().map(Vec::len).max().unwrap_or(0);
        let len = self.output_sequence_length.unwrap_or_else(longest);
        let mut y = Tensor::zeros(&[texts.len(), len]);
        for (row, words) in y.as_mut_slice().chunks_mut(len.max(1)).zip(texts) {
            for (place, word) in row.iter_mut().zip(words) {
                let number = self.counting().number(table, word, |_| 0)?;
                *place = number.unwrap_or(0) as f32;
            }
        }
        Ok(y)
    }
}

impl Ngrams {
    /// The groups of neighbouring words, size by size.
    fn of(&self, words: &[String]) -> Vec<String> {
        let sizes = match self {
            Self::UpTo(most) => (1..=*most).collect(),
            Self::Sizes(sizes) => sizes.clone(),
        };
        let sizes = sizes.into_iter().filter(|size| (1..=words.len()).contains(size));
        sizes.flat_map(|size| words.windows(size).map(|group| group.join(" "))).collect()
    }
}

impl Layer for TextVectorization {
    const CLASS_NAME: &'static str = "TextVectorization";
    const READS_TEXT: bool = true;
    /// The shape of the input.
    type Saved = Vec<usize>;

    fn validate(&self) -> Result<()> {
        if self.ragged {
            return Err(Error::argument("ragged", "false: texts are filled up with 0", true));
        }
        if self.output_sequence_length.is_some_and(|len| len > 1 << 24) {
            let found = self.output_sequence_length.unwrap_or_default();
            return Err(Error::argument("output_sequence_length", "at most 16,777,216", found));
        }
        if self.output_mode != OutputMode::Int && self.output_sequence_length.is_some() {
            let expected = "None, as `output_mode` is not \"int\"";
            return Err(Error::argument("output_sequence_length", expected, "a length"));
        }
        self.counting().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        if !input.is_text() {
            let help = "let the input be an Input::text";
            return Err(Error::argument("input", "texts", format!("numbers of shape {input}"))
                .with_help(help));
        }
        let fits = match (self.split, input.axes()) {
            (Some(_), [_, len]) => len.is_none_or(|len| len == 1),
            (_, [_]) | (None, [_, _]) => true,
            _ => false,
        };
        if !fits {
            let help = "give each sample one text, or set split to None";
            return Err(super::super::shape_error(input, "(batch, 1)", help));
        }
        let batch = input.axes().first().copied().flatten();
        Ok(match self.output_mode {
            OutputMode::Int => Shape::from([batch, self.output_sequence_length]),
            OutputMode::OneHot => Shape::from([batch, None, self.counting().depth()]),
            _ => Shape::from([batch, self.counting().depth()]),
        })
    }

    fn build(&mut self, _: &Shape, _: &mut Rng) -> Result<()> {
        self.table = self.vocabulary.is_some().then(|| self.counting().table());
        Ok(())
    }

    fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<usize>>)> {
        let (Some(table), Some(depth)) = (&self.table, self.counting().depth().or(Some(0))) else {
            let message =
                "the layer has no vocabulary yet: give it one, or call adapt with some texts";
            return Err(Error::Model(message.into()));
        };
        let texts = self.words(&x)?;
        let saved = cx.save(|| x.shape().to_vec());
        if self.output_mode == OutputMode::Int {
            return Ok((self.sequences(&texts, table)?, saved));
        }
        // As numbers of one length, in which those behind the end count nowhere.
        let len = texts.iter().map(Vec::len).max().unwrap_or(0);
        let mut numbers = vec![None; texts.len() * len];
        for (row, words) in numbers.chunks_mut(len.max(1)).zip(&texts) {
            for (place, word) in row.iter_mut().zip(words) {
                *place = self.counting().number(table, word, |_| 0)?;
            }
        }
        let weights = Some(&table.weights[..]);
        if len == 0 {
            return Ok((Tensor::zeros(&[texts.len(), depth]), saved));
        }
        Ok((self.output_mode.encode(&numbers, &[texts.len(), len], depth, weights)?, saved))
    }

    /// The longest text of all says how long the output is, unless it is said.
    fn couples_samples(&self) -> bool {
        self.output_mode == OutputMode::Int && self.output_sequence_length.is_none()
    }

    fn couples_always(&self) -> bool {
        self.couples_samples()
    }

    fn backward(
        &self,
        shape: Vec<usize>,
        _: Tensor,
        _: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        Ok(nothing(&shape))
    }
}
