//! Attention: what a query makes of the values whose keys are like it.

mod additive_attention;
mod dot_attention;
mod grouped_query_attention;
mod heads;
mod keep;
mod multi_head;
mod multi_head_attention;
mod pairs;
mod places;
mod projection;

use ceratops_core::{Error, Result};

use crate::{KerasTensor, SharedLayer};

pub use self::{
    additive_attention::AdditiveAttention,
    dot_attention::{Attention, ScoreMode},
    grouped_query_attention::GroupQueryAttention,
    multi_head_attention::MultiHeadAttention,
};

/// The arguments of a call that attention takes besides its inputs.
const SCORES: &str = "return_attention_scores";
const CAUSAL: &str = "use_causal_mask";
const PAIRS: &str = "attention_mask";

/// The methods that give a call of a layer the arguments of these names.
macro_rules! calls {
    ($($name:ident)*) => { $(calls!(@ $name);)* };
    (@ use_causal_mask) => {
        /// Lets no query of the next call look at a later key, or lets it (the default).
        #[must_use]
        pub fn use_causal_mask(self, use_causal_mask: bool) -> $crate::SharedLayer {
            $crate::CallLayer::shared(self).use_causal_mask(use_causal_mask)
        }
    };
    (@ return_attention_scores) => {
        /// Lets the next call put out the scores, too, as its second output, or not (the default); call it
        /// with `call_all`.
        #[must_use]
        pub fn return_attention_scores(self, returned: bool) -> $crate::SharedLayer {
            $crate::CallLayer::shared(self).return_attention_scores(returned)
        }
    };
    (@ attention_mask) => {
        /// Lets the queries of the next call look only at those keys for which `mask`, (batch, T, S), is
        /// not 0.
        #[must_use]
        pub fn attention_mask(self, mask: &$crate::KerasTensor) -> $crate::SharedLayer {
            $crate::CallLayer::shared(self).attention_mask(mask)
        }
    };
}
use calls;

impl SharedLayer {
    /// The same layer, in whose calls no query looks at a later key: an argument of attention.
    #[must_use]
    pub fn use_causal_mask(self, use_causal_mask: bool) -> Self {
        self.argument(CAUSAL, use_causal_mask)
    }

    /// The same layer, whose calls put out the scores, too, as their second output: an argument of
    /// attention.
    #[must_use]
    pub fn return_attention_scores(self, returned: bool) -> Self {
        self.argument(SCORES, returned)
    }

    /// The same layer, in whose calls the queries look only at those keys for which `mask`, (batch, T, S),
    /// is not 0: an argument of attention.
    #[must_use]
    pub fn attention_mask(self, mask: &KerasTensor) -> Self {
        self.tensor_argument(PAIRS, mask)
    }
}

/// The weights, or an error before the layer is built.
fn made<T>(weights: Option<&T>) -> Result<&T> {
    weights
        .ok_or_else(|| Error::Model("the layer has no weights yet; give the model an Input".into()))
}

/// Refuses numbers that are 0, or whose products do not fit.
fn check_sizes(sizes: [(&'static str, usize); 3]) -> Result<()> {
    if let Some((name, size)) = sizes.into_iter().find(|(_, size)| *size == 0) {
        return Err(Error::argument(name, "a positive integer", size));
    }
    let product = sizes.iter().map(|(_, size)| *size).try_fold(1usize, usize::checked_mul);
    match product.filter(|product| *product < isize::MAX.unsigned_abs()) {
        Some(_) => Ok(()),
        None => {
            let (name, size) = sizes[1];
            Err(Error::argument(name, "a size that fits in memory", size))
        }
    }
}

/// Refuses a share that is none.
fn check_dropout(dropout: f64) -> Result<()> {
    match (0.0..=1.0).contains(&dropout) {
        true => Ok(()),
        false => Err(Error::argument("dropout", "a number from 0 to 1", dropout)),
    }
}

/// The inputs query and value, and the key if there is one.
fn query_value_key<T>(inputs: &[T]) -> Result<(&T, &T, Option<&T>)> {
    match inputs {
        [query, value] => Ok((query, value, None)),
        [query, value, key] => Ok((query, value, Some(key))),
        _ => {
            let found = match inputs.len() {
                1 => "one tensor".to_owned(),
                count => format!("{count} tensors"),
            };
            let help = "call it with [&query, &value] or [&query, &value, &key]; for self-attention \
                        with [&x, &x]";
            Err(Error::argument("inputs", "query and value, or query, value and key", found)
                .with_help(help))
        }
    }
}
