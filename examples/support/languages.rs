//! Words of five languages, for the examples `words` and `transformer`.

use ceratops::prelude::*;

pub(crate) const LANGUAGES: [&str; 5] = ["english", "french", "german", "italian", "spanish"];
/// The longest words have as many letters; shorter ones end in zeros, which are masked.
pub(crate) const LETTERS: usize = 12;
/// The alphabet, and 0 for no letter.
pub(crate) const IDS: usize = 27;

/// Words with the number of their language.
#[derive(Default)]
pub(crate) struct Words {
    pub(crate) words: Vec<String>,
    pub(crate) languages: Vec<usize>,
}

/// The words to learn from, and those to be tested with: every fifth of each language.
pub(crate) fn words() -> Result<(Words, Words)> {
    let (mut train, mut test) = (Words::default(), Words::default());
    for (language, name) in LANGUAGES.into_iter().enumerate() {
        let path = format!("{}/examples/data/words/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).map_err(|e| Error::io(path, e))?;
        for (i, word) in text.lines().enumerate() {
            let to = if i % 5 == 4 { &mut test } else { &mut train };
            to.words.push(word.to_owned());
            to.languages.push(language);
        }
    }
    Ok((train, test))
}

impl Words {
    /// For each word the ids of its letters: a is 1, z is 26.
    pub(crate) fn x(&self) -> Tensor {
        let id =
            |letter: u8| f32::from(letter.to_ascii_lowercase().saturating_sub(b'a' - 1).min(26));
        let mut x = Tensor::zeros(&[self.words.len(), LETTERS]);
        for (row, word) in x.as_mut_slice().chunks_exact_mut(LETTERS).zip(&self.words) {
            let letters = word.bytes().filter(u8::is_ascii_alphabetic).map(id);
            row.iter_mut().zip(letters).for_each(|(x, id)| *x = id);
        }
        x
    }

    pub(crate) fn y(&self) -> Tensor {
        self.languages.iter().map(|&language| language as f32).collect::<Vec<_>>().into()
    }
}
