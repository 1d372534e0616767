//! Table: which number a token has.

use std::{collections::HashMap, fmt, hash::Hash};

use ceratops_core::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize};

use super::{OutputMode, farm_hash::fingerprint, sip_hash::sip_hash};

/// What makes hashes other than they are for everyone: two numbers; one stands for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Salt(pub [u64; 2]);

impl From<u64> for Salt {
    fn from(number: u64) -> Self {
        Self([number; 2])
    }
}

impl From<[u64; 2]> for Salt {
    fn from(numbers: [u64; 2]) -> Self {
        Self(numbers)
    }
}

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected an integer or a list of two")]
        enum Form {
            One(u64),
            Two([u64; 2]),
        }
        Ok(match Form::deserialize(from)? {
            Form::One(number) => number.into(),
            Form::Two(numbers) => Self(numbers),
        })
    }
}

/// The bin of a text, of which there are so many.
pub(super) fn bin(text: &str, bins: u64, salt: Option<Salt>) -> usize {
    let hash = match salt {
        Some(Salt(key)) => sip_hash(key, text.as_bytes()),
        None => fingerprint(text.as_bytes()),
    };
    usize::try_from(hash % bins.max(1)).unwrap_or(0)
}

/// The arguments of a lookup that say how its numbers are counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counting<'a, T> {
    pub(super) max_tokens: Option<usize>,
    pub(super) num_oov_indices: usize,
    pub(super) mask_token: Option<&'a T>,
    pub(super) oov_token: Option<&'a T>,
    pub(super) output_mode: OutputMode,
    pub(super) pad_to_max_tokens: bool,
    pub(super) vocabulary: Option<&'a [T]>,
    pub(super) idf_weights: Option<&'a [f64]>,
}

/// The most tokens: more have numbers that f32 does not hold.
const MOST: usize = 1 << 24;

impl<'a, T: Clone + Eq + Hash + Ord + fmt::Debug> Counting<'a, T> {
    pub(super) fn validate(&self) -> Result<()> {
        if self.max_tokens.is_some_and(|most| !(2..=MOST).contains(&most)) {
            let found = self.max_tokens.unwrap_or_default();
            return Err(Error::argument("max_tokens", format!("2 to {MOST}, or None"), found));
        }
        if self.num_oov_indices > MOST {
            let found = self.num_oov_indices;
            return Err(Error::argument("num_oov_indices", format!("at most {MOST}"), found));
        }
        if self.pad_to_max_tokens && self.max_tokens.is_none() {
            return Err(Error::argument("max_tokens", "a number to pad to", "None"));
        }
        if self.idf_weights.is_some() && self.output_mode != OutputMode::TfIdf {
            let expected = "None, as `output_mode` is not \"tf_idf\"";
            return Err(Error::argument("idf_weights", expected, "weights"));
        }
        let Some(vocabulary) = self.vocabulary else { return Ok(()) };
        if vocabulary.is_empty() {
            return Err(Error::argument("vocabulary", "at least one token", "none"));
        }
        let tokens = self.tokens();
        let size = self.first() + tokens.len();
        if size > self.max_tokens.unwrap_or(MOST) {
            let expected = format!("at most {} tokens", self.max_tokens.unwrap_or(MOST));
            return Err(Error::argument("vocabulary", expected, size));
        }
        let mut seen = std::collections::HashSet::new();
        let odd = tokens.iter().find(|t| !seen.insert(*t) || Some(*t) == self.mask_token);
        if let Some(token) = odd {
            let expected = "each token once, and the mask token at the front or not at all";
            return Err(Error::argument("vocabulary", expected, format!("{token:?}")));
        }
        match (self.output_mode, self.idf_weights) {
            (OutputMode::TfIdf, None) => {
                Err(Error::argument("idf_weights", "one for each token", "None"))
            }
            (_, Some(weights)) if weights.len() != vocabulary.len() => {
                let expected = format!("{}, one for each token", vocabulary.len());
                Err(Error::argument("idf_weights", expected, weights.len()))
            }
            _ => Ok(()),
        }
    }

    /// The number of the first token that is in no vocabulary.
    fn unknown(&self) -> usize {
        usize::from(self.mask_token.is_some() && self.output_mode == OutputMode::Int)
    }

    /// The number of the first token of the vocabulary.
    pub(super) fn first(&self) -> usize {
        self.unknown() + self.num_oov_indices
    }

    /// Whether the vocabulary begins with the mask token and those for unknown ones.
    fn begins_with_special(&self) -> bool {
        let mask = std::iter::repeat_n(self.mask_token, self.unknown());
        let special = mask.chain(std::iter::repeat_n(self.oov_token, self.num_oov_indices));
        let own = self.vocabulary.unwrap_or_default();
        own.len() >= self.first() && special.zip(own).all(|(special, own)| special == Some(own))
    }

    /// The vocabulary without mask and unknown tokens.
    pub(super) fn tokens(&self) -> &'a [T] {
        let own = self.vocabulary.unwrap_or_default();
        if self.begins_with_special() { &own[self.first()..] } else { own }
    }

    /// How many numbers there are; nothing before there is a vocabulary.
    pub(super) fn size(&self) -> Option<usize> {
        self.vocabulary.map(|_| self.first() + self.tokens().len())
    }

    /// How many places an encoded token has.
    pub(super) fn depth(&self) -> Option<usize> {
        if self.pad_to_max_tokens { self.max_tokens } else { self.size() }
    }

    pub(super) fn table(&self) -> Table<T> {
        let first = self.first();
        let numbered = self.tokens().iter().cloned().zip(first..).collect();
        Table { numbers: numbered, weights: self.weights() }
    }

    /// The weight of each number: of unknown tokens the mean.
    fn weights(&self) -> Vec<f32> {
        let Some(own) = self.idf_weights else { return Vec::new() };
        let ahead = if self.begins_with_special() { 0 } else { self.first() };
        let mean = own.iter().sum::<f64>() / own.len().max(1) as f64;
        let all = std::iter::repeat_n(mean, ahead).chain(own.iter().copied());
        all.map(|weight| weight as f32).collect()
    }

    /// The number of a token; none if it is masked and numbers are not what is wanted. `among` says which of
    /// several numbers an unknown one has.
    pub(super) fn number(
        &self,
        table: &Table<T>,
        token: &T,
        among: impl Fn(u64) -> usize,
    ) -> Result<Option<usize>> {
        if Some(token) == self.mask_token {
            return Ok((self.output_mode == OutputMode::Int).then_some(0));
        }
        if let Some(number) = table.numbers.get(token) {
            return Ok(Some(*number));
        }
        match self.num_oov_indices {
            0 => Err(Error::argument("x", "tokens of the vocabulary", format!("{token:?}"))
                .with_help("give num_oov_indices a number above 0")),
            1 => Ok(Some(self.unknown())),
            several => Ok(Some(self.unknown() + among(several as u64))),
        }
    }

    /// The tokens of some documents, the commonest first, with the weights of TfIdf.
    pub(super) fn found<'d>(
        &self,
        documents: impl Iterator<Item = &'d [T]>,
    ) -> Result<(Vec<T>, Option<Vec<f64>>)>
    where
        T: 'd,
    {
        // How often each comes, in how many documents, and the last of them.
        let mut counts: HashMap<&T, (u64, u64, usize)> = HashMap::new();
        let mut documents_seen = 0;
        for (index, document) in documents.enumerate() {
            documents_seen += 1;
            for token in document {
                let count = counts.entry(token).or_insert((0, 0, usize::MAX));
                count.0 += 1;
                count.1 += u64::from(count.2 != index);
                count.2 = index;
            }
        }
        let special = [self.mask_token, self.oov_token];
        counts.retain(|token, _| !special.contains(&Some(*token)));
        let mut found: Vec<_> = counts.into_iter().collect();
        found.sort_unstable_by(|(a, x), (b, y)| (y.0, b).cmp(&(x.0, a)));
        if let Some(most) = self.max_tokens {
            found.truncate(most.saturating_sub(self.first()));
        }
        if found.is_empty() {
            return Err(Error::Data("cannot adapt to no tokens".into()));
        }
        let rarity =
            |of: &u64| f64::from((1.0 + documents_seen as f64 / (1.0 + *of as f64)).ln() as f32);
        let weights = found.iter().map(|(_, (_, of, _))| rarity(of)).collect();
        let tokens = found.into_iter().map(|(token, _)| token.clone()).collect();
        Ok((tokens, (self.output_mode == OutputMode::TfIdf).then_some(weights)))
    }
}

/// The number of each token, and the weight of each number.
#[derive(Debug, Clone, Default)]
pub(super) struct Table<T> {
    numbers: HashMap<T, usize>,
    pub(super) weights: Vec<f32>,
}
